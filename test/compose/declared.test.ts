import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DeclaredUser } from "../../src/catalogue/model.ts";
import { declaredInstructions, declaredScript } from "../../src/compose/declared-script.ts";
import { applyDeclared } from "../../src/compose/declared-user.ts";
import type { Declaration } from "../../src/compose/model.ts";
import type { Accounts } from "../../src/files/entry.ts";

const idies: DeclaredUser = {
  name: "idies",
  uid: 1000,
  gid: 1000,
  group: "idies",
  home: "/home/idies",
  shell: "/bin/bash",
};
const section = (more: Partial<Declaration> = {}): Declaration => ({
  layer: "common",
  user: idies,
  owner: idies,
  directories: [{ path: "/home/idies/workspace" }],
  ...more,
});
const debian: Accounts = { passwd: "root:x:0:0:root:/root:/bin/bash\n", group: "root:x:0:\n" };

describe("a declared user", () => {
  it("is added with its group, home and folders", () => {
    expect(applyDeclared(section(), debian)).toEqual({
      accounts: {
        passwd: "root:x:0:0:root:/root:/bin/bash\nidies:*:1000:1000::/home/idies:/bin/bash\n",
        group: "root:x:0:\nidies:*:1000:\n",
      },
      directories: [
        { path: "/home/idies", uid: 1000, gid: 1000, mode: 0o755, onlyIfAbsent: true },
        { path: "/home/idies/workspace", uid: 1000, gid: 1000, mode: 0o755, onlyIfAbsent: false },
      ],
    });
  });

  it("gives way to a user with that uid, whose group then owns the folders", () => {
    const ubuntu = { passwd: "ubuntu:x:1000:100::/home/ubuntu:/bin/sh\n", group: "users:x:100:\n" };
    const { accounts, directories } = applyDeclared(section(), ubuntu);
    expect(accounts).toEqual(ubuntu);
    expect(directories).toMatchObject([
      { path: "/home/idies", gid: 100 },
      { uid: 1000, gid: 100 },
    ]);
  });

  it("is added to an image without any", () => {
    expect(applyDeclared(section(), {}).accounts).toEqual({
      passwd: "idies:*:1000:1000::/home/idies:/bin/bash\n",
      group: "idies:*:1000:\n",
    });
  });

  it("starts a line of its own where the last has no end", () => {
    expect(applyDeclared(section(), { passwd: "root:x:0:0::/:/sh" }).accounts.passwd).toBe(
      "root:x:0:0::/:/sh\nidies:*:1000:1000::/home/idies:/bin/bash\n",
    );
  });

  it("is refused where the name has another number", () => {
    expect(() => applyDeclared(section(), { passwd: "idies:x:5:5::/:/sh\n" })).toThrow(
      'user "idies" with number 5, and 1000',
    );
    expect(() => applyDeclared(section(), { group: "idies:x:5:\n" })).toThrow('group "idies" with number 5');
  });

  it("need not be there for folders, which have the owner that is named", () => {
    const directories = [
      { path: "/a" },
      { path: "/b", owner: "7" },
      { path: "/c", owner: "7:8", mode: 0o1777 },
      { path: "/d", owner: "www" },
      { path: "/e", owner: "www:staff" },
      { path: "/f", owner: "7:staff" },
      { path: "/g", owner: "www:9" },
    ];
    const none = { layer: "x", directories };
    const accounts = { passwd: "www:x:33:34::/:/sh\n", group: "staff:x:50:\n" };
    expect(applyDeclared(none, accounts).directories).toMatchObject([
      { uid: 0, gid: 0 },
      { uid: 7, gid: 7 },
      { uid: 7, gid: 8, mode: 0o1777 },
      { uid: 33, gid: 34 },
      { uid: 33, gid: 50 },
      { uid: 7, gid: 50 },
      { uid: 33, gid: 9 },
    ]);
    expect(() => applyDeclared(none, {})).toThrow('no user "www"');
    expect(() => applyDeclared(none, { passwd: accounts.passwd })).toThrow('no group "staff"');
  });

  it.each(["", "x", "-1", "4294967295", "1e3", "0x10", " 5"])("trusts no number %j of the image's own files", (id) => {
    const owned = { layer: "x", directories: [{ path: "/a", owner: "www" }] };
    expect(() => applyDeclared(owned, { passwd: `www:x:${id}:34::/:/sh\n` })).toThrow("give no number");
    expect(() => applyDeclared(owned, { passwd: `www:x:33:${id}::/:/sh\n` })).toThrow("give no number");
  });

  it.each(
    (["name", "group", "home", "shell"] as const).flatMap((field) =>
      [":", "\n", "\r", "\0", "\u001b", "\u007f", "\u0085", "\u2028", "\ud800"].map((bad) => [field, bad] as const),
    ),
  )("writes no line with %s holding %j, by either engine", (field, bad) => {
    const user = { ...idies, [field]: `${idies[field]}${bad}root2:x:0:0::/root:/bin/sh` };
    expect(() => applyDeclared(section({ user }), {})).toThrow(`the ${field} of a declared user`);
    expect(() => declaredScript(section({ user }))).toThrow(`the ${field} of a declared user`);
  });

  it.each([
    ["uid", -1],
    ["uid", 1.5],
    ["gid", 4294967295],
    ["gid", Number.NaN],
  ] as const)("writes no line with %s %d", (field, id) => {
    expect(() => applyDeclared(section({ user: { ...idies, [field]: id } }), {})).toThrow(`the ${field} of a declared`);
  });
});

describe("the script for engines with RUN", () => {
  it("does the same as the rule, on any account files", () => {
    const name = fc.constantFrom("idies", "root", "www", "5", "x");
    const number = fc.constantFrom("5", "1000", "100", "0", "33");
    const line = fc.tuple(
      name,
      fc.constant("x"),
      number,
      number,
      fc.constant(""),
      fc.constant("/"),
      fc.constant("/bin/sh"),
    );
    const text = fc.option(
      fc
        .tuple(
          fc.array(
            line.map((fields) => fields.join(":")),
            { maxLength: 4 },
          ),
          fc.boolean(),
        )
        .map(([lines, ended]) => lines.join("\n") + (ended && lines.length > 0 ? "\n" : "")),
      { nil: undefined },
    );
    const owner = fc.constantFrom(undefined, "www", "7", "7:8", "www:idies", "7:x", "x:9");
    fc.assert(
      fc.property(text, text, owner, (passwd, group, named) => {
        const tested = section({
          directories: [{ path: "/srv/it's", ...(named === undefined ? {} : { owner: named }) }],
        });
        expect(runScript(tested, { passwd, group })).toEqual(rule(tested, { passwd, group }));
      }),
      { numRuns: 60 },
    );
  });

  it("runs as root, and gives the user back that was there", () => {
    const lines = (more: Partial<Declaration>, user?: string) =>
      declaredInstructions(section(more), user)
        .split("\n")
        .map((each) => each.replace(/^RUN .*/, "RUN"));
    expect(lines({})).toEqual(["RUN", ""]);
    expect(lines({}, "root:root")).toEqual(["RUN", ""]);
    expect(lines({}, "1000")).toEqual(["USER 0", "RUN", "USER 1000", ""]);
    expect(lines({ runsAs: "${WHO}" }, "1000")).toEqual(["USER 0", "RUN", "USER ${WHO}", ""]);
    expect(lines({ runsAs: "root" }, "1000")).toEqual(["RUN", ""]);
  });
});

type Outcome = { readonly accounts: Accounts; readonly owned: readonly string[] } | "refused";

function rule(tested: Declaration, accounts: Accounts): Outcome {
  try {
    const done = applyDeclared(tested, accounts);
    return { accounts: done.accounts, owned: done.directories.map(({ path, uid, gid }) => `${uid}:${gid} ${path}`) };
  } catch {
    return "refused";
  }
}

/** Runs the script in a folder of its own: only the places of the files are replaced, and who owns them is written down. */
function runScript(tested: Declaration, { passwd, group }: Accounts): Outcome {
  const root = mkdtempSync(join(tmpdir(), "declared-"));
  try {
    mkdirSync(join(root, "etc"));
    if (passwd !== undefined) writeFileSync(join(root, "etc/passwd"), passwd);
    if (group !== undefined) writeFileSync(join(root, "etc/group"), group);
    const script = declaredScript(tested)
      .replaceAll(/(^| |')\/(etc|home|srv)/gm, `$1${root}/$2`)
      .replaceAll(`:${root}`, ":");
    const recorded = `chown() { printf '%s\\n' "$1 \${2#${root}}" >>${root}/owned; }\n${script}`;
    execFileSync("/bin/sh", ["-c", recorded], { stdio: ["ignore", "ignore", "ignore"] });
    const read = (name: string): string | undefined =>
      existsSync(join(root, name)) ? readFileSync(join(root, name), "utf8") : undefined;
    return {
      accounts: { passwd: read("etc/passwd"), group: read("etc/group") },
      owned: (read("owned") ?? "").trimEnd().split("\n"),
    };
  } catch {
    return "refused";
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
