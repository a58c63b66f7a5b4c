/** Which commit a build is of: `32-dc8912a`, with `-dirty` behind it for content that was not committed. */
interface Stamp {
  /** Commits that the commit reaches, itself among them. */
  readonly count: number;
  /** Abbreviated: seven characters, or as many as are needed. */
  readonly commit: string;
  readonly dirty: boolean;
}

/** A unique tag taken apart: `2.4-32-dc8912a`. It never moves. */
export interface UniqueTag extends Stamp {
  readonly version: string;
}

export const formatStamp = ({ count, commit, dirty }: Stamp): string => `${count}-${commit}${dirty ? "-dirty" : ""}`;

export const formatUniqueTag = ({ version, ...stamp }: UniqueTag): string => `${version}-${formatStamp(stamp)}`;

/** Reads `2.4-32-dc8912a` (B20); undefined for any other tag, so `2021-10-release` is a version like any other. */
export function parseUniqueTag(tag: string): UniqueTag | undefined {
  const found = /^(.+)-(\d{1,9})-([0-9a-f]{7,64})(-dirty)?$/.exec(tag);
  if (found === null) return undefined;
  const [, version = "", count = "", commit = "", dirty] = found;
  return { version, count: Number(count), commit, dirty: dirty !== undefined };
}
