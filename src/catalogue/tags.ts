/** A unique tag taken apart: version, build number, abbreviated commit. */
export interface UniqueTag {
  readonly version: string;
  readonly count: number;
  readonly commit: string;
  readonly dirty: boolean;
}

/** Reads `2.4-32-dc8912a` (B20); undefined for any other tag, so `2021-10-release` is a version like any other. */
export function parseUniqueTag(tag: string): UniqueTag | undefined {
  const found = /^(.+)-(\d{1,9})-([0-9a-f]{7,64})(-dirty)?$/.exec(tag);
  if (found === null) return undefined;
  const [, version = "", count = "", commit = "", dirty] = found;
  return { version, count: Number(count), commit, dirty: dirty !== undefined };
}
