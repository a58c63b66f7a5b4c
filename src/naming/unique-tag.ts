/** Which commit a build is of: `32-dc8912a`, with `-dirty` behind it for content that was not committed, and `-r1` when refreshed. */
interface Stamp {
  /** Commits that the commit reaches, itself among them. */
  readonly count: number;
  /** Abbreviated: seven characters, or as many as are needed. */
  readonly commit: string;
  readonly dirty: boolean;
  /** Counts the times that builds of this commit were made anew although nothing had changed (B52), from 1; else undefined. */
  readonly refresh?: number;
}

/** A unique tag taken apart: `2.4-32-dc8912a`. It never moves. */
export interface UniqueTag extends Stamp {
  readonly version: string;
}

export const formatStamp = ({ count, commit, dirty, refresh }: Stamp): string =>
  `${count}-${commit}${dirty ? "-dirty" : ""}${refresh === undefined ? "" : `-r${refresh}`}`;

export const formatUniqueTag = ({ version, ...stamp }: UniqueTag): string => `${version}-${formatStamp(stamp)}`;

/** Reads `2.4-32-dc8912a` (B20); undefined for any other tag, so `2021-10-release` is a version like any other. */
export function parseUniqueTag(tag: string): UniqueTag | undefined {
  const found = /^(.+)-(\d{1,9})-([0-9a-f]{7,64})(-dirty)?(?:-r([1-9]\d{0,5}))?$/.exec(tag);
  if (found === null) return undefined;
  const [, version = "", count = "", commit = "", dirty, refresh] = found;
  const stamp = { version, count: Number(count), commit, dirty: dirty !== undefined };
  return refresh === undefined ? stamp : { ...stamp, refresh: Number(refresh) };
}

/** The older first: by the number of commits, then by how often that commit was refreshed. */
export const compareAge = (a: Stamp, b: Stamp): number => a.count - b.count || (a.refresh ?? 0) - (b.refresh ?? 0);

/** The unique tags of a version among a repository's tags, the newest first. */
export const uniqueTagsOf = (
  tags: readonly string[],
  version: string,
): { readonly tag: string; readonly stamp: UniqueTag }[] =>
  tags
    .flatMap((tag) => {
      const stamp = parseUniqueTag(tag);
      return stamp?.version === version ? [{ tag, stamp }] : [];
    })
    .sort((a, b) => compareAge(b.stamp, a.stamp) || (a.tag < b.tag ? 1 : -1));
