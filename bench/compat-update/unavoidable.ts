import { randomBytes } from "node:crypto";
import { Agent, request } from "undici";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { mediaTypesOf } from "../../src/oci/media-types.ts";

const types = mediaTypesOf("oci");

/**
 * Only the requests that no tool can do without, eight at a time: manifest and config of each science image, the new layer
 * once and a mount of it for the others, mounts of the science layers where the target does not have them, the new config
 * and the manifest under two tags.
 */
export async function unavoidable(
  host: string,
  repo: string,
  names: readonly string[],
  size: number,
  target: string,
): Promise<void> {
  const agent = new Agent({ connections: 8 });
  const send = async (method: "GET" | "POST" | "PUT", path: string, body?: Buffer, type?: string) => {
    const url = path.startsWith("http") ? path : `http://${host}/v2/${path}`;
    const answer = await request(url, {
      method,
      dispatcher: agent,
      headers: { accept: types.manifest, ...(type && { "content-type": type }) },
      ...(body && { body }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode} ${bytes.toString()}`);
    return { bytes, status: answer.statusCode, location: String(answer.headers["location"] ?? "") };
  };
  const upload = async (repository: string, bytes: Buffer): Promise<void> => {
    const { location } = await send("POST", `${repository}/blobs/uploads/`);
    await send("PUT", `${location}&digest=${sha256Digest(bytes)}`, bytes, "application/octet-stream");
  };
  const layer = randomBytes(size);
  const digest = sha256Digest(layer);
  const homes = `${repo}/${target}/${names[0]}`;
  const first = upload(homes, layer);
  const one = async (name: string): Promise<void> => {
    const to = `${repo}/${target}/${name}`;
    const manifest = JSON.parse((await send("GET", `${repo}/sci/${name}/manifests/1.0`)).bytes.toString());
    const config = JSON.parse(
      (await send("GET", `${repo}/sci/${name}/blobs/${manifest.config.digest}`)).bytes.toString(),
    );
    for (const each of manifest.layers)
      await send("POST", `${to}/blobs/uploads/?mount=${each.digest}&from=${repo}/sci/${name}`);
    await first;
    if (to !== homes) await send("POST", `${to}/blobs/uploads/?mount=${digest}&from=${homes}`);
    const newConfig = canonicalJson({
      ...config,
      config: { ...config.config, Cmd: ["x"] },
      rootfs: { type: "layers", diff_ids: [...config.rootfs.diff_ids, digest] },
    });
    await upload(to, newConfig);
    const made = canonicalJson({
      ...manifest,
      config: { mediaType: types.config, digest: sha256Digest(newConfig), size: newConfig.length },
      layers: [...manifest.layers, { mediaType: types.layerGzip, digest, size }],
    });
    await send("PUT", `${to}/manifests/1.0-1-abc`, made, types.manifest);
    await send("PUT", `${to}/manifests/1.0`, made, types.manifest);
  };
  const left = [...names];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let name = left.shift(); name; name = left.shift()) await one(name);
    }),
  );
  await agent.close();
}
