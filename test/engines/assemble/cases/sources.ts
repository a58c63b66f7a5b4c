import type { Case, CaseFile } from "./model.ts";
import { copy, tree } from "./support.ts";

const box: Readonly<Record<string, CaseFile>> = {
  x: "x",
  "data/a.csv": "a",
  "data/b.txt": "b",
  "data/sub/c.csv": "c",
  "docs/d.md": "d",
  "docs/deep/e.md": "e",
};

/** What ignore files leave of a context: also folders that they empty. */
const ignored: readonly Case[] = [
  "data/*", "data", "data/", "data/**", "**/*.csv", "**", "*", "*\n!x", "*\n!data/sub", "*\n!data/sub/c.csv", "data\n!data/sub", "data/*\n!data/a.csv", "docs/**/*.md", "**/*.md", "data/sub/*", "/data/*", "data/*/", "./data/*", "#data", " data ", "*/*", "*/*\n!docs",
  "**\n!docs/deep", "data/a.csv\ndata/b.txt\ndata/sub/c.csv", "data/sub", "docs/deep/e.md\n!docs", "d*/*", "!x\nx", "**/deep",
].map((ignore) => ({ ...copy(`copies what "${ignore.replaceAll("\n", ", ")}" leaves`, "COPY . /all/\nCOPY dat[a] doc* /some/", box), ignore }));

const ignoredSources: readonly Case[] = [
  { ...copy("copies a folder that the ignore file empties", "COPY data /data\nCOPY data/ docs /both/", box), ignore: "data/*" },
  { ...copy("copies an emptied folder to one that is there", "COPY data /opt/", box), ignore: "data/*" },
  { ...copy("copies an emptied folder below", "COPY docs/deep /deep\nADD docs /docs", box), ignore: "docs/**/*.md" },
  { ...copy("refuses a folder that is left out", "COPY data /data", box), ignore: "data" },
  { ...copy("refuses a file that is left out", "COPY data/a.csv /data", box), ignore: "data/*" },
  { ...copy("gives an emptied folder an owner and a mode", "COPY --chown=5:6 --chmod=711 data /data", box), ignore: "data/*" },
  { ...copy("leaves an emptied folder out", "COPY --exclude=data . /all/", box), ignore: "data/*" },
];

const patterns: readonly Case[] = [
  "*", "*.txt", "?", "??*", "[a-c]*", "[!a]*", "[^a]*", "\\*", "a[", "a[]", "[]a]", "*/", "*/*", "**", "**/*.txt", "a*/b*", "{a,b}", "[a-", "[\\]x]*", "*[.]txt", "a\\b", "\\a.txt", ".*", "./*.txt", "//*.txt", "/*.txt", "a/../*.txt", "*/../a.txt", "é*", "?.txt", "[é]*", "[b-a]*", "[-a]*", "[a-]*", "a.tx[^a-s]",
].map((pattern) =>
  copy(`matches "${pattern}"`, `COPY ["${pattern.replaceAll("\\", "\\\\")}", "/x/"]`, {
    "a.txt": "a", "b.txt": "b", ".hidden": "h", "a/b.txt": "ab", "a/c/d.txt": "acd", "é": "e", "*": "star", "a[x": "bracket", "-a": "dash", "{a,b}": "braces", "a]": "close",
  }),
);

const sources: readonly Case[] = [
  copy("copies a folder whose name ends in a slash", "COPY app/ /x\nCOPY app/. /y\nCOPY ./app/../app /z"),
  copy("copies a file whose name ends in a slash", "COPY one.txt/ /x"),
  copy("copies a file from the root of the context", "COPY /one.txt /x\nCOPY /app/lib /y\nCOPY / /z"),
  copy("copies several folders into one", "COPY app app/lib /x/"),
  copy("copies a folder and a file", "COPY app one.txt /x/"),
  copy("refuses several sources for a name", "COPY one.txt two.txt /x"),
  copy("refuses a pattern of several for a name", "COPY *.txt /x"),
  copy("takes a pattern of one for a name", "COPY on*.txt /x"),
  copy("takes several sources for a folder that is there", "COPY one.txt two.txt /opt"),
  copy("takes several sources for dots", "WORKDIR /w\nCOPY one.txt two.txt .\nCOPY one.txt two.txt ./"),
  copy("takes several sources for a name with a dot at its end", "COPY one.txt two.txt /new/."),
  copy("takes a destination with doubled slashes", "COPY one.txt //x//y\nCOPY one.txt /z//"),
  copy("takes a destination with dots", "COPY one.txt /x/./y\nCOPY one.txt /a/../b/\nCOPY one.txt /c/.."),
  copy("takes a destination of dots", "COPY one.txt /.\nCOPY two.txt /../"),
  copy("takes an empty destination", 'WORKDIR /w\nCOPY ["one.txt", ""]'),
  copy("takes an empty source", 'COPY ["", "/x"]'),
  copy("takes quotes in names", "COPY 'one.txt' \"two.txt\" /x/\nCOPY \"one.txt\" '/y z'"),
  copy("takes escapes in names", "COPY one\\.txt /x\\ y", tree),
  copy("takes variables in names", "ARG N=one\nARG D=/d\nCOPY $N.txt ${N}.txt $D/\nCOPY ['one.txt', '/e']", { ...tree }),
  copy("takes variables in JSON", 'ARG N=one\nCOPY ["${N}.txt", "/x/$N"]'),
  copy("takes variables with blanks in names", 'ENV N="a b"\nCOPY $N /x\nCOPY x $N/', { "a b": "ab", x: "x" }),
  copy("takes an unset variable for nothing", "COPY one.txt$N /x$N\nCOPY one.txt /$N/y"),
  copy("copies hidden files", "COPY .a .b/ /x/\nCOPY . /y/", { ".a": "a", ".b/.c": "c" }),
  copy("copies modes of files", "COPY . /x/", { run: { text: "#!", mode: 0o755 }, "d/run": { text: "#!", mode: 0o755 }, plain: "p" }),
  copy("copies a folder over a folder of others", "COPY over /\nCOPY over /private", { "over/private/deep/x": "x", "over/opt/sub/y": "y" }),
  copy("copies a folder over itself with other modes", "COPY --chmod=700 app /x\nCOPY app /x"),
  copy("copies into a folder that a copy made", "COPY --chmod=700 --chown=5 app /x/y\nCOPY one.txt /x/z\nCOPY one.txt /x/y/w"),
  copy("copies a file onto a folder that is there by its name", "COPY box /opt/", { box: "now a file" }),
  copy("copies a file onto a folder by a folder's content", "COPY over /", { "over/opt": "now a file" }),
  copy("copies a folder onto a file by a folder's content", "COPY over /", { "over/etc/motd/x": "x" }),
  copy("adds an ordinary file with a name like an archive", "ADD x.tar.gz /y/", { "x.tar.gz": "no" }),
  copy("refuses a name that removes another", "COPY .wh.x /srv/", { ".wh.x": "x" }),
  copy("refuses a name that removes another below", "COPY d /srv/", { "d/.wh.x": "x" }),
  copy("copies twice to one place", "COPY one.txt two.txt one.txt /x/"),
  copy("copies a file by two ways", "COPY one.txt app/../one.txt /x/"),
  copy("makes a file in place of a link", "COPY one.txt /x/\nCOPY l /x/", { "one.txt": "1", l: { link: "one.txt" } }),
].map((each) => (each.title.startsWith("refuses a name that removes") ? { ...each, differs: "names that remove others" } : each));

const heredocs: readonly Case[] = [
  ["COPY <<a <<b <<a /x/\n1\na\n2\nb\n3\na", "of one name twice"],
  ["COPY <<a /x\na", "that are empty"],
  ["COPY <<a /x/\n\n\n\na", "of empty lines"],
  ["COPY <<-a /x\n\t1\n\t\t2\n  3\n\ta", "with tabs"],
  ["COPY <<a /x\n\t1\n\ta\na", "whose end has a tab"],
  ["COPY <<\"a b\" /x/\n$HOME\na b", "of a quoted name with a blank"],
  ["COPY <<'a' <<b /x/\n$HOME\na\n$HOME\nb", "quoted and not"],
  ["COPY <<a /x\n\\$HOME \\\\ \\n \"q\" 'r' ${HOME:-x} $1 $$\na", "with escapes"],
  ["COPY <<a /x\none \\\ntwo\na", "with a line's end escaped"],
  ["COPY <<a /x\n# no comment\na", "with what looks like a comment"],
  ["COPY <<a one.txt <<b two.txt /x/\n1\na\n2\nb", "between files"],
  ["COPY <<a /x /y/\n1\na", "and a source that is not there"],
  ["COPY <<a/b /x/\n1\na/b", "of a name with a slash"],
  ["COPY << a /x\n1\na", "behind a blank"],
  ["COPY 5<<a /x\n1\na", "with a number"],
  ["COPY <<a /x\n1", "that have no end"],
  ["COPY one.txt <<a\n1\na", "as the destination"],
  ["ADD <<a /x\n1\na", "by ADD"],
  ["ADD --chmod=755 --chown=5:6 <<a <<b /new/x/\n1\na\n2\nb", "by ADD with flags"],
  ["COPY --link <<a /lib/x\n1\na", "by --link"],
  ["COPY <<a /opt\n1\na", "to a folder that is there"],
  ["COPY <<a /opt/new/\n1\na", "to a folder that is new"],
  ["COPY <<a /etc/link-to-motd\n1\na", "onto a link"],
  ["WORKDIR /w\nCOPY <<a .\n1\na", "to the working folder"],
  ["COPY --exclude=a <<a <<b /x/\n1\na\n2\nb", "with --exclude"],
  ["COPY [\"<<a\", \"/x\"]\n1\na", "in JSON"],
  ["COPY '<<a' /x", "in quotes"],
  ["ENV A=1\nCOPY <<a /x\n$A ${A}b ${B}c\na", "with variables"],
  ["COPY <<a /x\r\n1\r\na\r", "with carriage returns"],
  ["COPY <<a /x\n$(echo) `b`\na", "with commands"],
].map(([lines = "", title]) => copy(`writes inline files ${title}`, lines));

const written: readonly (readonly [string, string])[] = [
  ["in small letters", "from BASE\ncopy one.txt /x\nenv A=1"],
  ["in mixed letters", "FroM BASE\nCoPy one.txt /x\nEnV A=1"],
  ["with blanks before", "  FROM BASE\n\tCOPY one.txt /x\n   ENV A=1"],
  ["with a comment between continued lines", "FROM BASE\nENV A=1 \\\n# comment\n  B=2 \\\n\n  C=3"],
  ["with a continuation at its end", "FROM BASE\nENV A=1 \\"],
  ["with a backtick for escape", "# escape=`\nFROM BASE\nENV A=a`\n  B=b\\n C=`$HOME\nCOPY one.txt `\n  /x"],
  ["with a backtick that escapes quotes", "# escape=`\nFROM BASE\nENV A=\"x`\"y\" B='z`q' C=d\\e\nLABEL l=`$HOME"],
  ["with an escape that is unknown", "# escape=x\nFROM BASE"],
  ["with directives behind a comment", "# a comment\n# escape=`\nFROM BASE\nENV A=1 \\\n B=2"],
  ["with a directive in odd form", "#   Escape  =  `  \nFROM BASE\nENV A=1 `\n B=2"],
  ["with a directive twice", "# escape=`\n# escape=`\nFROM BASE"],
  ["with a byte order mark", "\ufeffFROM BASE\nENV A=1"],
  ["with carriage returns", "FROM BASE\r\nENV A=1 \\\r\n  B=2\r\nCOPY one.txt /x\r\n"],
  ["with a shebang", "#!/usr/bin/env docker\nFROM BASE\nENV A=1"],
  ["with a comment behind an instruction", "FROM BASE\nENV A=1 # no comment"],
  ["with a comment behind COPY", "FROM BASE\nCOPY one.txt /x/ # y"],
  ["with a check directive", "# check=skip=all\nFROM BASE\nENV A=1"],
  ["with tabs between", "FROM\tBASE\nENV\tA=1\tB=2\nCOPY\tone.txt\t/x"],
  ["with other blanks", "FROM BASE\nENV A=1\u00a0B=2\nLABEL a=1\u3000b=2"],
  ["of nothing", ""],
  ["of comments", "# only\n# comments"],
  ["with ARG alone", "ARG A=1"],
  ["with ENV before FROM", "ENV A=1\nFROM BASE"],
  ["with FROM of three words", "FROM BASE x"],
  ["with FROM as nothing", "FROM BASE AS"],
  ["with text beyond ASCII", "FROM BASE\nENV ü=ä LABEL=漢\nLABEL 漢=字\nCMD echo ✓"],
  ["with an escaped end of line in quotes", 'FROM BASE\nENV A="one \\\n  two" B=\'three \\\n four\''],
  ["with two escapes at an end", "FROM BASE\nENV A=x\\\\\nENV B=y"],
  ["with blanks behind a continuation", "FROM BASE\nENV A=1 \\  \t\n  B=2"],
  ["with a form feed", "FROM BASE\nENV A=1\fB=2\vC=3"],
];

const texts: readonly Case[] = written.map(([title, dockerfile]) => ({
  title: `reads a Dockerfile ${title}`,
  dockerfile: `${dockerfile}\n`,
  files: tree,
}));

export const sourceCases: readonly Case[] = [...ignored, ...ignoredSources, ...patterns, ...sources, ...heredocs, ...texts];
