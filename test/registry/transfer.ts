import { Readable } from "node:stream";
import { createHasher } from "../../src/oci/digest.ts";
import { createRegistries } from "../../src/registry/registries.ts";

/**
 * Run as a process of its own: sends a blob of so many MiB to a registry, reads it back, and prints the most memory it
 * ever had, in MiB. Arguments: host, MiB.
 */
const [host = "", mebibytes = "0"] = process.argv.slice(2);

function* parts(): Generator<Buffer> {
  for (let at = 0; at < Number(mebibytes); at += 1) yield Buffer.alloc(1024 * 1024, `part ${at}`);
}

const hasher = createHasher();
for (const part of parts()) hasher.update(part);
const blob = { mediaType: "application/octet-stream", ...hasher.end() };

const registries = createRegistries({ environment: {} });
const registry = registries.registryFor(host);
await registry.repository("big").blobs.put(blob, () => Readable.from(parts(), { objectMode: false }));
let received = 0;
for await (const part of (await registry.repository("big").blobs.get(blob)) as AsyncIterable<Buffer>)
  received += part.length;
await registries.close();
console.log(JSON.stringify({ received, mebibytes: Math.round(process.resourceUsage().maxRSS / 1024) }));
