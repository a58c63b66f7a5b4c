import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import {
  familiarReference,
  formatReference,
  isRegistryHost,
  isRepositoryComponent,
  isRepositoryPath,
  isTag,
  manifestTarget,
  parseReference,
  parseReferenceOrThrow,
} from "../../src/oci/reference.ts";

const hex = "0123456789abcdef".repeat(4);

describe("a reference", () => {
  it.each([
    ["debian", "docker.io/library/debian", "debian"],
    ["debian:bookworm-slim", "docker.io/library/debian:bookworm-slim", "debian:bookworm-slim"],
    ["library/debian", "docker.io/library/debian", "debian"],
    ["docker.io/debian", "docker.io/library/debian", "debian"],
    ["index.docker.io/debian", "docker.io/library/debian", "debian"],
    ["jupyter/base-notebook", "docker.io/jupyter/base-notebook", "jupyter/base-notebook"],
    ["library/a/b", "docker.io/library/a/b", "library/a/b"],
    ["localhost/x", "localhost/x", "localhost/x"],
    ["localhost:5000/x", "localhost:5000/x", "localhost:5000/x"],
    ["localhost:5000/x:1.0", "localhost:5000/x:1.0", "localhost:5000/x:1.0"],
    ["[::1]:5000/x", "[::1]:5000/x", "[::1]:5000/x"],
    ["ghcr.io/a/b_c/d--e/f.g__h", "ghcr.io/a/b_c/d--e/f.g__h", "ghcr.io/a/b_c/d--e/f.g__h"],
    ["Registry/x", "Registry/x", "Registry/x"],
    [`a@sha256:${hex}`, `docker.io/library/a@sha256:${hex}`, `a@sha256:${hex}`],
    [`h.io:1/a:T.1-2_3@sha256:${hex}`, `h.io:1/a:T.1-2_3@sha256:${hex}`, `h.io:1/a:T.1-2_3@sha256:${hex}`],
    ["test:5000/repo", "test:5000/repo", "test:5000/repo"],
    ["a:5000", "docker.io/library/a:5000", "a:5000"],
  ])("%s is read as %s", (text, full, familiar) => {
    const reference = parseReferenceOrThrow(text);
    expect(formatReference(reference)).toBe(full);
    expect(familiarReference(reference)).toBe(familiar);
    expect(parseReference(full)).toEqual(reference);
    expect(parseReference(familiar)).toEqual(reference);
  });

  it.each([
    "",
    "/",
    "a/",
    "/a",
    "a//b",
    "A",
    "a/B",
    "a:",
    "a:-x",
    "a: b",
    "a@",
    "a@sha256:12",
    `a@sha256:${hex.toUpperCase()}`,
    "a@md5:abc",
    "a b",
    "-a",
    "a-",
    "a..b",
    "a___b",
    "a._b",
    "h:port/a",
    "[::1/a",
    "[::g]/a",
    "-h.io/a",
    "h_i.o/a",
    "a:b:c",
    "https://a/b",
    `a:${"t".repeat(129)}`,
    `h.io/${"a".repeat(256)}`,
    "a\n",
    "ä",
  ])("%j is refused", (text) => {
    expect(parseReference(text)).toBeUndefined();
    expect(() => parseReferenceOrThrow(text)).toThrow(RefusedError);
  });

  it("is asked for by its digest, else its tag, else latest", () => {
    expect(manifestTarget(parseReferenceOrThrow(`a:1@sha256:${hex}`))).toBe(`sha256:${hex}`);
    expect(manifestTarget(parseReferenceOrThrow("a:1"))).toBe("1");
    expect(manifestTarget(parseReferenceOrThrow("a"))).toBe("latest");
  });

  it("that a user wrote with capitals comes with the next step", () => {
    const failure = (text: string): unknown => {
      try {
        return parseReferenceOrThrow(text);
      } catch (thrown) {
        return (thrown as RefusedError).diagnostics[0]?.help;
      }
    };
    expect(failure("Sci/Image")).toContain("lower case");
    expect(failure("sci//image")).toContain("REGISTRY/REPOSITORY:TAG");
  });

  /** In quadratic time each of these would take minutes. */
  it.each([
    "a".repeat(1_000_000),
    "a-".repeat(1_000_000),
    `${"a/".repeat(1_000_000)}A`,
    ":".repeat(1_000_000),
    `a@${"a:".repeat(1_000_000)}`,
  ])("is not read in quadratic time", (text) => {
    expect(parseReference(text)).toBeUndefined();
  });
});

describe("the grammar of names", () => {
  it("knows components, paths, tags and hosts", () => {
    expect([isRepositoryComponent("a.b_c-d"), isRepositoryComponent("a/b"), isRepositoryComponent("")]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isRepositoryPath("compute-images/sci"), isRepositoryPath("a//b")]).toEqual([true, false]);
    expect([isTag("2.4-32-dk8912n"), isTag("_x"), isTag(".x"), isTag("")]).toEqual([true, true, false, false]);
    expect([isRegistryHost("a.b:5000"), isRegistryHost("a/b"), isRegistryHost("a:123456")]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
