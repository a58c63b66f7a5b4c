import { describe, expect, it } from "vitest";
import { layerOrigins } from "../../src/freeze/layer-origins.ts";
import type { HistoryEntry, ImageConfig } from "../../src/oci/config.ts";
import { sha256Digest } from "../../src/oci/digest.ts";

const text = "FROM science\nENV A=1\nCOPY pk /opt/pk\nCOPY --chown=1 x /opt/x\nRUN apt-get install y\nWORKDIR /home\n";
const source = { path: "compat/jup/Dockerfile", text };
const handed = {
  dockerfile: text,
  origins: [{ source, offset: 0, start: 0, end: text.length }],
  declared: [],
};

const image = (layers: number, history: readonly HistoryEntry[]): ImageConfig => ({
  os: "linux",
  architecture: "amd64",
  rootfs: { type: "layers", diff_ids: Array.from({ length: layers }, (_, at) => sha256Digest(`${at}`)) },
  history,
});

const base: readonly HistoryEntry[] = [
  { created_by: "ADD rootfs" },
  { created_by: "ENV A=0", empty_layer: true },
  { created_by: "RUN apt-get install z" },
];

const empty = (by: string): HistoryEntry => ({ created_by: by, empty_layer: true });
const layer = (by: string): HistoryEntry => ({ created_by: by });

describe("the instruction that a layer is of", () => {
  it("is found in what BuildKit writes", () => {
    const history = [
      ...base,
      empty("ENV A=1"),
      layer("COPY pk /opt/pk # buildkit"),
      layer("COPY --chown=1 x /opt/x # buildkit"),
      layer("RUN /bin/sh -c apt-get install y # buildkit"),
      layer("WORKDIR /home"),
    ];
    const { ofLayer, ofVariable } = layerOrigins(handed, image(2, base), image(6, history));
    expect([2, 3, 4, 5].map((at) => ofLayer(at, "/z"))).toEqual([
      "compat/jup/Dockerfile:3 (COPY)",
      "compat/jup/Dockerfile:4 (COPY)",
      "compat/jup/Dockerfile:5 (RUN)",
      "compat/jup/Dockerfile:6 (WORKDIR)",
    ]);
    expect(ofLayer(1, "/z")).toBeUndefined();
    expect(ofVariable("A")).toBe("compat/jup/Dockerfile:2 (ENV)");
    expect(ofVariable("B")).toBeUndefined();
  });

  it("is found in what the classic builder writes", () => {
    const history = [
      ...base,
      empty("/bin/sh -c #(nop)  ENV A=1"),
      layer("/bin/sh -c #(nop) COPY dir:aa in /opt/pk "),
      layer("/bin/sh -c #(nop) COPY --chown=1 file:bb in /opt/x "),
      layer("/bin/sh -c apt-get install y"),
      empty("/bin/sh -c #(nop) WORKDIR /home"),
    ];
    const { ofLayer } = layerOrigins(handed, image(2, base), image(5, history));
    expect([2, 3, 4].map((at) => ofLayer(at, "/z")?.slice(22))).toEqual(["3 (COPY)", "4 (COPY)", "5 (RUN)"]);
  });

  it("is the one that writes there, where neighbours have become one layer", () => {
    const history = [
      ...base,
      empty("ENV A=1"),
      empty("COPY pk /opt/pk # buildkit"),
      layer("COPY --chown=1 x /opt/x # buildkit"),
    ];
    const { ofLayer } = layerOrigins(handed, image(2, base), image(3, history));
    expect(ofLayer(2, "/opt/pk/numpy")).toBe("compat/jup/Dockerfile:3 (COPY)");
    expect(ofLayer(2, "/opt/x")).toBe("compat/jup/Dockerfile:4 (COPY)");
  });

  it("is not guessed where the history does not tell of all layers", () => {
    const { ofLayer } = layerOrigins(handed, image(2, []), image(4, [layer("COPY pk /opt/pk")]));
    expect(ofLayer(3, "/opt/pk")).toBeUndefined();
  });
});
