import { printableLine } from "../../diagnostics/printable.ts";
import { diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { SignedImage } from "../../run/sign.ts";

/** One line for each image, and why one is not signed below it. */
export const signedText = (images: readonly SignedImage[], style: Style): string =>
  images.map((each) => `${headline(each, style)}\n${reasons(each)}`).join("");

function headline({ reference, digest, signed, verdict }: SignedImage, style: Style): string {
  if (signed) return `${style.green("signed    ")}  ${style.bold(printableLine(reference))}  ${digest ?? ""}`;
  return `${style.red("not signed")}  ${style.bold(printableLine(reference))}  ${verdict}`;
}

const reasons = ({ signed, problems }: SignedImage): string =>
  signed
    ? ""
    : problems
        .filter(({ severity }) => severity === "error")
        .flatMap(({ message, notes }) => [`  ${message}`, ...notes.map((each) => `    ${each.message}`)])
        .map((line) => `${line.replace(/\S.*/, printableLine)}\n`)
        .join("");

export const signedDocument = (images: readonly SignedImage[]): object => ({
  formatVersion: 1,
  images: images.map(({ problems, ...rest }) => ({ ...rest, problems: problems.map(diagnosticDocument) })),
});
