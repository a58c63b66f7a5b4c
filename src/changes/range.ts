import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** What `--since` asks for, before git was asked. */
export type SinceRequest =
  | { readonly kind: "parent" }
  | { readonly kind: "all" }
  | { readonly kind: "published" }
  | { readonly kind: "range"; readonly text: string; readonly from: string; readonly to: string };

/** Reads `REF`, `A..B`, `all` or `published` (B11). Throws `RefusedError` for what is none of them. */
export function parseSince(text: string | undefined): SinceRequest {
  if (text === undefined) return { kind: "parent" };
  if (text === "all" || text === "published") return { kind: text };
  if (text.includes("...")) throw new RefusedError([symmetric(text)]);
  const [from = "", to = "HEAD", ...more] = text.split("..");
  const parts = [from, to === "" ? "HEAD" : to];
  if (more.length > 0 || parts.some((each) => each === "" || each.startsWith("-") || /[\s\0]/.test(each)))
    throw new RefusedError([unreadable(text)]);
  return { kind: "range", text: `${from}..${parts[1]}`, from, to: parts[1] ?? "HEAD" };
}

/** CI systems give forty zeros for "before" when a branch is new. */
export const isNoCommit = (revision: string): boolean => /^0{40,64}$/.test(revision);

const symmetric = (text: string) =>
  error("bad-range", `${JSON.stringify(text)} is a symmetric range; a start and an end are expected`, {
    help: `write --since ${text.replace("...", "..")}, or --since "$(git merge-base ${text.split("...").join(" ")})"`,
  });

const unreadable = (text: string) =>
  error("bad-range", `${JSON.stringify(text)} is not a range of commits`, {
    help: "write --since REF, --since A..B, --since published or --since all",
  });
