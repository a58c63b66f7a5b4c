import { describe, expect, it } from "vitest";
import { compatDefinition, scienceDefinition } from "../../src/catalogue/schema.ts";
import { readDefinition } from "../../src/catalogue/validate.ts";

describe("a declared user or directory", () => {
  const file = "compat/c/sciserver-image.json";
  const found = (definition: object): string[] => placesOf(file, JSON.stringify(definition, null, 1), compatDefinition);
  const user = { name: "idies", uid: 1000, home: "/home/idies" };
  const unfit = [":", "\n", "\r", "\0", "\t", "\u001b", "\u007f", "\u0085", "\u2028", "\u2029", "\ud800"];

  it("may have spaces, dots and letters of any script in its paths", () => {
    const paths = ["/home/J. Müller", "/données/λ", "/😀"];
    expect(found({ user: { ...user, home: paths[0], shell: "/opt/my shell/sh" }, directories: paths })).toEqual([]);
  });

  it.each(
    (["name", "group", "home", "shell"] as const).flatMap((field) =>
      [...unfit.map((bad) => `/x${bad}root2:x:0:0::/root:/bin/sh`), "", " x", "-x", "re lative"].map((value) => [
        field,
        value,
      ]),
    ),
  )("has its %s at its place when it is %j", (field, value) => {
    const line = { name: 3, home: 5, group: 6, shell: 6 }[field as string];
    const column = (field as string).length + 7;
    expect(found({ user: { ...user, [field as string]: value } })).toEqual([`wrong-value ${file}:${line}:${column}`]);
  });

  it.each(["/a/../etc", "/..", "/a/./b", `/${"x".repeat(256)}`, `/${"x/".repeat(2050)}`])("has no home %j", (home) => {
    expect(found({ user: { ...user, home } })).toEqual([`wrong-value ${file}:5:11`]);
  });

  it.each([
    ["uid", -1],
    ["uid", 1.5],
    ["uid", 4294967295],
    ["gid", -1],
    ["gid", 4294967296],
    ["uid", "0"],
  ])("has no %s %j", (field, id) => {
    expect(found({ user: { ...user, [field]: id } })).toHaveLength(1);
  });

  it.each([...unfit.map((bad) => `/x${bad}y`), "", "x", "/a/../b"])(
    "has no path %j, alone or with an owner",
    (path) => {
      expect(found({ directories: ["/good", path] })).toEqual([`wrong-value ${file}:4:3`]);
      expect(found({ directories: [{ path, mode: "0755" }] })).toEqual([`wrong-value ${file}:4:12`]);
    },
  );

  it.each(["a:b:c", "a b", "a\nb", "-a", ":", "a:", ":a", "4294967295", "7:4294967295", "A"])(
    "has no owner %j",
    (owner) => {
      expect(found({ directories: [{ path: "/d", owner }] })).toEqual([`wrong-value ${file}:5:13`]);
    },
  );
});

describe("what a definition writes into a Dockerfile or onto a command line", () => {
  it.each(["1\nRUN touch /pwned", "1\r\nUSER root", "\0"])(
    "has no argument of a compat layer with the value %j",
    (value) => {
      const definition = JSON.stringify({ args: { A: value } });
      expect(placesOf("d.json", definition, compatDefinition)).toEqual(["wrong-value d.json:1:14"]);
    },
  );

  it.each(["a=b", "org.sciserver.compat.inputs=sha256", "a b", "a\nb", "\0"])("has no label with the key %j", (key) => {
    const definition = JSON.stringify({ labels: { [key]: "v" }, image: "x", version: "1", compat: "c" });
    expect(placesOf("d.json", definition, scienceDefinition)).toEqual(["wrong-key d.json:1:12"]);
  });
});

const placesOf = (file: string, text: string, schema: Parameters<typeof readDefinition>[1]): string[] =>
  readDefinition({ path: file, text }, schema).diagnostics.map(
    ({ code, at }) => `${code} ${at?.file}:${at?.line}:${at?.column}`,
  );
