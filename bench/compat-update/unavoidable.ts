import { randomBytes } from "node:crypto";
import { Agent, request } from "undici";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { mediaTypesOf, oci } from "../../src/oci/media-types.ts";

const types = mediaTypesOf("oci");

/** What the script works on. */
export interface Work {
  readonly host: string;
  readonly repo: string;
  readonly names: readonly string[];
  /** Bytes of the interface's layer. */
  readonly layer: number;
  /** Bytes of each image's config, and of each statement. */
  readonly config: number;
  readonly statement: number;
  /** Below `repo`: where to. */
  readonly target: string;
  readonly unique: string;
  /** Mounts the science layers, too: of the first release alone. */
  readonly mounts: boolean;
  /** What the registry can do. */
  readonly referrers: boolean;
  readonly atOnce: boolean;
}

/**
 * Only the requests that no tool can do without, eight at a time. For the image: manifest and config of its science image, a
 * mount of the new layer (or its upload, once), the config, the manifest under two tags. For the statement: its blob, its
 * manifest, and without a referrers API the index behind the tag. For safety: is it there, what was stable, is it still, and
 * both tags again at the end.
 */
export async function unavoidable(work: Work): Promise<void> {
  const { host, repo, names, target, unique, mounts, referrers, atOnce } = work;
  const agent = new Agent({ connections: 8 });
  const send = async (method: "GET" | "HEAD" | "POST" | "PUT", path: string, body?: Buffer, type?: string) => {
    const url = path.startsWith("http") ? path : `http://${host}/v2/${path}`;
    const answer = await request(url, {
      method,
      dispatcher: agent,
      reset: false,
      headers: { accept: `${types.manifest}, ${types.index}`, ...(type && { "content-type": type }) },
      ...(body && { body }),
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    if (answer.statusCode >= 400 && answer.statusCode !== 404)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${bytes.toString()}`);
    return { bytes, status: answer.statusCode, location: String(answer.headers["location"] ?? "") };
  };
  const binary = "application/octet-stream";
  const upload = async (repository: string, bytes: Buffer): Promise<string> => {
    const digest = sha256Digest(bytes);
    if (atOnce && bytes.length < 65_536) {
      await send("POST", `${repository}/blobs/uploads/?digest=${digest}`, bytes, binary);
      return digest;
    }
    const { location } = await send("POST", `${repository}/blobs/uploads/`);
    const at = new URL(location, `http://${host}`).href;
    await send("PUT", `${at}${at.includes("?") ? "&" : "?"}digest=${digest}`, bytes, binary);
    return digest;
  };
  const layer = randomBytes(work.layer);
  const digest = sha256Digest(layer);
  const homes = `${repo}/${target}/${names[0]}`;
  const first = upload(homes, layer);
  const one = async (name: string): Promise<void> => {
    const to = `${repo}/${target}/${name}`;
    await send("GET", `${to}/manifests/${unique}`);
    await send("GET", `${to}/manifests/1.0`);
    const manifest = JSON.parse((await send("GET", `${repo}/sci/${name}/manifests/1.0`)).bytes.toString());
    const config = JSON.parse(
      (await send("GET", `${repo}/sci/${name}/blobs/${manifest.config.digest}`)).bytes.toString(),
    );
    for (const each of mounts ? manifest.layers : [])
      await send("POST", `${to}/blobs/uploads/?mount=${each.digest}&from=${repo}/sci/${name}`);
    await first;
    if (to !== homes) await send("POST", `${to}/blobs/uploads/?mount=${digest}&from=${homes}`);
    const newConfig = padded(
      {
        ...config,
        config: { ...config.config, Cmd: [unique] },
        rootfs: { type: "layers", diff_ids: [...config.rootfs.diff_ids, digest] },
      },
      work.config,
    );
    const made = canonicalJson({
      ...manifest,
      config: { mediaType: types.config, digest: await upload(to, newConfig), size: newConfig.length },
      layers: [...manifest.layers, { mediaType: types.layerGzip, digest, size: layer.length }],
    });
    await send("PUT", `${to}/manifests/${unique}`, made, types.manifest);
    await send("HEAD", `${to}/manifests/1.0`);
    await send("PUT", `${to}/manifests/1.0`, made, types.manifest);
    await send("GET", `${to}/manifests/1.0`);
    await send("GET", `${to}/manifests/${unique}`);
    const statement = padded({ of: sha256Digest(made) }, work.statement);
    const about = { mediaType: "application/x", digest: await upload(to, statement), size: statement.length };
    const subject = { mediaType: types.manifest, digest: sha256Digest(made), size: made.length };
    const attached = canonicalJson({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: about,
      layers: [about],
      subject,
    });
    const attachedDigest = sha256Digest(attached);
    await send("PUT", `${to}/manifests/${attachedDigest}`, attached, types.manifest);
    if (referrers) return;
    const tag = subject.digest.replace(":", "-");
    await send("GET", `${to}/manifests/${tag}`);
    const entry = { mediaType: types.manifest, digest: attachedDigest, size: attached.length };
    const index = canonicalJson({ schemaVersion: 2, mediaType: oci.index, manifests: [entry] });
    await send("PUT", `${to}/manifests/${tag}`, index, oci.index);
  };
  const left = [...names];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let name = left.shift(); name; name = left.shift()) await one(name);
    }),
  );
  await agent.close();
}

/** As long as those of the program, so that bytes can be compared. */
function padded(document: object, size: number): Buffer {
  const short = canonicalJson({ ...document, pad: "" });
  return canonicalJson({ ...document, pad: "x".repeat(Math.max(0, size - short.length)) });
}
