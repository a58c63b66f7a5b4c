import type { ContainerConfig } from "../../../src/oci/config.ts";
import type { Registry } from "../../../src/registry/model.ts";
import type { Item } from "../../files/support.ts";
import { baseConfig, baseLayers, otherLayers, pushImage, pushIndex } from "./base-images.ts";
import { type FlatImage, flatten } from "./flatten.ts";

/** Puts the images that cases name into a registry, below a prefix; returns what each name stands for. */
export async function pushImages(registry: Registry, prefix: string): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const [name, push] of Object.entries(named))
    images.set(name, await push(registry, `${prefix}/${name.toLowerCase()}`));
  return images;
}

/** What each of these images has in it; of an index, what all its images have. */
export async function flattenImages(
  registry: Registry,
  images: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, FlatImage>> {
  const found = new Map<string, FlatImage>();
  for (const [name, reference] of images)
    found.set(name, await flatten(registry, indexes.has(name) ? reference.replace(/:1$/, ":m0") : reference));
  return found;
}

/** A case's Dockerfile with references in place of names. */
export const withReferences = (dockerfile: string, images: ReadonlyMap<string, string>): string =>
  dockerfile.replace(/\b[A-Z]{3,}\b(?=\s| \/)/g, (name) => images.get(name) ?? name);

type Push = (registry: Registry, repository: string) => Promise<string>;

const image =
  (layers: readonly (readonly Item[])[], config: ContainerConfig = baseConfig, more: object = {}): Push =>
  (registry, repository) =>
    pushImage(registry, repository, "1", layers, config, "oci", more);

/** One image for each entry, told apart by a variable, and an index of them. */
const index =
  (...platforms: readonly (object | undefined)[]): Push =>
  async (registry, repository) => {
    const entries = platforms.map((platform, at) => ({ tag: `m${at}`, ...(platform && { platform }) }));
    for (const { tag } of entries) await pushImage(registry, repository, tag, baseLayers, { Env: [`OF=${tag}`] });
    return pushIndex(registry, repository, "1", entries);
  };

const onBuild = (...OnBuild: string[]): Push => image(baseLayers, { ...baseConfig, OnBuild });

const accounts: readonly Item[] = [
  { path: "etc/" },
  { path: "etc/passwd", text: "root:x:0:0:root:/root:/bin/sh\njovyan:x:1000:100::/home/jovyan:/bin/bash\n" },
  { path: "etc/group", text: "root:x:0:\nusers:x:100:\n" },
];

const linked: readonly (readonly Item[])[] = [
  [
    ...accounts,
    { path: "usr/", mode: 0o751 },
    { path: "usr/bin/", mode: 0o711, gid: 7 },
    { path: "usr/bin/sh", text: "sh", mode: 0o755 },
    { path: "bin", type: "symlink", linkname: "usr/bin" },
    { path: "abs", type: "symlink", linkname: "/usr/bin" },
    { path: "chain", type: "symlink", linkname: "abs/../../bin" },
  ],
  [
    { path: "bin/late", text: "late", mode: 0o755 },
    { path: "abs/late2", text: "late2" },
    { path: "bin/below/deep", text: "deep" },
  ],
];

/** The upper layer leaves out the folders that hold its files. */
const parentless: readonly (readonly Item[])[] = [
  ...baseLayers,
  [
    { path: "private/late", text: "late" },
    { path: "opt/sub/new/late", text: "late" },
    { path: "etc/motd/x", text: "x" },
  ],
];

const service: readonly Item[] = [
  ...accounts,
  { path: "svc/" },
  { path: "svc/f", text: "f of svc" },
  { path: "svc/link", type: "symlink", linkname: "/data/sub" },
  { path: "svc/climb", type: "symlink", linkname: "/svc/../../data/./sub" },
  { path: "svc/to-file", type: "symlink", linkname: "/data/file" },
  { path: "svc/to-to-file", type: "symlink", linkname: "to-file" },
  { path: "svc/dangling", type: "symlink", linkname: "/made/there" },
  { path: "svc/dangling-rel", type: "symlink", linkname: "../made/here" },
  { path: "svc/loop", type: "symlink", linkname: "loop" },
  { path: "data/", mode: 0o750, gid: 9 },
  { path: "data/f", text: "f of data" },
  { path: "data/file", text: "file" },
  { path: "data/sub/", mode: 0o700, uid: 9 },
  { path: "data/sub/x", text: "x" },
];

const hard: readonly (readonly Item[])[] = [
  [
    { path: "d/" },
    { path: "d/a", text: "a", mode: 0o600, uid: 3, mtime: 1_234_567_890 },
    { path: "d/b", type: "hardlink", linkname: "d/a", mode: 0o600, uid: 3, mtime: 1_234_567_890 },
    { path: "d/s", type: "symlink", linkname: "a" },
    { path: "e/" },
    { path: "e/c", type: "hardlink", linkname: "d/a", mode: 0o600, uid: 3, mtime: 1_234_567_890 },
    { path: "e/own", text: "own" },
  ],
  [{ path: "e/" }, { path: "e/late", text: "late" }, { path: "e/later", type: "hardlink", linkname: "e/late" }],
];

const setgid: readonly Item[] = [
  ...accounts,
  { path: "home/" },
  { path: "home/jovyan/", mode: 0o2775, uid: 1000, gid: 100 },
  { path: "home/jovyan/old/", mode: 0o755, uid: 1000 },
  { path: "opt/" },
  { path: "opt/conda/", mode: 0o2775, gid: 100 },
  { path: "opt/conda/f", text: "f" },
  { path: "opt/here", type: "symlink", linkname: "conda" },
  { path: "sticky/", mode: 0o3777, gid: 5 },
];

/** Every setting that an image can have. */
const full: ContainerConfig = {
  User: "idies",
  Env: ["A=1", "PATH=/only", "A=2"],
  Entrypoint: ["/entry", "x"],
  Cmd: ["c", "d"],
  Volumes: { "/v": {}, "/w": {} },
  WorkingDir: "/opt/sub/",
  Labels: { a: "1" },
  ExposedPorts: { "80/tcp": {}, "9/udp": {} },
  StopSignal: "SIGQUIT",
  Healthcheck: { Test: ["CMD", "x"], Interval: 5_000_000_000, Retries: 2 },
  Shell: ["/bin/bash", "-c"],
};

const step = (created_by: string, empty_layer?: true): object => ({
  created: "2020-01-01T00:00:00Z",
  created_by,
  ...(empty_layer && { empty_layer }),
});

const amd64 = { os: "linux", architecture: "amd64" };
const arm64 = { os: "linux", architecture: "arm64" };

const indexed = {
  NOPLATFORM: index(undefined),
  NOPLATFORMS: index(undefined, undefined),
  SOMEPLATFORM: index(undefined, amd64),
  AMDFIRST: index(amd64, arm64),
  ARMFIRST: index(arm64, amd64),
  TWOAMD: index(amd64, amd64),
  VARIANTS: index({ ...amd64, variant: "v3" }, { ...amd64, variant: "v2" }, amd64),
  VARIANTSONLY: index({ ...amd64, variant: "v3" }, { ...amd64, variant: "v2" }),
  VARIANTONE: index({ ...amd64, variant: "v2" }, { ...amd64, variant: "v1" }),
  SPELLED: index({ os: "linux", architecture: "x86_64" }),
  CAPITALS: index({ os: "Linux", architecture: "AMD64" }),
  OSVERSION: index({ ...amd64, "os.version": "5.4" }, amd64),
  OSFEATURES: index({ ...amd64, "os.features": ["x"] }, amd64),
  FOREIGN: index(arm64, { os: "windows", architecture: "amd64" }),
  ATTESTED: index({ os: "unknown", architecture: "unknown" }, amd64),
  THIRTYTWO: index({ os: "linux", architecture: "386" }),
};

const indexes = new Set(Object.keys(indexed));

const named: Readonly<Record<string, Push>> = {
  BASE: image(baseLayers),
  OTHER: image(otherLayers, {}),
  TRIGGERS: onBuild("COPY one.txt /triggered/", "ENV TRIGGERED=yes", "USER idies"),
  LINKED: image(linked),
  PARENTLESS: image(parentless),
  SERVICE: image([service]),
  HARD: image(hard, {}),
  SETGID: image([setgid]),
  FULL: image(baseLayers, full),
  BARE: image(baseLayers, {}),
  WORKING: image(baseLayers, { ...baseConfig, WorkingDir: "", User: "1000:50" }),
  NOHISTORY: image(baseLayers, baseConfig, { history: undefined }),
  SHORTHISTORY: image(baseLayers, baseConfig, { history: [step("one")] }),
  EMPTYHISTORY: image(baseLayers, baseConfig, { history: [] }),
  EMPTYSTEPS: image(baseLayers, baseConfig, { history: [step("e1", true), step("e2", true)] }),
  LONGHISTORY: image(baseLayers, baseConfig, { history: [step("1"), step("2"), step("e", true), step("3")] }),
  MIXEDHISTORY: image(baseLayers, baseConfig, { history: [step("e", true), step("1"), step("e2", true)] }),
  NULLHISTORY: image(baseLayers, baseConfig, { history: null }),
  NOLAYER: image([], baseConfig, { history: [step("e", true)] }),
  FEATURES: image(baseLayers, baseConfig, { "os.features": ["win32k"], "os.version": "10.0.1" }),
  VARIANT: image(baseLayers, baseConfig, { variant: "v2" }),
  WINDOWS: image(baseLayers, baseConfig, { os: "windows", "os.version": "10.0.17763.1", "os.features": ["win32k"] }),
  ARM: image(baseLayers, baseConfig, { architecture: "arm64", variant: "v8" }),
  AUTHOR: image(baseLayers, baseConfig, {
    author: "Somebody <a@b>",
    comment: "odd",
    docker_version: "1.2",
    container: "abc",
  }),
  UNKNOWNKEYS: image(baseLayers, {
    ...baseConfig,
    NetworkDisabled: true,
    MacAddress: "02:42:ac:11:00:02",
    Hostname: "h",
    Image: "sha256:x",
    Tty: true,
  } as ContainerConfig),
  ...indexed,
  OBCOPY: onBuild("COPY --from=extra /x /extra"),
  OBNUMBER: onBuild("COPY --from=0 /x /extra"),
  OBIMAGE: onBuild("COPY --from=busybox.invalid/none /x /extra", "ENV B=1"),
  OBMANY: onBuild(
    "ARG V=1",
    "ENV W=$V",
    "WORKDIR /ob",
    "ADD one.txt .",
    "LABEL l=$W",
    "EXPOSE 81",
    "VOLUME /obv",
    "STOPSIGNAL 9",
    'CMD ["x"]',
    "ENTRYPOINT y",
  ),
  OBHEREDOC: onBuild("COPY <<EOF /h\ntext $FROM_BASE\nEOF", "COPY <<'EOF' /i\n$X\nEOF"),
  OBUSER: onBuild("USER 5", "WORKDIR /made", "ONBUILD ENV A=1"),
  OBMAINTAINER: onBuild("MAINTAINER x"),
  OBFROM: onBuild("FROM scratch"),
  OBBOGUS: onBuild("BOGUS x"),
  OBEMPTY: onBuild(),
  OBSMALL: onBuild("copy one.txt /x", "env A=1   B=2"),
};
