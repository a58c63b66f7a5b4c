import { describe, expect, it } from "vitest";
import type { Range } from "../../src/diagnostics/text.ts";
import { type Instruction, parseDockerfile } from "../../src/dockerfile/index.ts";

const cut = (text: string, range: Range | undefined): string | undefined => range && text.slice(range.start, range.end);
const only = (text: string): Instruction => {
  const { instructions } = parseDockerfile(text);
  expect(instructions).toHaveLength(1);
  return instructions[0] as Instruction;
};
const codes = (text: string): string[] => parseDockerfile(text).problems.map((each) => each.code);

describe("an instruction", () => {
  it("is joined from its continuations, without the comments and empty lines among them", () => {
    const text = "RUN a \\\n  # why\n\n\t b \\ \t\r\n  c\nUSER x";
    const [run, user] = parseDockerfile(text).instructions;
    expect(run?.args).toBe("a \t b   c");
    expect(cut(text, run?.range)).toBe("RUN a \\\n  # why\n\n\t b \\ \t\r\n  c");
    expect(user?.keyword).toBe("USER");
  });

  it("is not continued by a doubled escape character", () => {
    expect(parseDockerfile("RUN a \\\\\nUSER b").instructions.map((each) => each.args)).toEqual(["a \\\\", "b"]);
  });

  it("may have its keyword in lower case, behind indentation and a byte order mark, and broken in two", () => {
    const text = "\ufeff \tfr\\\nom x";
    const from = only(text);
    expect(from.keyword).toBe("FROM");
    expect(cut(text, from.range)).toBe("fr\\\nom x");
    expect(from.words[0]?.text).toBe("x");
  });

  it("keeps its arguments as they are written", () => {
    expect(only("RUN   echo  'a  b' $X \\$Y  ").args).toBe("echo  'a  b' $X \\$Y");
  });

  it("has flags without the quotes and escapes of the text", () => {
    const text = `COPY --from="a b" --chown=1\\:2 --link --"chmod=600" -- --x /y`;
    const copy = only(text);
    expect(copy.flags.map(({ name, value }) => [name, value])).toEqual([
      ["from", "a b"],
      ["chown", "1:2"],
      ["link", undefined],
      ["chmod", "600"],
    ]);
    expect(copy.flags.map((flag) => cut(text, flag.valueRange))).toEqual(['"a b"', "1\\:2", undefined, "600"]);
    expect(copy.words.map((word) => word.text)).toEqual(["--x", "/y"]);
  });

  it("has the fields of a mount, each with its place", () => {
    const text = 'RUN --mount=type=bind,from=a:1,Target="/x y",ro \\\n  true';
    const fields = only(text).flags[0]?.fields ?? [];
    expect(fields.map(({ key, value }) => [key, value])).toEqual([
      ["type", "bind"],
      ["from", "a:1"],
      ["target", "/x y"],
      ["ro", undefined],
    ]);
    expect(fields.map((field) => cut(text, field.range))).toEqual(["bind", "a:1", "/x y", "ro"]);
  });

  it("reads a mount as one line of CSV", () => {
    const text = 'RUN --mount=\\"from=a,b\\",target=/x true';
    const fields = only(text).flags[0]?.fields ?? [];
    expect(fields.map(({ key, value }) => [key, value])).toEqual([
      ["from", "a,b"],
      ["target", "/x"],
    ]);
    expect(cut(text, fields[0]?.range)).toBe("a,b");
    expect(only('RUN --mount=\\"from=a\\"\\"b\\" true').flags[0]?.fields).toMatchObject([{ value: 'a"b' }]);
    expect(only('RUN --mount=from=a\\"b true').flags[0]?.fields).toBeUndefined();
  });

  it("has JSON form only where BuildKit sees it", () => {
    expect(only('CMD [ "a b" , "\\u0041" ]').json).toEqual(["a b", "A"]);
    expect(only("CMD []").json).toEqual([]);
    for (const args of ['["a",]', '["a"] x', "['a']", '["a" "b"]', '{"a":1}', '"a"']) {
      expect(only(`CMD ${args}`)).toMatchObject({ args, words: [] });
      expect(only(`CMD ${args}`).json).toBeUndefined();
    }
  });

  it("gives the elements of a JSON array their places", () => {
    const text = 'COPY ["a b", \\\n "c\\"d"]';
    const copy = only(text);
    expect(copy.words.map((word) => word.text)).toEqual(["a b", 'c"d']);
    expect(copy.words.map((word) => cut(text, word.range))).toEqual(['"a b"', '"c\\"d"']);
  });

  it("has a word that crosses a continuation", () => {
    const text = "FROM deb\\\nian";
    const [base] = only(text).words;
    expect(base?.text).toBe("debian");
    expect(cut(text, base?.range)).toBe("deb\\\nian");
  });

  it("has pairs with their quotes, in the new form and the old one", () => {
    const text = "ENV a=1 b=\"c d\" e=x\\ y f='g h'";
    const pairs = only(text).pairs;
    expect(pairs.map(({ key, value }) => [key, value])).toEqual([
      ["a", "1"],
      ["b", '"c d"'],
      ["e", "x\\ y"],
      ["f", "'g h'"],
    ]);
    expect(pairs.map((pair) => cut(text, pair.range))).toEqual(["a=1", 'b="c d"', "e=x\\ y", "f='g h'"]);
    expect(only("ENV a  b=c   d").pairs).toMatchObject([{ key: "a", value: "b=c   d" }]);
    expect(only("ARG a b=\nFROM x".split("\n")[0] ?? "").pairs).toMatchObject([{ key: "a" }, { key: "b", value: "" }]);
  });

  it("parts words at the white space that Go knows, and drops an escape character before nothing", () => {
    expect(only("ENV a=b\u0085c=d\u3000e=f").pairs.map(({ value }) => value)).toEqual(["b", "d", "f"]);
    expect(only("ENV a=b\ufeffc").pairs).toMatchObject([{ value: "b\ufeffc" }]);
    expect(only("ENV a=b\\\u00a0").pairs).toMatchObject([{ value: "b" }]);
  });

  it("holds the one behind ONBUILD", () => {
    const text = "ONBUILD COPY --from=x a  b ";
    const trigger = only(text);
    expect(trigger.args).toBe("COPY --from=x a  b ");
    expect(trigger.inner).toMatchObject({ keyword: "COPY", args: "a  b", flags: [{ name: "from", value: "x" }] });
    expect(cut(text, trigger.inner?.range)).toBe("COPY --from=x a  b");
  });

  it("has the type of a health check and its command as words", () => {
    expect(only("HEALTHCHECK --retries=2 CMD a  b").words.map((word) => word.text)).toEqual(["CMD", "a  b"]);
    expect(only('HEALTHCHECK cmd ["a", "b"]')).toMatchObject({ json: ["a", "b"] });
  });
});

describe("a heredoc", () => {
  it("has a body that is no instruction", () => {
    const text = "RUN 3<<EOF cat <<-'X Y' > /x\nHEY\n#c \\\nEOF\n\tz\n\tX Y\nUSER a";
    const { instructions } = parseDockerfile(text);
    expect(instructions.map((each) => each.keyword)).toEqual(["RUN", "USER"]);
    expect(instructions[0]?.heredocs).toMatchObject([
      { name: "EOF", fd: 3, expand: true, chomp: false, content: "HEY\n#c \\\n" },
      { name: "X Y", expand: false, chomp: true, content: "\tz\n" },
    ]);
    expect(cut(text, instructions[0]?.heredocs[1]?.range)).toBe("\tz\n");
    expect(cut(text, instructions[0]?.range)).toBe("RUN 3<<EOF cat <<-'X Y' > /x");
  });

  it.each([
    "RUN cat<<EOF",
    "RUN '<<EOF'",
    'RUN echo "<<EOF"',
    "RUN cat <<<EOF",
    "RUN a \\<<EOF",
    'RUN ["<<EOF"]',
    "CMD cat <<EOF",
    "RUN it's <<EOF",
    "RUN <<- EOF",
    "RUN <<E${X-q}",
  ])("is none in %s", (line) => {
    expect(parseDockerfile(`${line}\nUSER a`).instructions).toHaveLength(2);
  });

  it.each([
    ["RUN <<EOF", "EOF"],
    ["RUN << EOF", "EOF"],
    ["RUN << -EOF", "-EOF"],
    ["RUN a&& cat <<E>x", "E>x"],
    ["COPY a <<$X /b/", "$X"],
    ["ONBUILD RUN <<EOF", "EOF"],
    ["RUN <<\\\n  EOF", "EOF"],
    ["RUN <<'a'\"b\"c", "abc"],
  ])("is seen in %s", (line, name) => {
    const { instructions } = parseDockerfile(`${line}\nx\n${name}\nUSER a`);
    expect(instructions).toHaveLength(2);
    expect(instructions[0]?.heredocs).toMatchObject([{ name, content: "x\n" }]);
  });

  it("ends at an indented line only where its mark says so", () => {
    expect(only("COPY <<E /x\n\tE\nE").heredocs[0]?.content).toBe("\tE\n");
    expect(only("COPY <<-E /x\n\tE\n").heredocs[0]?.content).toBe("");
  });

  it("keeps its line ends and ends at a line with either", () => {
    expect(only("COPY <<E /x\r\na\r\nE\r\n").heredocs[0]?.content).toBe("a\r\n");
  });

  it("does not begin in the continuation character of the directive", () => {
    expect(only("# escape=`\nRUN a `\n <<E\nx `\nE").heredocs[0]?.content).toBe("x `\n");
  });
});

describe("parser directives", () => {
  it("stand at the very beginning, in any case and with blanks", () => {
    const { directives, escape } = parseDockerfile(
      "#Syntax = docker/dockerfile:1 \n# escape=`\n#check=skip=all\nFROM x",
    );
    expect(escape).toBe("`");
    expect(directives.map(({ name, value }) => [name, value])).toEqual([
      ["syntax", "docker/dockerfile:1"],
      ["escape", "`"],
      ["check", "skip=all"],
    ]);
  });

  it.each(["\n# escape=`\nFROM x", "# x\n# escape=`\nFROM x", "FROM x\n# escape=`", "#other=1\n# escape=`\nFROM x"])(
    "are comments elsewhere: %j",
    (text) => {
      expect(parseDockerfile(text)).toMatchObject({ escape: "\\", directives: [] });
    },
  );

  it("count for the frontend alone behind a line for the system's loader", () => {
    expect(parseDockerfile("#!/usr/bin/x\n# syntax=a\n# escape=`\nFROM x")).toMatchObject({
      escape: "\\",
      directives: [{ name: "syntax", value: "a" }],
    });
  });
});

describe("stages", () => {
  it("begin at each FROM; arguments before the first stand apart", () => {
    const { stages, metaArgs } = parseDockerfile(
      "ARG A\nARG B=1\nfrom --platform=$P x as Build\nRUN a\nFROM build\nUSER b\nRUN c",
    );
    expect(metaArgs).toHaveLength(2);
    expect(
      stages.map(({ index, name, platform, base, instructions }) => [
        index,
        name,
        platform,
        base?.text,
        instructions.length,
      ]),
    ).toEqual([
      [0, "build", "$P", "x", 1],
      [1, undefined, undefined, "build", 2],
    ]);
  });
});

describe("problems", () => {
  it.each([
    ["", "no-instructions"],
    ["# only\n", "no-instructions"],
    ["ARG X", "no-from"],
    ["RUN a\nFROM x", "instruction-before-from"],
    ["FORM x", "unknown-instruction"],
    ["FROM", "from-without-image"],
    ["FROM x y", "bad-from"],
    ["FROM x AS 1", "bad-stage-name"],
    ["FROM x\nRUN <<E\n", "unterminated-heredoc"],
    ["FROM x\nRUN a \\", "dangling-continuation"],
    ["FROM x\nRUN a \\\n\n b", "empty-continuation"],
    ["FROM x\nCOPY --form=y a b", "bad-flag"],
    ["FROM x\nRUN --mount=type=cash true", "bad-flag"],
    ["FROM x\nCMD [1]", "json-not-strings"],
    ["FROM x\nENV a", "pair-without-value"],
    ["FROM x\nENV a=1 b", "pair-without-equals"],
    ["FROM x\nENV =b", "blank-name"],
    ["FROM x\nCOPY a", "missing-argument"],
    ["FROM x\nSHELL sh", "shell-not-json"],
    ["FROM x\nHEALTHCHECK PING", "bad-healthcheck"],
    ["FROM x\nONBUILD FROM y", "bad-trigger"],
    ["# escape=x\nFROM x", "bad-escape"],
    ["# escape=`\n# escape=`\nFROM x", "repeated-directive"],
    ["FROM x AS a\nFROM y AS A", "repeated-stage-name"],
    ["FROM x\nCOPY --from=3 a b", "no-such-stage"],
    ["FROM x AS a\nCOPY --from=a b c", "stage-uses-itself"],
    ["FROM x\nCOPY --from=b b c\nFROM y AS b", "stage-defined-later"],
    ["FROM x\nCOPY --from=$Y b c", "variable-in-from"],
    ["FROM x AS builder\nFROM y\nCOPY --from=buidler b c", "unknown-stage"],
    ["FROM x AS builder\nFROM y\nRUN --mount=from=buillder,target=/b c", "unknown-stage"],
    ["FROM x AS builder\nFROM biulder", "unknown-stage"],
    ["FROM x\nCOPY a <<E\nE", "heredoc-destination"],
    [`FROM x\nRUN ${"y".repeat(66_000)}`, "line-too-long"],
  ])("of %j are %s", (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  it.each([
    "FROM node:20 AS nodejs\nFROM y\nCOPY --from=node b c",
    "FROM x AS builder\nFROM y\nCOPY --from=docker.io/library/buidler b c",
    "FROM x AS builder\nFROM y\nCOPY --from=busybox b c",
    "FROM x AS Builder\nFROM y\nCOPY --from=BUILDER b c",
  ])("are none where an image may be meant: %s", (text) => {
    expect(codes(text)).toEqual([]);
  });

  it("are none in a line of 65,535 bytes, the most that BuildKit's scanner takes", () => {
    expect(codes(`FROM x\nRUN ${"y".repeat(65_535 - 4)}\n`)).toEqual([]);
    expect(codes(`FROM x\nRUN ${"é".repeat(32_766)}\n`)).toEqual(["line-too-long"]);
  });

  it("name the word that is meant and mark it", () => {
    const text = "FROM x\nCOPPY a b";
    const [problem] = parseDockerfile(text).problems;
    expect(problem?.message).toContain('did you mean "COPY"?');
    expect(cut(text, problem?.range)).toBe("COPPY");
  });

  it("point at a no-break space, which nobody sees", () => {
    const [problem] = parseDockerfile("FROM\u00a0x").problems;
    expect(problem).toMatchObject({
      code: "unknown-instruction",
      help: "put a plain blank in place of the character U+00A0",
    });
  });

  it("are limited in number for a text that is no Dockerfile", () => {
    expect(parseDockerfile("nonsense\n".repeat(5000)).problems).toHaveLength(100);
    expect(parseDockerfile(`FROM x\n${"ENV a\n".repeat(5000)}`).problems).toHaveLength(100);
  });

  it("leave what stands behind them readable", () => {
    expect(parseDockerfile("FROM x\nCOPPY a\nUSER b").stages[0]?.instructions.map((each) => each.keyword)).toEqual([
      "COPPY",
      "USER",
    ]);
  });
});
