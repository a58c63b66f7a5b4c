import { createHash } from "node:crypto";
import { factOf } from "../contents/facts.ts";
import { follow } from "../contents/follow.ts";
import type { Fact, ImageFacts } from "../contents/model.ts";
import { baseName, contentPlace, type FileEntry, parentPath } from "../files/entry.ts";
import type { ImageConfig } from "../oci/config.ts";
import { isByteCode } from "./changed-paths.ts";
import type { ResolvableImage } from "./model.ts";
import { type User, userOf } from "./user.ts";

/** EnvironmentVariables by name. */
export type EnvironmentVariables = ReadonlyMap<string, string>;

/** An image as its user meets it. Paths may begin with a slash or not, and are followed as the kernel does. */
export class View {
  readonly facts: ImageFacts;
  readonly config: ImageConfig;
  readonly user: User;
  /** Where programs start, with a slash; the root is the empty text. */
  readonly workingFolder: string;
  /** As the engine sets them when a container starts. */
  readonly variables: EnvironmentVariables;
  readonly #folders = new Map<string, FileEntry | undefined>();
  readonly #layers = new Map<string, number>();
  readonly #identities = new Map<string, string>();
  readonly #children = new Map<string, ReadonlyMap<string, FileEntry>>();

  constructor({ facts, config }: ResolvableImage) {
    this.facts = facts;
    this.config = config;
    this.user = userOf(config.config?.User ?? "", facts);
    this.workingFolder = `/${config.config?.WorkingDir ?? ""}`.replace(/\/+/g, "/").replace(/\/$/, "");
    this.variables = variablesOf(config, this.user);
  }

  /** What a path leads to; undefined where it leads to nothing, or the user may not go there. */
  at(path: string): FileEntry | undefined {
    const name = baseName(path);
    if (name === "" || name === "." || name === "..") return this.#reach(path);
    const folder = this.#folder(parentPath(path));
    const entry = folder && this.#childrenOf(folder).get(name);
    return entry?.type === "symlink" ? this.#reach(path) : entry;
  }

  /** What is in a folder by name, links not followed; empty where there is no such folder. */
  list(path: string): ReadonlyMap<string, FileEntry> {
    const folder = this.#folder(path);
    return folder ? this.#childrenOf(folder) : new Map();
  }

  /** A file that the user may execute. */
  program(path: string): FileEntry | undefined {
    const entry = this.at(path);
    return entry?.type === "file" && this.user.may(entry, 1) ? entry : undefined;
  }

  fact(entry: FileEntry): Fact | undefined {
    return factOf(this.facts, entry);
  }

  /** Of a short file that programs read when they start. */
  text(path: string): string | undefined {
    const entry = this.at(path);
    const fact = entry && this.fact(entry);
    return fact?.kind === "text" ? fact.text : undefined;
  }

  /** Equal for files of the same bytes, and for folders that hold the same; what Python compiled is left out. */
  identity(real: string): string {
    const known = this.#identities.get(real);
    if (known !== undefined) return known;
    const entry = this.facts.index.get(real);
    const identity = entry?.type === "directory" ? this.#treeOf(real) : entry ? contentOf(entry) : "";
    this.#identities.set(real, identity);
    return identity;
  }

  /** The highest layer that has a part in a file or a folder. */
  newestLayer(real: string): number {
    const known = this.#layers.get(real);
    if (known !== undefined) return known;
    let newest = this.facts.index.get(real)?.layer ?? 0;
    for (const { layer, path } of this.facts.index.under(real)) if (!isByteCode(path)) newest = Math.max(newest, layer);
    this.#layers.set(real, newest);
    return newest;
  }

  #treeOf(real: string): string {
    const hash = createHash("sha256");
    for (const entry of this.facts.index.under(real))
      if (!isByteCode(entry.path) && entry.type !== "directory")
        hash.update(`${JSON.stringify([entry.path.slice(real.length), contentOf(entry)])}\n`);
    return hash.digest("base64url");
  }

  #folder(path: string): FileEntry | undefined {
    if (this.#folders.has(path)) return this.#folders.get(path);
    const entry = this.#reach(path);
    const folder = entry?.type === "directory" && this.user.may(entry, 1) ? entry : undefined;
    this.#folders.set(path, folder);
    return folder;
  }

  #reach(path: string): FileEntry | undefined {
    const found = follow(this.facts.index, path);
    for (let at = found ? parentPath(found.path) : ""; at !== ""; at = parentPath(at)) {
      const folder = this.facts.index.get(at);
      if (folder && !this.user.may(folder, 1)) return undefined;
    }
    return found;
  }

  #childrenOf({ path }: FileEntry): ReadonlyMap<string, FileEntry> {
    const known = this.#children.get(path);
    if (known) return known;
    const children = new Map([...this.facts.index.children(path)].map((entry) => [baseName(entry.path), entry]));
    this.#children.set(path, children);
    return children;
  }
}

function contentOf(entry: FileEntry): string {
  const { layer, path } = contentPlace(entry);
  return entry.link ?? entry.digest ?? `${layer}:${path}`;
}

function variablesOf({ config }: ImageConfig, { home }: User): EnvironmentVariables {
  const own = (config?.Env ?? []).map((each): [string, string] => {
    const at = each.indexOf("=");
    return at === -1 ? [each, ""] : [each.slice(0, at), each.slice(at + 1)];
  });
  return new Map([["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], ["HOME", home], ...own]);
}
