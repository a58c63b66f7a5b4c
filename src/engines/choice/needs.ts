import type { Feature } from "../../dockerfile/index.ts";

/** What an engine may or may not be able to do: features of Dockerfiles, and what lies beyond them. */
export type Need =
  | Feature
  | "unknown-syntax"
  | "other-platform"
  | "foreign-archive"
  | "declared"
  | "tests"
  | "untriggered"
  | "shared-folder";

/** How each need reads behind "needs". */
export const wording: Readonly<Record<Need, string>> = {
  run: "RUN",
  "run-mount": "RUN --mount",
  "run-network": "RUN --network",
  "run-security": "RUN --security",
  "run-device": "RUN --device",
  heredoc: "heredocs",
  "copy-link": "--link",
  "copy-chmod": "--chmod",
  "copy-exclude": "--exclude",
  "copy-parents": "COPY --parents",
  "add-url": "ADD of a URL",
  "add-git": "ADD of a git repository",
  "add-checksum": "ADD --checksum",
  "add-unpack": "ADD --unpack",
  "add-keep-git-dir": "ADD --keep-git-dir",
  "pattern-expansion": "patterns in variables",
  "syntax-directive": "a syntax directive",
  "healthcheck-start-interval": "HEALTHCHECK --start-interval",
  onbuild: "ONBUILD",
  "unknown-syntax": "an engine to judge a Dockerfile that is not understood",
  "other-platform": "another platform",
  "foreign-archive": "to unpack an archive that is not .tar or .tar.gz",
  declared: "users and directories that layers declare",
  tests: "a container for its tests",
  untriggered: "a base whose ONBUILD is left alone",
  "shared-folder": "a folder that layers share",
};

/** What layers declare is written as RUN for an engine that does not take it as it is. */
export const isTaken = (need: Need, takes: ReadonlySet<Need>): boolean =>
  takes.has(need) || (need === "declared" && takes.has("run"));
