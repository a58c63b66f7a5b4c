import type { Case } from "./model.ts";
import { copy, tree } from "./support.ts";

const on = (base: string, title: string, lines: string, files: Case["files"] = tree): Case => ({
  title,
  dockerfile: `FROM ${base}\n${lines}\n`,
  ...(files && { files }),
});

/** `LINKED` has an upper layer that writes through links of the lower one; `SERVICE` has links beside what they point to. */
export const linkCases: readonly Case[] = [
  on("LINKED", "copies into a folder of a base that a link leads to", "COPY one.txt /bin/\nCOPY two.txt /usr/bin/"),
  on("LINKED", "copies onto what a layer wrote through a link", "COPY one.txt /bin/late\nCOPY two.txt /abs/late2"),
  on("LINKED", "makes a working folder through a link of a base", "WORKDIR /bin/w\nWORKDIR /chain/v\nCOPY one.txt ."),
  {
    title: "copies what a layer wrote through a link",
    dockerfile:
      "FROM LINKED\nCOPY --from=LINKED /usr/bin /ub\nCOPY --from=LINKED /bin /b\nCOPY --from=LINKED /bin/late /late\n",
  },
  {
    title: "copies by a pattern what a layer wrote through a link",
    dockerfile:
      "FROM scratch\nCOPY --from=LINKED /usr/bin/l* /a/\nCOPY --from=LINKED /bin/l* /b/\nCOPY --from=LINKED /chain/* /c/\n",
  },
  on(
    "PARENTLESS",
    "copies into folders that a layer left out",
    "COPY one.txt /private/x\nCOPY one.txt /opt/sub/new/x\nCOPY one.txt /etc/motd/y",
  ),
  { title: "copies folders that a layer left out", dockerfile: "FROM scratch\nCOPY --from=PARENTLESS / /\n" },
  {
    title: "copies a whole base whose layers write through links",
    dockerfile: "FROM scratch\nCOPY --from=LINKED / /\n",
  },
  on("LINKED", "adds through a chain of links", "ADD one.txt /chain/x\nADD app /chain/app"),
  on("SERVICE", "takes dots behind a link by the text alone", "COPY one.txt /svc/link/../viadots"),
  on("SERVICE", "takes dots behind a link in a folder", "COPY one.txt two.txt /svc/link/../d/"),
  on("SERVICE", "takes dots at the end of a destination", "COPY one.txt /svc/link/..\nCOPY two.txt /svc/link/../."),
  on("SERVICE", "takes dots behind a link in a working folder", "WORKDIR /svc/link/../w\nCOPY one.txt ."),
  on(
    "SERVICE",
    "takes dots behind a working folder that is a link",
    "WORKDIR /svc/link\nCOPY one.txt ../up\nCOPY two.txt ./../up2/",
  ),
  on("SERVICE", "goes up from a working folder that is a link", "WORKDIR /svc/link\nWORKDIR ..\nCOPY one.txt here"),
  on("SERVICE", "takes dots beyond the root", "COPY one.txt /../../etc/x\nWORKDIR /../w\nCOPY one.txt ../../../y"),
  on("SERVICE", "adds a folder through dots behind a link", "ADD app /svc/link/../app"),
  {
    title: "takes dots in a source of another image by the text alone",
    dockerfile: "FROM SERVICE\nCOPY --from=SERVICE /svc/link/../f /x\nCOPY --from=SERVICE /svc/../data/sub /y\n",
  },
  on("SERVICE", "copies onto a link to a file that is there", "COPY one.txt /svc/to-file"),
  on("SERVICE", "copies onto a link to a link to a file", "COPY one.txt /svc/to-to-file"),
  on("SERVICE", "copies onto an absolute dangling link", "COPY one.txt /svc/dangling"),
  on("SERVICE", "copies onto a relative dangling link", "COPY one.txt /svc/dangling-rel"),
  on("SERVICE", "copies into a dangling link, with a slash", "COPY one.txt /svc/dangling/"),
  on("SERVICE", "copies below a dangling link", "COPY one.txt /svc/dangling/below/x"),
  on("SERVICE", "copies a folder onto a dangling link", "COPY app /svc/dangling"),
  on("SERVICE", "copies a folder onto a link to a folder", "COPY app /svc/link\nCOPY app/lib /svc/link/"),
  on("SERVICE", "copies a folder onto a link to a file", "COPY app /svc/to-file"),
  on("SERVICE", "copies onto a link in a circle", "COPY one.txt /svc/loop"),
  on("SERVICE", "copies below a link in a circle", "COPY one.txt /svc/loop/x"),
  on("SERVICE", "makes a working folder that is a dangling link", "WORKDIR /svc/dangling\nCOPY one.txt ."),
  on("SERVICE", "makes a working folder that is a link to a file", "WORKDIR /svc/to-file"),
  on("SERVICE", "makes a working folder that is a file", "WORKDIR /data/file"),
  on("SERVICE", "makes a working folder below a file", "WORKDIR /data/file/x"),
  on("SERVICE", "copies several files onto a link to a folder", "COPY one.txt two.txt /svc/link/"),
  on("SERVICE", "copies through an absolute link that climbs", "COPY one.txt /svc/climb/x"),
  copy("copies a link onto a link", "COPY over /opt/", { "over/link": { link: "a" }, "over/a": "a" }),
  on("SERVICE", "replaces links below a folder that is copied", "COPY over /svc/", {
    "over/link": "now a file",
    "over/to-file": { link: "elsewhere" },
  }),
  on("SERVICE", "copies a folder onto one that has a link in its place", "COPY over /svc/", { "over/link/x": "x" }),
  on("SERVICE", "copies a link onto a folder that is there", "COPY over /data/", { "over/sub": { link: "x" } }),
  copy("follows a chain of links that is the source", "COPY a /srv/x\nCOPY d /srv/y", {
    a: { link: "b" },
    b: { link: "c" },
    c: "c",
    d: { link: "e" },
    e: { link: "sub" },
    "sub/f": "f",
  }),
  copy("follows an absolute link that is the source", "COPY a /srv/x", { a: { link: "/sub/f" }, "sub/f": "f" }),
  copy("follows a link on the way to a source", "COPY l/f /srv/x\nCOPY l/../g /srv/y", {
    l: { link: "sub" },
    "sub/f": "f",
    g: "g",
  }),
  copy("follows a link that leaves the context", "COPY a /srv/x", { a: { link: "../../sub/f" }, "sub/f": "f" }),
  copy("refuses a dangling link that is the source", "COPY a /srv/x", { a: { link: "nowhere" } }),
  copy("refuses a link in a circle that is the source", "COPY a /srv/x", { a: { link: "b" }, b: { link: "a" } }),
  copy("names a file by the link that was the source", "COPY a /srv/\nCOPY l/f /opt/", {
    a: { link: "sub/f" },
    l: { link: "sub" },
    "sub/f": "f",
  }),
  copy("matches links by a pattern", "COPY l* /srv/", {
    l1: { link: "f" },
    l2: { link: "sub" },
    l3: { link: "none" },
    f: "f",
    "sub/g": "g",
  }),
  copy("matches below a link by a pattern", "COPY l/* /srv/", { l: { link: "sub" }, "sub/g": "g", "sub/h": "h" }),
  copy("matches through a link by a pattern", "COPY */g /srv/", { l: { link: "sub" }, "sub/g": "g" }),
  copy("copies several links into a folder", "COPY a b /srv/", {
    a: { link: "f" },
    b: { link: "sub" },
    f: "f",
    "sub/g": "g",
  }),
];

/** Hard links: one file with two names, within one copy and across. `HARD` has some in one layer and across two. */
export const hardLinkCases: readonly Case[] = [
  ["keeps hard links of a folder", "COPY --from=HARD /d /x"],
  ["parts hard links that come by several sources", "COPY --from=HARD /d/a /d/b /x/"],
  ["parts hard links that come by a pattern", "COPY --from=HARD /d/* /x/"],
  ["parts hard links that come by several instructions", "COPY --from=HARD /d/a /x/\nCOPY --from=HARD /d/b /x/"],
  [
    "copies one file by several instructions",
    "COPY --from=HARD /d/a /a/\nCOPY --from=HARD /d/a /b/\nCOPY --from=HARD /d/a /c/",
  ],
  ["copies one folder of hard links by several instructions", "COPY --from=HARD /d /a/\nCOPY --from=HARD /d /b/"],
  ["keeps hard links across folders", "COPY --from=HARD / /x"],
  ["keeps a part of hard links", "COPY --from=HARD /e /x"],
  ["keeps hard links with an owner", "COPY --from=HARD --chown=5:6 --chmod=640 /d /x"],
  ["keeps hard links that --exclude leaves", "COPY --from=HARD --exclude=a /d /x"],
  ["keeps hard links with ADD of a stage", "COPY --from=HARD --link /d /x"],
].map(([title = "", lines = ""]) => ({ title, dockerfile: `FROM scratch\n${lines}\n` }));

export const hardLinkStages: readonly Case[] = [
  {
    title: "copies a file of a stage by several instructions",
    dockerfile:
      "FROM BASE AS s\nFROM scratch\nCOPY --from=s /etc/motd /a/\nCOPY --from=s /etc/motd /b/\nCOPY --from=s /etc/motd /c/\n",
  },
  {
    title: "keeps hard links through two stages",
    dockerfile:
      "FROM scratch AS a\nCOPY --from=HARD /d /x\nFROM scratch AS b\nCOPY --from=a /x /y\nFROM BASE\nCOPY --from=b / /z\n",
  },
  { title: "writes over one of two hard links", dockerfile: "FROM HARD\nCOPY one.txt /d/a\n", files: tree },
  { title: "copies hard links over themselves", dockerfile: "FROM HARD\nCOPY --from=HARD /d /d\n" },
  {
    title: "copies a folder over a part of hard links",
    dockerfile: "FROM scratch\nCOPY --from=HARD /d /x\nCOPY --from=HARD /e /x\n",
  },
];
