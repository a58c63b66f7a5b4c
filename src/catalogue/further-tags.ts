import type { ScienceLayer } from "./model.ts";

type Tagged = Pick<ScienceLayer, "tags" | "version">;

const words = /\{(version|major|minor|date)\}/g;

/**
 * The further stable tags of an image-version (B50). In them `{version}` stands for its version, `{major}` and `{minor}` for the first
 * numbers of that, `{date}` for a day: `date`, as `2026-11-25`. Words that the version has no number for stay as they are.
 */
export function furtherTags({ tags = [], version }: Tagged, date: string): string[] {
  const [, major, minor] = /^\D*(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  const values: Readonly<Record<string, string | undefined>> = { version, major, minor, date };
  return tags.map((tag) => tag.replace(words, (word, name: string) => values[name] ?? word));
}

/** A day in UTC, of seconds since the epoch. */
export const dayOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10);

/** Those that do not depend on a day. */
export const lastingTags = (layer: Tagged): string[] =>
  furtherTags(layer, anyDay).filter((tag) => !tag.includes(anyDay));

/** Whether a tag is one of these on some day. */
export const isFurtherTag = (layer: Tagged, tag: string): boolean =>
  furtherTags(layer, anyDay).some((each) => {
    const [before = "", ...after] = each.split(anyDay);
    return after.length === 0 ? each === tag : new RegExp(`^${[before, ...after].map(escaped).join(day)}$`).test(tag);
  });

const anyDay = "{date}";
const day = "\\d{4}-\\d{2}-\\d{2}";

const escaped = (text: string): string => text.replace(/[.{}]/g, "\\$&");

/** Whether a text may stand in `tags`: what becomes of it is a tag, and none that registries or image-builder use for something else. */
export const isTagPattern = (text: string): boolean =>
  /^(?!sha256-)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text.replace(words, "0"));
