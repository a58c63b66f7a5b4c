import { type Diagnostic, problem, type Severity } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { NeededFile } from "../dockerfile/context-sources.ts";
import { type Untracked, whyLeftOut } from "./left-out.ts";
import type { SourceText } from "./model.ts";
import { type BrokenLink, type ContextFolders, matchSource, resolveSource } from "./resolve-source.ts";

/** Where a source is looked for, and what is said of it. */
interface Search {
  /** Of one build. */
  readonly folders: ContextFolders;
  readonly untracked: Untracked;
  /** Directory of the layer whose instruction it is. */
  readonly directory: string;
  /** Where problems are shown, in place of the source itself. */
  readonly at?: { readonly file: SourceText; readonly range: Range; readonly notes: Diagnostic["notes"] };
}

/** What is wrong of one source: an error where no build can go well, a warning where one copies nothing. */
export function sourceProblem(source: NeededFile, file: SourceText, search: Search): Diagnostic | undefined {
  const found = source.isPattern ? patternFinding(source, search) : pathFinding(source.path, source, search);
  if (found === undefined) return undefined;
  const { severity, code, message, help } = found;
  const { at } = search;
  const place = at ? locate(at.file.path, at.file.text, at.range) : locate(file.path, file.text, source.range);
  return problem(severity, code, message, { ...place, help, ...(at && { notes: at.notes }) });
}

interface Finding {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

function pathFinding(path: string, source: NeededFile, search: Search): Finding | undefined {
  if (path === "") return undefined;
  const resolved = resolveSource(search.folders, path);
  if (!("layers" in resolved)) return notThere(path, resolved, source, search);
  const why = whyLeftOut(search.folders, resolved, search.untracked);
  if (why === undefined) return undefined;
  const { message, help, isEmptied } = why;
  return { severity: isEmptied ? "warning" : "error", code: "missing-source", message, help };
}

function notThere(
  path: string,
  { link }: { readonly link?: BrokenLink },
  { written }: Pick<NeededFile, "written">,
  { directory, folders }: Search,
): Finding {
  const others = folders.layers.map((each) => each.directory).filter((each) => each !== directory);
  if (link) return brokenLink(link, directory);
  const climbs = /(^|\/)\.\.(\/|$)/.test(written);
  return {
    severity: "error",
    code: "missing-source",
    message: climbs
      ? `${written} is ${path} of the build context, which begins at ${directory}, and that is not there`
      : `${path} is not in ${[directory, ...others].join(", nor in ")}`,
    help: climbs
      ? `a build sees nothing outside of its folder: put it into ${directory}`
      : "add it, or take it out of the instruction",
  };
}

const brokenLink = ({ path, target, isOutside }: BrokenLink, directory: string): Finding => ({
  severity: "error",
  code: "link-outside",
  message: `${path} is a link to ${target}, ${isOutside ? `which is outside of ${directory}` : "which is not there"}`,
  help: "put the file itself there: a build sees nothing outside of its folder, and a change there would go unseen",
});

function patternFinding(source: NeededFile, search: Search): Finding | undefined {
  const { path, written, alone } = source;
  const matched = matchSource(search.folders, path);
  if (matched === undefined)
    return {
      severity: "error",
      code: "bad-source-pattern",
      message: `${written} is not a pattern`,
      help: "close its brackets, or write [[] for a bracket itself",
    };
  if ("folder" in matched) return notThere(matched.folder, matched.resolved, source, search);
  const found = matched.paths.map((each) => pathFinding(each, source, search));
  const broken = found.find((each) => each?.code === "link-outside");
  if (broken !== undefined || !alone || isOptional(path)) return broken;
  return found.includes(undefined) ? undefined : nothingCopied(written, search.directory, found);
}

/** `poetry.lock*` and `requirements.tx[t]` are ways to copy a file where there is one. */
const isOptional = (path: string): boolean => /^[^*?[]*\.[\w-]+\*$/.test(path) || /\[\^?.\]/.test(path);

function nothingCopied(written: string, directory: string, left: readonly (Finding | undefined)[]): Finding {
  const why = left[0] === undefined ? "" : ` that builds get (${left[0].message})`;
  return {
    severity: "warning",
    code: "missing-source",
    message: `${written} matches nothing in ${directory}${why}, so that nothing is copied`,
    help: "add what it is to match, or take it out of the instruction",
  };
}
