import { describe, expect, it } from "vitest";
import type { DeclaredSection, DockerfileTemplate, Pin } from "../../src/compose/model.ts";
import { renderDockerfile } from "../../src/compose/render.ts";

const definition = { path: "compat/common/sciserver-image.json", text: '{\n  "directories": ["/x"]\n}' };
const origin = { source: definition, offset: 4, length: 13 };
const section: DeclaredSection = { layer: "common", at: 13, origin, directories: [{ path: "/x" }] };
const template: DockerfileTemplate = {
  text: "FROM science\nCOPY --from=tool /a /a\n",
  references: [
    { start: 5, end: 12, base: { kind: "built", id: "science/x" }, final: true },
    { start: 25, end: 29, base: { kind: "named", name: "tool", source: { kind: "external" } }, final: false },
  ],
  declared: [section],
  origins: [],
};
const pins: readonly Pin[] = [
  { reference: "reg.test/sci/x@sha256:1", name: "x", user: "1000" },
  { reference: "docker.io/library/tool@sha256:2", name: "tool" },
];

describe("a rendered Dockerfile", () => {
  it("has every reference pinned, and declared folders as instructions", () => {
    const { text, declared } = renderDockerfile(template, pins, "run");
    expect(text.replace(/RUN .*/, "RUN …")).toBe(
      "FROM reg.test/sci/x@sha256:1\nUSER 0\nRUN …\nUSER 1000\nCOPY --from=docker.io/library/tool@sha256:2 /a /a\n",
    );
    expect(declared).toEqual([]);
  });

  it("keeps declared folders by their place for an engine that makes them itself", () => {
    const { text, declared } = renderDockerfile(template, pins, "keep");
    expect(text).toBe("FROM reg.test/sci/x@sha256:1\nCOPY --from=docker.io/library/tool@sha256:2 /a /a\n");
    expect(declared).toEqual([{ ...section, at: text.indexOf("COPY") }]);
  });
});
