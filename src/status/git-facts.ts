import type { Catalogue } from "../catalogue/model.ts";
import { gitOrFail } from "../changes/git.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type GitFacts, type GitQuestions, objectKey } from "../judge/model.ts";

/** Answers all questions by one process, however many commits and directories there are. */
export async function askGit(
  { root }: Pick<Catalogue, "root">,
  { files }: Pick<ChangeSet, "files">,
  questions: GitQuestions,
): Promise<GitFacts> {
  const commits = [...new Set(questions.commits)];
  const directories = new Map([...questions.directories].map((each) => [objectKey(each.commit, each.directory), each]));
  const names = [...commits.map((each) => `${each}^{commit}`), ...[...directories.values()].map(objectName)];
  const answers = await batchCheck(root, names);
  return {
    commits: new Map(commits.map((each, at) => [each, answers[at]])),
    objects: new Map([...directories.keys()].map((key, at) => [key, answers[commits.length + at]])),
    dirty: new Set(files.filter((each) => each.uncommitted).map(({ path }) => path.split("/", 2).join("/"))),
  };
}

/** `./` makes git look below the folder that it runs in, which may be a part of the repository. */
const objectName = ({ commit, directory }: { commit: string; directory: string }): string => `${commit}:./${directory}`;

/** Object ids in the order of the names; undefined for what this clone does not have. */
async function batchCheck(root: string, names: readonly string[]): Promise<(string | undefined)[]> {
  if (names.length === 0) return [];
  const asked = names.filter(isLine);
  const bytes = await gitOrFail(root, ["cat-file", "--batch-check=%(objectname)"], `${asked.join("\n")}\n`);
  const lines = bytes.toString("latin1").split("\n");
  const answers = new Map(asked.map((name, at) => [name, lines[at]]));
  return names.map((name) => objectId(answers.get(name)));
}

/** A name with a line end in it would be two questions. */
const isLine = (name: string): boolean => !/[\r\n]/.test(name);

/** Anything else is `… missing` or `… ambiguous`. */
const objectId = (line: string | undefined): string | undefined =>
  line !== undefined && /^[0-9a-f]{40,64}$/.test(line) ? line : undefined;
