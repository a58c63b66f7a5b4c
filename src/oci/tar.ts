/** Tar archives as Go's archive/tar writes them, which is what container engines exchange. */
export { cleanEntryPath, type TarEntry, type TarEntryType } from "./tar-entry.ts";
export { readTar, type TarContent } from "./tar-read.ts";
export { encodeTarHeader, tarEnd, tarPadding } from "./tar-write.ts";
