import { imageVersion } from "../catalogue/graph.ts";
import { readPlainJson } from "../catalogue/json.ts";
import type { WithdrawnImage } from "../catalogue/model.ts";
import { type SettingsFile, settingsFile } from "../catalogue/schema.ts";
import { settingsFileName } from "../catalogue/settings.ts";
import { compatId } from "../naming/build-id.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import type { Reason } from "./model.ts";
import type { Planning } from "./planning.ts";

/**
 * Rebuilds of what was withdrawn in the range, by id of the build: until then the stable tag holds what must not be used. It may have
 * held another build by then; in that case there is nothing to be done (B37).
 */
export function newlyWithdrawn({ catalogue, changes }: Planning): Map<string, readonly Reason[]> {
  const file = changes.files.find(({ path }) => path === settingsFileName);
  if (file === undefined) return new Map();
  const before = new Set((formerSettings(file.before).withdrawn ?? []).map(buildName));
  const held = catalogue.settings.withdrawn.filter(({ stable }) => stable !== false);
  const added = held.filter((each) => !before.has(buildName(each)));
  return new Map(
    added.map((each) => [compatId(versionOf(each)), [{ kind: "withdrawn", tag: buildName(each), why: each.reason }]]),
  );
}

/** Settings that were no good then withdrew nothing. */
function formerSettings(text: string | undefined): SettingsFile {
  const parsed = settingsFile.safeParse(text === undefined ? undefined : readPlainJson(text));
  return parsed.success ? parsed.data : {};
}

const buildName = ({ image, tag }: WithdrawnImage): string => imageVersion({ image, version: tag });

const versionOf = ({ image, tag }: WithdrawnImage) => ({ image, version: parseUniqueTag(tag)?.version ?? tag });
