/** Makes a temporary folder, says where, and waits to be killed. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporary } from "../../src/disk/temporary.ts";

const folder = await makeTemporary();
writeFileSync(join(folder.path, "1"), "half a layer", { flag: "wx" });
process.stdout.write(`${folder.path}\n`);
setInterval(() => undefined, 60_000);
