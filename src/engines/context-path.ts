import { join } from "node:path";
import { encodePath } from "../oci/path-bytes.ts";

/** The path as the system wants it, for names that are not UTF-8. */
export const bytesOf = (root: string, path: string): Buffer => encodePath(join(root, path));
