import { devNull } from "node:os";

/**
 * Settings of a person or a repository that would keep git from looking at files: a monitor or a cache that is asked in their
 * place, times that are not compared, names that count as the same. `--ignore-submodules` overrides `.gitmodules` where it is given.
 */
export const gitSettings: readonly string[] = Object.entries({
  "core.quotepath": "off",
  "core.fsmonitor": "false",
  "core.untrackedCache": "false",
  "core.trustctime": "true",
  "core.checkStat": "default",
  "core.ignoreCase": "false",
  "diff.ignoreSubmodules": "none",
}).flatMap(([key, value]) => ["-c", `${key}=${value}`]);

/**
 * What a git process sees of this one's environment. Optional locks would disturb a person's own git beside us; words of git are
 * read, so they are in English. What a hook of another repository, or a person, has set about where git looks is left out: the root
 * alone decides which repository is asked. Replaced objects and grafts are this clone's alone, while a commit's name is everybody's.
 */
export function gitEnvironment(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(given).filter(([name]) => !elsewhere.has(name) && !/^GIT_CONFIG_(KEY|VALUE)_/.test(name));
  return {
    ...Object.fromEntries(own),
    ...trustedFolders(given),
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_GRAFT_FILE: devNull,
    LC_ALL: "C",
  };
}

/** As `git rev-parse --local-env-vars` lists them, and what else changes what is read. */
const elsewhere = new Set([
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_ATTR_SOURCE",
  "GIT_CEILING_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_CONFIG",
  "GIT_CONFIG_COUNT",
  "GIT_CONFIG_PARAMETERS",
  "GIT_DIFF_OPTS",
  "GIT_DIR",
  "GIT_EXTERNAL_DIFF",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_INTERNAL_SUPER_PREFIX",
  "GIT_LITERAL_PATHSPECS",
  "GIT_GLOB_PATHSPECS",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_ICASE_PATHSPECS",
  "GIT_NAMESPACE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_PREFIX",
  "GIT_QUARANTINE_PATH",
  "GIT_REPLACE_REF_BASE",
  "GIT_SHALLOW_FILE",
  "GIT_WORK_TREE",
]);

/** CI systems say in these which folders of other users git may read: that is about trust, not about where it looks. */
function trustedFolders(given: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const count = Number(given["GIT_CONFIG_COUNT"] ?? 0);
  const values = Array.from(
    { length: Number.isInteger(count) && count > 0 && count <= mostSettings ? count : 0 },
    (_, at) =>
      given[`GIT_CONFIG_KEY_${at}`]?.toLowerCase() === "safe.directory" ? given[`GIT_CONFIG_VALUE_${at}`] : undefined,
  ).filter((each) => each !== undefined);
  const pairs = values.flatMap((value, at) => [
    [`GIT_CONFIG_KEY_${at}`, "safe.directory"],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return values.length === 0 ? {} : { GIT_CONFIG_COUNT: String(values.length), ...Object.fromEntries(pairs) };
}

const mostSettings = 1000;
