import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { comparePaths, decodePath, encodePath } from "../oci/path-bytes.ts";
import type { LayerFile } from "./model.ts";

/** Everything below a layer's directory but directories, sorted by the bytes of the path. Links are listed, never followed. */
export function listFiles(root: string, directory: string): LayerFile[] {
  const files: LayerFile[] = [];
  const waiting = [""];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(onDisk(root, directory, folder), { withFileTypes: true, encoding: "buffer" })) {
      const name = decodePath(entry.name as unknown as Buffer);
      const path = folder === "" ? name : `${folder}/${name}`;
      if (entry.isDirectory()) waiting.push(path);
      else files.push(inspect(onDisk(root, directory, path), path));
    }
  }
  return files.sort((a, b) => comparePaths(a.path, b.path));
}

const onDisk = (root: string, directory: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(`${join(root, directory)}/`), encodePath(path)]);

function inspect(file: Buffer, path: string): LayerFile {
  const stat = lstatSync(file);
  if (stat.isSymbolicLink())
    return {
      path,
      type: "symlink",
      size: 0,
      executable: false,
      link: decodePath(readlinkSync(file, { encoding: "buffer" })),
    };
  return { path, type: stat.isFile() ? "file" : "other", size: stat.size, executable: (stat.mode & 0o111) !== 0 };
}
