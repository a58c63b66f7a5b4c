import { printableLine } from "../../diagnostics/printable.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { ImagesDocument } from "../../status/images-document.ts";
import { rolledBackText } from "./status.ts";
import { minutes, shortDigest, table } from "./table.ts";

/** One row for each image-version, why a withdrawn one is, and whether there may be more than these. */
export function imagesText({ images, complete }: ImagesDocument, style: Style): string {
  if (images.length === 0) return complete ? "nothing is published\n" : "it is not known what is published\n";
  return `${rowsText(images, style)}${complete ? "" : "there may be more: the registry did not tell of every image\n"}`;
}

function rowsText(images: ImagesDocument["images"], style: Style): string {
  const rows = images.map((each) => [
    `${each.image} ${each.version}`,
    each.reference,
    shortDigest(each.digest),
    minutes(each.since),
    each.compat ?? "",
    each.withdrawn ? { text: "withdrawn", paint: style.red } : (each.description ?? ""),
  ]);
  const lines = table(["IMAGE", "REFERENCE", "DIGEST", "SINCE (UTC)", "INTERFACE", "DESCRIPTION"], rows, style)
    .trimEnd()
    .split("\n");
  return lines.map((line, at) => `${line.trimEnd()}\n${below(images[at - 1])}`).join("");
}

function below(image: ImagesDocument["images"][number] | undefined): string {
  const copies = (image?.copies ?? [])
    .map(({ reference, state }) => `  also ${printableLine(reference)}${state === "current" ? "" : ` (${state})`}\n`)
    .join("");
  const tags = (image?.tags ?? []).map((each) => `  also ${printableLine(each)}\n`).join("");
  return `${withdrawn(image)}${tags}${copies}`;
}

function withdrawn(image: ImagesDocument["images"][number] | undefined): string {
  const back = image?.rolledBack === undefined ? "" : `  ${printableLine(rolledBackText(image.rolledBack))}\n`;
  if (image?.withdrawn === undefined) return back;
  const { reason, replacement } = image.withdrawn;
  return `${back}  withdrawn: ${printableLine(reason)}${replacement === undefined ? "" : ` (use ${printableLine(replacement)})`}\n`;
}
