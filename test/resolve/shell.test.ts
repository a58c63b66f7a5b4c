import { describe, expect, it } from "vitest";
import { startShell } from "../../src/resolve/shell/run.ts";
import { View } from "../../src/resolve/view.ts";
import type { Item } from "../files/support.ts";
import { type Config, program, resolvable } from "./support.ts";

/** What `/etc/profile` leaves behind. */
async function profile(text: string, more: readonly Item[] = [], config: Config = {}) {
  const view = new View(await resolvable([[{ path: "etc/profile", text }, ...more]], config));
  const { variables, code } = startShell(["/etc/profile"], view);
  return { code, path: variables.get("PATH"), x: variables.get("X"), variables };
}

const x = async (text: string, more: readonly Item[] = [], config: Config = {}): Promise<string | undefined> =>
  (await profile(text, more, config)).x;

describe("the start of a login shell", () => {
  it("exports what it says, with what was there", async () => {
    expect(await x("export X=a")).toBe("a");
    expect(await x("X=a; export X")).toBe("a");
    expect(await x("X=a")).toBeUndefined();
    expect((await profile('export PATH="/opt/x:$PATH"', [], { Env: ["PATH=/bin"] })).path).toBe("/opt/x:/bin");
    expect(await x('export X="a b"\nX+=c # and more')).toBe("a bc");
    expect(await x("export X=~/x Y=${Z:-b}", [], { Env: ["HOME=/h"] })).toBe("/h/x");
    expect(await x("export X=a\nunset X")).toBeUndefined();
    expect(await x("declare -x X='$a'")).toBe("$a");
  });

  it("is Debian's, for root and for others", async () => {
    const debian = `if [ "$(id -u)" -eq 0 ]; then
  PATH="/root"
else
  PATH="/user"
fi
export PATH
if [ "\${PS1-}" ]; then
  if [ "\${BASH-}" ] && [ "$BASH" != "/bin/sh" ]; then export X=wrong; fi
fi
if [ -d /etc/profile.d ]; then
  for i in /etc/profile.d/*.sh; do
    if [ -r $i ]; then
      . $i
    fi
  done
  unset i
fi
`;
    const parts = [
      { path: "etc/profile.d/b.sh", text: "export X=${X}b\n" },
      { path: "etc/profile.d/a.sh", text: "export X=a\n" },
      { path: "etc/profile.d/c.csh", text: "setenv X c\n" },
    ];
    const { path, x, code } = await profile(debian, parts, { User: "1000" });
    expect([path, x, code]).toEqual(["/user", "ab", []]);
    expect((await profile(debian)).path).toBe("/root");
  });

  it("calls functions, as Red Hat's does", async () => {
    const text = `pathmunge () {
    case ":\${PATH}:" in
        *:"$1":*)
            ;;
        *)
            if [ "$2" = "after" ] ; then
                PATH=$PATH:$1
            else
                PATH=$1:$PATH
            fi
    esac
}
pathmunge /usr/sbin
pathmunge /usr/local/sbin after
pathmunge /bin
`;
    expect((await profile(text, [], { Env: ["PATH=/bin"] })).path).toBe("/usr/sbin:/bin:/usr/local/sbin");
  });

  it("chooses by what is in the image", async () => {
    expect(await x("[ -f /etc/yes ] && export X=a", [{ path: "etc/yes" }])).toBe("a");
    expect(await x("[ -f /etc/yes ] && export X=a")).toBeUndefined();
    expect(
      await x("if command -v tool >/dev/null 2>&1; then export X=a; else export X=b; fi", [program("usr/bin/tool")]),
    ).toBe("a");
    expect(await x("[[ $- == *i* ]] && export X=a || export X=b")).toBe("b");
    expect(await x("! test -x /bin/none && export X=a")).toBe("a");
    expect(await x("case $(id -u) in 0|1) export X=root;; *) export X=user;; esac")).toBe("root");
  });

  it("goes both ways where it is not known which, and knows what they have in common", async () => {
    const { x, path, code } = await profile(
      "if tool; then export X=a PATH=/a; else export X=b PATH=/a; fi\n$(tool) || true",
    );
    expect([x, path, code]).toEqual([undefined, "/a", ["etc/profile"]]);
    const other = await profile("LS_COLORS=$(dircolors)\nexport LS_COLORS\nfor i in 1 2; do X=$X$i; done; export X");
    expect([other.x, other.code]).toEqual(["12", []]);
    expect((await profile('export PATH="$(tool):$PATH"')).code).toEqual(["etc/profile"]);
    expect((await profile("if tool; then PYTHONPATH=/x; fi; export PYTHONPATH")).code).toEqual(["etc/profile"]);
  });

  it.each([
    'eval "$(tool)"',
    "cd /opt",
    ". /opt/some.sh",
    "while true; do X=1; done",
    "cat <<E\nE\n",
    "if true",
    'export X="a',
    "X=$((1+1",
  ])("cannot be followed: %s", async (text) => {
    expect((await profile(`${text}\n`, [{ path: "opt/some.sh" }])).code).not.toEqual([]);
  });

  it.each([
    "echo hello | tool",
    "umask 022; alias ll='ls -l'; ulimit -c 0",
    "(cd /opt; tool)",
    "tool &",
    "mesg n || true",
    ". /opt/none.sh",
  ])("is not changed by: %s", async (text) => {
    const { code, variables } = await profile(`${text}\n`);
    expect([code, variables.get("PATH")]).toEqual([[], "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]);
  });

  it("ends, whatever a file says", async () => {
    const hostile = ["X=aaaaaaaaaaaaaaaa\n", ...Array.from({ length: 2000 }, () => "X=$X$X\n"), "export X\n"].join("");
    expect(await x(hostile)).toBeUndefined();
    expect((await profile("f() { f; f; }\nf\n")).code).toEqual(["etc/profile"]);
    expect((await profile(". /etc/profile\n")).code).toEqual(["etc/profile"]);
    const pattern = `case ${"a".repeat(10_000)} in ${"*a".repeat(2000)}b) export X=1;; esac\n`;
    expect((await profile(pattern)).code).toEqual([]);
  });
});
