import { loadCatalogue } from "../catalogue/load.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { openRepository, readHead } from "../git/repository.ts";
import { scaffoldCompat } from "../scaffold/compat.ts";
import { readSourceFolder } from "../scaffold/folder.ts";
import { scaffoldFromDirectory } from "../scaffold/from-directory.ts";
import { changeInPlace } from "../scaffold/in-place.ts";
import { fromQuestion, missing, type Question, wrongBase, wrongName, wrongVersion } from "../scaffold/missing.ts";
import type { CompatRequest, InPlaceRequest, Scaffold, ScienceRequest } from "../scaffold/model.ts";
import { scaffoldScience } from "../scaffold/science.ts";
import { writeScaffold } from "../scaffold/write.ts";
import { check } from "./check.ts";
import { isNoCatalogue, type Session } from "./session.ts";

/** A layer to start; `in-place` gives one that is there a new version. */
export type NewRequest =
  | ({ readonly kind: "science" } & ScienceRequest)
  /** `fromDirectory`: absolute path of a folder with a Dockerfile. */
  | ({ readonly kind: "from-directory"; readonly fromDirectory: string } & ScienceRequest)
  | ({ readonly kind: "compat" } & CompatRequest)
  | ({ readonly kind: "in-place" } & InPlaceRequest);

/** Gives an answer to which `wrong` has no objection. */
export type Ask = (question: Question) => Promise<string>;

export interface NewAnswer {
  readonly scaffold: Scaffold;
  /** Every problem of the catalogue with the new layer in it. */
  readonly diagnostics: readonly Diagnostic[];
  /** The interface that the new layer names, where nobody has made it yet. */
  readonly lacksInterface?: string;
  /** True where nothing was written. */
  readonly planOnly?: boolean;
  /** What git has to be given before anything can be planned. */
  readonly lacks?: "repository" | "commit";
}

/**
 * Makes the files, writes them and checks the catalogue with them in it. The first layer makes a catalogue of the session's
 * folder. Throws `RefusedError` for what is missing where nobody can be asked.
 */
export async function newLayer(
  session: Session,
  request: NewRequest,
  ask?: Ask,
  { planOnly = false }: { readonly planOnly?: boolean } = {},
): Promise<NewAnswer> {
  checkValues(request);
  const root = placeFor(session);
  const scaffold = await scaffoldFor(request, loadCatalogue(root), ask);
  if (planOnly) return { scaffold, diagnostics: [], planOnly };
  writeScaffold(root, scaffold);
  session.forget();
  const { diagnostics } = await check(session);
  const lacks = { ...lackOfInterface(scaffold, await session.catalogue()), ...(await lackOfGit(root)) };
  return { scaffold, diagnostics, ...lacks };
}

function lackOfInterface(
  { directory }: Scaffold,
  { science, diagnostics }: Catalogue,
): Pick<NewAnswer, "lacksInterface"> {
  const layer = science.find((each) => each.directory === directory);
  const isMissing = diagnostics.some(
    ({ code, at }) => code === "unknown-compat" && at?.file === layer?.definition.path,
  );
  return layer?.compat !== undefined && isMissing ? { lacksInterface: layer.compat } : {};
}

/** What else may be wrong with a repository is told when it is planned. */
async function lackOfGit(root: string): Promise<Pick<NewAnswer, "lacks">> {
  try {
    await readHead(root);
  } catch (failure) {
    if (!(failure instanceof RefusedError)) throw failure;
    const there = await openRepository(root, []).then(
      () => true,
      () => false,
    );
    return { lacks: there ? "commit" : "repository" };
  }
  return {};
}

/** Everything that can be said of the request before the catalogue is looked at. */
function checkValues(request: NewRequest): void {
  const said: { readonly [key: string]: unknown } = { ...request };
  for (const [key, what, wrong] of checked) {
    const value = said[key];
    const says = typeof value === "string" ? wrong(value) : undefined;
    if (says !== undefined)
      throw new RefusedError([
        error("usage", `${what} ${JSON.stringify(value)} cannot be used: ${says}`, {
          help: "write image-builder new --help for examples",
        }),
      ]);
  }
}

const checked = [
  ["name", "the name", wrongName],
  ["version", "--version", wrongVersion],
  ["image", "--image", wrongName],
  ["compat", "--compat", wrongName],
  ["base", "--base", wrongBase],
] as const;

function placeFor(session: Session): string {
  if (session.options.root !== undefined) return session.options.root;
  try {
    return session.root;
  } catch (failure) {
    if (isNoCatalogue(failure)) return session.directory;
    throw failure;
  }
}

async function scaffoldFor(request: NewRequest, catalogue: Catalogue, ask: Ask | undefined): Promise<Scaffold> {
  if (request.kind === "compat") return scaffoldCompat(catalogue, request);
  if (request.kind === "in-place") return changeInPlace(catalogue, request);
  if (request.kind === "from-directory")
    return scaffoldFromDirectory(catalogue, request, readSourceFolder(request.fromDirectory));
  const { kind: _, ...science } = request;
  return scaffoldScience(catalogue, ask ? await askMissing(science, catalogue, ask) : complete(science, catalogue));
}

/** The layer to build on comes first, since everything else may follow from it. */
async function askMissing(request: ScienceRequest, catalogue: Catalogue, ask: Ask): Promise<ScienceRequest> {
  let asked = request;
  if (missing(request, catalogue).some(({ option }) => option === "base") && catalogue.science.length > 0) {
    const from = await ask(fromQuestion(catalogue));
    if (from !== "none") asked = { ...asked, from };
  }
  for (const question of missing(asked, catalogue)) asked = { ...asked, [question.option]: await ask(question) };
  return asked;
}

function complete(request: ScienceRequest, catalogue: Catalogue): ScienceRequest {
  const questions = missing(request, catalogue);
  if (questions.length > 0) throw new RefusedError([cannotAsk(request, questions)]);
  return request;
}

function cannotAsk({ name }: ScienceRequest, questions: readonly Question[]): Diagnostic {
  const options = questions.map(({ option, suggestion }) => `--${option} ${suggestion ?? option.toUpperCase()}`);
  const what = questions
    .map(({ option }) => `--${option}`)
    .join(", ")
    .replace(/, ([^,]*)$/, " and $1");
  return error("usage", `"image-builder new science ${name}" needs ${what}, and there is no terminal to ask on`, {
    help: `write image-builder new science ${name} ${options.join(" ")}, or --from TARGET to build on a layer of the catalogue`,
  });
}
