/** Makes a temporary folder with so many files, says where, and waits to be killed; removes the folder when it is told anything. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporary } from "../../src/disk/temporary.ts";

const folder = await makeTemporary();
const count = Number(process.argv[2] ?? 1);
for (let file = 1; file <= count; file += 1)
  writeFileSync(join(folder.path, `${file}`), "half a layer", { flag: "wx" });
process.stdin.once("data", () => void folder.remove());
process.stdout.write(`${folder.path}\n`);
setInterval(() => undefined, 60_000);
