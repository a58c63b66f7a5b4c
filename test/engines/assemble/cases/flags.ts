import type { Case } from "./model.ts";
import { config, copy, tree } from "./support.ts";

/** BuildKit takes 0 for what is in no file. */
const unknown = ["4294967295", "4294967296", "-1", "1:2:3", "0x10", "nobody:staff", "idies:nosuch", ":nosuch", "1.5", "IDIES"];

const owners: readonly Case[] = [
  "12", "12:", ":12", "0", "0:0", ":", "12:13", "idies", "idies:", ":staff", "idies:0", "12:staff", "root", "root:root", "root:staff",
  "1:2:3", "4294967295", "4294967296", "-1", "+5", "007", "0x10", "nobody:staff", "idies:nosuch", ":nosuch", "'7:8'", '"idies"', "1.5", "12 ", "IDIES",
].map((owner) => copy(`gives files to "${owner}"`, `COPY --chown=${owner} one.txt /srv/x\nCOPY --chown=${owner} app /fresh/a/`)).map((each) => (unknown.some((name) => each.title.endsWith(`"${name}"`)) ? { ...each, differs: "an unknown user is refused" } : each));


const modes: readonly Case[] = [
  "0000755", "7", "0", "00", "000", "07777", "7777", "10000", "1777", "0644", "0o644", "888", "64a", "", "+x", "u+x", "a-w", "u=rw,go=r", "go=",
  "u=g", "g=u", "u+s", "g+s", "+t", "u=rwxs", "a=rX", "o=u-w", "=r", "u+rwx,g+rx,o+", "ug+rw-x", "x", "u", "u+q", "-x", "+X", "=", "a=,u=r", "u-s,g-s",
].map((mode) => copy(`sets the mode "${mode}"`, `COPY --chmod=${mode} one.txt app /srv/x/\nCOPY --chmod=${mode} app/run.sh /fresh/a/b`));

const excludes: readonly Case[] = [
  "/lib", "lib", "lib/", "lib/*", "lib/**", "**/*.txt", "*.py", "./lib", "../app/lib", "lib/deep/..", "!lib", "*", "**", "", "#lib", " lib", "li?", "[l]ib", "[", "l\\ib", "app/lib", "lib/deep/c.txt", "**/deep", "main.py/",
].map((pattern) => copy(`leaves out "${pattern}"`, `COPY --exclude=${pattern.includes(" ") ? `"${pattern}"` : pattern} app /srv/app\nCOPY --exclude=${pattern.includes(" ") ? `"${pattern}"` : pattern} . /all/`));

const more: readonly Case[] = [
  copy("leaves out what several flags name", "COPY --exclude=lib --exclude=*.py app /x/\nCOPY --exclude=lib/** --exclude=!lib/deep/c.txt app /y/"),
  copy("leaves out a file that is the source", "COPY --exclude=one.txt one.txt /x/"),
  copy("leaves out files of several sources", "COPY --exclude=one.txt one.txt two.txt /x/"),
  copy("leaves out files by a pattern and a flag", "COPY --exclude=o* *.txt /x/"),
  copy("leaves out below a folder that a pattern matches", "COPY --exclude=lib a* /x/\nCOPY --exclude=app/lib a* /y/"),
  copy("leaves out of what ADD adds", "ADD --exclude=lib app /x/"),
  copy("keeps no empty folder of what is left out", "COPY --exclude=**/*.txt app /x/\nCOPY --exclude=lib/* app /y/"),
  { title: "leaves out of a stage", dockerfile: "FROM BASE AS s\nCOPY app /app\nFROM scratch\nCOPY --from=s --exclude=/app/lib --exclude=*.py /app /x\nCOPY --from=s --exclude=lib /app /y\n", files: tree },
  copy("does not expand variables in --exclude", "ARG E=lib\nCOPY --exclude=$E app /x/"),
  copy("keeps links over links", "COPY --link app /abs/x\nCOPY --link one.txt /climb/"),
  copy("makes folders of its own with --link", "COPY --link --chown=5:6 one.txt /private/deep/x\nCOPY --link --chown=5 one.txt /new/a/"),
  copy("takes --link=false", "COPY --link=false one.txt /lib/x"),
  copy("links a file over a folder on the way", "COPY --link one.txt /etc/motd"),
  copy("links over a file on the way", "COPY --link one.txt /etc/motd/x"),
  copy("links a folder over a link", "COPY --link app /lib"),
  copy("links into the working folder", "WORKDIR /w\nCOPY --link one.txt .\nCOPY --link two.txt sub/"),
  copy("takes flags from arguments", "ARG O=idies\nARG M=600\nADD --chown=$O:${G:-staff} --chmod=$M one.txt /x/y"),
  copy("sets owners by names that the image got just now", "COPY p /etc/passwd\nCOPY --chown=made one.txt /x", { p: "made:x:77:78::/:/bin/sh\n", "one.txt": "1" }),
  copy("takes the first of two lines for one user", "COPY p /etc/passwd\nCOPY --chown=made one.txt /x", { p: "made:x:77:78::/:/bin/sh\nmade:x:5:6::/:/bin/sh\n", "one.txt": "1" }),
  copy("takes a user without a number", "COPY p /etc/passwd\nCOPY --chown=made one.txt /x", { p: "made:x::78::/:/bin/sh\n", "one.txt": "1" }, "an unknown user is refused"),
  copy("takes a user of a short line", "COPY p /etc/passwd\nCOPY --chown=made one.txt /x", { p: "made:x:77\n#c\n", "one.txt": "1" }),
  copy("takes a user of a name that is a number", "COPY p /etc/passwd\nCOPY --chown=42 one.txt /x", { p: "42:x:77:78::/:/bin/sh\n", "one.txt": "1" }),
  copy("takes users where passwd is a link", "COPY . /etc/\nCOPY --chown=made one.txt /x", { "real": "made:x:77:78::/:/bin/sh\n", passwd: { link: "real" }, "one.txt": "1" }),
  { title: "gives files of nothing to a number", dockerfile: "FROM scratch\nCOPY --chown=7:8 one.txt /a/b\nCOPY --chown=root one.txt /c\n", files: tree },
  { title: "gives files of nothing to a name", dockerfile: "FROM scratch\nCOPY --chown=idies one.txt /a/b\n", files: tree, differs: "an unknown user is refused" },
  { title: "refuses an unknown user", dockerfile: "FROM BASE\nCOPY --chown=nobody one.txt /x\n", files: tree, differs: "an unknown user is refused" },
  copy("refuses a flag that COPY does not have", "COPY --checksum=sha256:0 one.txt /x"),
  copy("refuses a flag twice", "COPY --chown=1 --chown=2 one.txt /x"),
  copy("refuses a flag without value", "COPY --chown one.txt /x"),
  copy("takes a flag with an empty value", "COPY --chown= --chmod= one.txt /x"),
  copy("refuses an empty --from", "COPY --from= one.txt /x"),
  copy("refuses a flag behind a source", "COPY one.txt --chown=5 /x"),
  copy("takes two dashes for the end of flags", "COPY -- --odd /x", { "--odd": "o" }),
  copy("sets the mode of links not at all", "COPY --chmod=600 app /srv/x"),
  copy("sets the mode of a folder that is there", "COPY --chmod=700 app /opt"),
  copy("sets the owner of a folder that is there", "COPY --chown=7:8 app /opt\nCOPY --chown=9 over /", { "app/x": "x", "over/opt/y": "y" }),
  config("takes --chmod without a source", "COPY --chmod=1"),
];

export const flagCases: readonly Case[] = [...owners, ...modes, ...excludes, ...more];
