import type { Item } from "../../files/support.ts";

/** A Dockerfile that the embedded engine and BuildKit must make the same image of, or both refuse. */
export interface Case {
  /** A sentence in the present tense. */
  readonly title: string;
  /** `BASE`, `TRIGGERS` and `OTHER` stand for the images of `base-images.ts`. */
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, CaseFile>>;
  readonly args?: Readonly<Record<string, string>>;
  /** Both engines refuse it. */
  readonly fails?: true;
}

export type CaseFile =
  | string
  | { readonly text: string; readonly mode: 0o755 }
  | { readonly link: string }
  | CaseArchive;

export interface CaseArchive {
  readonly tar: readonly Item[];
  readonly gzip?: true;
}

const tree = {
  "app/main.py": "print(1)\n",
  "app/run.sh": { text: "#!/bin/sh\n", mode: 0o755 },
  "app/lib/a.txt": "a",
  "app/lib/b.md": "b",
  "app/lib/deep/c.txt": "c",
  "app/link": { link: "main.py" },
  "app/dangling": { link: "/no/where" },
  "app/folder": { link: "lib" },
  "one.txt": "one",
  "two.txt": "two",
} as const satisfies Record<string, CaseFile>;

const archive = {
  tar: [
    { path: "top/", mode: 0o700, uid: 42, gid: 43 },
    { path: "top/file", text: "inside", mode: 0o640, uid: 42, gid: 43 },
    { path: "top/again", type: "hardlink", linkname: "top/file", mode: 0o640, uid: 42, gid: 43 },
    { path: "top/link", type: "symlink", linkname: "file" },
    { path: "implied/x", text: "x" },
  ],
} as const satisfies CaseFile;

const copy = (title: string, lines: string, files: Record<string, CaseFile> = tree): Case => ({
  title,
  dockerfile: `FROM BASE\n${lines}\n`,
  files,
});

const config = (title: string, lines: string, args?: Record<string, string>): Case => ({
  title,
  dockerfile: `FROM BASE\n${lines}\n`,
  ...(args && { args }),
});

export const copyCases: readonly Case[] = [
  copy("copies a file to a name", "COPY one.txt /opt/first.txt"),
  copy("copies a file into a folder that is there", "COPY one.txt /opt"),
  copy("copies a file into a new folder by a slash at the end", "COPY one.txt /new/folder/"),
  copy("copies a file over a file", "COPY one.txt /etc/motd"),
  copy("copies several files into a folder", "COPY one.txt two.txt /srv/"),
  copy("copies the content of a folder", "COPY app /srv/app"),
  copy("copies the content of a folder into one that is there", "COPY app /opt"),
  copy("copies the content of a folder into one that is there, with a slash", "COPY app/ /opt/"),
  copy("copies everything to the root", "COPY . /"),
  copy("copies everything beside the working folder", "WORKDIR /srv/place\nCOPY . ."),
  copy("copies to a relative name", "WORKDIR /work\nCOPY one.txt sub/name.txt"),
  copy("copies to a relative folder", "WORKDIR /work\nCOPY one.txt ./sub/"),
  copy("copies through a symbolic link to a folder", "COPY one.txt /lib/one.txt\nCOPY two.txt /lib/"),
  copy("copies a folder through a symbolic link", "COPY app /lib/app\nCOPY app/lib /lib"),
  copy("copies through an absolute link and one that climbs", "COPY one.txt /abs/x\nCOPY two.txt /climb/y"),
  copy("copies onto a symbolic link to a file", "COPY one.txt /etc/link-to-motd"),
  copy("copies onto a dangling link", "COPY one.txt /etc/dangling"),
  copy("keeps the mode and owner of folders on the way", "COPY one.txt /private/deep/one.txt"),
  copy("keeps the attributes of folders on the way", "COPY one.txt /marked/one.txt"),
  copy("changes the mode of folders below the source", "COPY over /", { "over/private/deep/x": "x" }),
  copy("follows a link that is the source", "COPY app/link /srv/name"),
  copy("follows a link to a folder that is the source", "COPY app/folder /srv/folder"),
  copy("copies links that are below the source", "COPY app /srv/"),
  copy("matches a star", "COPY *.txt /srv/"),
  copy("matches a star in a folder", "COPY app/lib/*.txt /srv/"),
  copy("matches folders by a pattern and copies their content", "COPY ap* /srv/"),
  copy("matches a question mark and a class", "COPY ?ne.txt [s-u]wo.txt /srv/"),
  copy("matches across folders", "COPY app/*/deep/* /srv/"),
  copy("copies nothing for a pattern without match", "COPY none* one.txt /srv/"),
  { ...copy("refuses a source that is not there", "COPY absent /srv/"), fails: true },
  { ...copy("refuses to copy a folder over a file", "COPY app /etc/motd"), fails: true },
  { ...copy("refuses to copy a file over a folder below", "COPY over /opt/", { "over/box": "x" }), fails: true },
  copy("takes a JSON form with spaces", 'COPY ["a b.txt", "/srv/c d/"]', { "a b.txt": "x" }),
  copy("clears a source that climbs out of the context", "COPY ../../one.txt /srv/"),
  copy("copies into a folder that was a file in a layer before", "COPY one.txt /srv/x\nCOPY two.txt /srv/x"),
  copy("writes one path twice", "COPY one.txt /srv/a\nCOPY two.txt /srv/a\nCOPY app/lib /srv"),
  copy("takes a name that needs long headers", `COPY one.txt /srv/${"long/".repeat(40)}${"n".repeat(120)}`),
  copy("takes names beyond ASCII", "COPY . /srv/", { "ünï/çødé 漢字": "x", "ünï/z": "y" }),
  copy("takes an empty file and a folder of folders", "COPY . /srv/", { empty: "", "a/b/c/d/e": "" }),
  copy("sets the owner by number", "COPY --chown=77 app /srv/app\nCOPY --chown=77:88 one.txt /new/one"),
  copy("sets the owner by name", "COPY --chown=idies app /srv/app\nCOPY --chown=idies:staff one.txt /srv/"),
  copy("sets the group by name and the user by number", "COPY --chown=5:staff one.txt /srv/"),
  copy("sets the owner of folders on the way", "COPY --chown=idies one.txt /fresh/a/b/"),
  copy("sets the owner of links", "COPY --chown=9:9 app /srv/app"),
  copy("sets the mode", "COPY --chmod=640 one.txt /srv/\nCOPY --chmod=755 app /srv/app"),
  copy("sets the mode with sticky bits", "COPY --chmod=4755 one.txt /srv/"),
  copy("sets the mode by letters", "COPY --chmod=u=rwX,go=rX app /srv/app\nCOPY --chmod=g+w,o-r one.txt /srv/"),
  copy("sets mode and owner from arguments", "ARG M=600\nARG O=12\nCOPY --chmod=$M --chown=${O}:13 one.txt /srv/"),
  copy("leaves out what --exclude names", "COPY --exclude=*.md --exclude=lib/deep app /srv/app"),
  copy("keeps what --exclude excepts", "COPY --exclude=lib/* --exclude=!lib/a.txt app /srv/app"),
  copy("leaves out at any depth", "COPY --exclude=**/*.txt . /srv/"),
  copy("leaves out of what a pattern matches", "COPY --exclude=two.txt *.txt /srv/"),
  copy("lays a linked copy over folders", "COPY --link one.txt /private/one.txt\nCOPY --link app /opt/app"),
  copy(
    "sets the mode of new folders on the way",
    "COPY --chmod=640 one.txt /fresh/x/y\nCOPY --chmod=600 app /fresh2/app/",
  ),
  copy(
    "sets the mode by letters in new folders",
    "COPY --chmod=g+w one.txt /fresh/x/y\nCOPY --chmod=g+w app /fresh2/app",
  ),
  copy("lays a linked copy over a link", "COPY --link one.txt /lib/one.txt"),
  copy("sets the mode of an inline file in new folders", "COPY --chmod=640 <<EOF /fresh/x/y\nt\nEOF"),
  copy("copies inline files", "COPY <<EOF /srv/a.txt\nhello $HOME ${X:-none}\nEOF"),
  copy("copies inline files as they are", "COPY <<'EOF' /srv/a.txt\nhello $HOME \"q\" \\n\nEOF"),
  copy("copies several inline files", "COPY <<one <<-two /srv/\nfirst\none\n\t\tsecond\n\ttwo"),
  copy("mixes files and inline files", "COPY one.txt <<in.txt /srv/\ntext\nin.txt"),
  copy("sets owner and mode of inline files", "COPY --chown=idies --chmod=600 <<EOF /fresh/x\ntext\nEOF"),
  copy("adds plain files as COPY does", "ADD app /srv/app\nADD one.txt /srv/"),
  copy("unpacks a tar", "ADD a.tar /srv/", { "a.tar": archive }),
  copy("unpacks a compressed tar", "ADD a.tgz /srv/new", { "a.tgz": { ...archive, gzip: true } }),
  copy("unpacks a tar over files that are there", "ADD a.tar /", {
    "a.tar": {
      tar: [
        { path: "etc/motd", text: "new" },
        { path: "opt/", mode: 0o711 },
        { path: "lib/z", text: "z" },
      ],
    },
  }),
  copy("unpacks with an owner", "ADD --chown=7:8 a.tar /fresh/x/", { "a.tar": archive }),
  copy("adds what only looks like an archive", "ADD a.tar b.tgz /srv/", { "a.tar": "no tar", "b.tgz": "no gzip" }),
  copy("copies an archive without unpacking it", "COPY a.tar /srv/", { "a.tar": archive }),
  copy("makes the working folder for its user", "USER idies\nWORKDIR /home/fresh/a"),
  copy("keeps a working folder that is there", "WORKDIR /private"),
  copy("makes a working folder through a link", "WORKDIR /lib/made\nCOPY one.txt ."),
  copy("joins working folders", "WORKDIR a\nWORKDIR b/../c\nWORKDIR /x//y/\nWORKDIR z"),
  copy(
    "expands variables in sources and destinations",
    "ENV D=/srv/d F=one\nCOPY ${F}.txt $D/${F:0}x\n".replace("${F:0}", "${F}"),
  ),
];

export const configCases: readonly Case[] = [
  config("sets variables", 'ENV A=1 B="two words" C=$A\nENV A=3 D=${A}${B}\nENV OLD form of it'),
  config("replaces a variable in its place", "ENV PATH=/opt/bin:$PATH FROM_BASE=new"),
  config("uses arguments with and without default", "ARG X=5\nARG Y\nENV X2=$X Y2=${Y:-none}\nLABEL x=$X", {
    Y: "given",
  }),
  config("lets an argument that is given win over its default", "ARG X=5\nENV X2=$X", { X: "6" }),
  config("sees an argument over a variable of its name", "ENV X=env\nARG X=arg\nENV Y=$X"),
  config("sets labels", 'LABEL a=1 b="x y" "c d"=e\nLABEL base.label=changed'),
  config("sets a user from an argument", "ARG U=idies\nUSER $U:staff"),
  config("opens ports", "EXPOSE 80 443/tcp 53/UDP 8000-8002\nEXPOSE 127.0.0.1:99:98"),
  config("names volumes", 'VOLUME /data /more\nVOLUME ["/x y"]\nVOLUME $HOME/v'),
  config("sets a command in shell form", "CMD echo $HOME && true"),
  config("sets a command in exec form", 'CMD ["a b", "\\u0041", "c\\"d"]'),
  config("takes a broken JSON as shell form", "CMD [\"a\", ]\nENTRYPOINT ['x']"),
  config("sets an entrypoint, which takes the base's command away", 'ENTRYPOINT ["/bin/run"]'),
  config("keeps its own command behind an entrypoint", 'CMD ["x"]\nENTRYPOINT ["/bin/run"]'),
  config("empties command and entrypoint", "ENTRYPOINT []\nCMD []"),
  config("uses another shell", 'SHELL ["/bin/bash", "-ec"]\nCMD echo\nENTRYPOINT true'),
  config(
    "checks health",
    "HEALTHCHECK --interval=1m30s --timeout=5s --start-period=1.5s --start-interval=2s --retries=3 CMD curl -f x",
  ),
  config("checks health in exec form", 'HEALTHCHECK CMD ["curl", "x y"]'),
  config("checks no health", "HEALTHCHECK NONE"),
  config("stops by a signal", "STOPSIGNAL SIGINT"),
  config("stops by a number", "STOPSIGNAL 9"),
  config("names a maintainer", "MAINTAINER Somebody <a@b.c>"),
  config("leaves instructions for others", "ONBUILD COPY . /app\nONBUILD ENV  A=1\nONBUILD USER idies"),
  { title: "carries out what a base left", dockerfile: "FROM TRIGGERS\nLABEL own=1\n", files: tree },
  { title: "starts from nothing", dockerfile: "FROM scratch\nCOPY one.txt /a/b/\nENV X=1\nUSER 5\n", files: tree },
  { title: "has no layer at all", dockerfile: "FROM scratch\nENV X=1\n" },
  {
    title: "expands patterns",
    dockerfile: "FROM BASE\nARG V=a.tar.gz\nENV A=${V%.gz} B=${V#a} C=${V/./_} D=${V//./_}\n",
  },
  { title: "uses an argument before FROM", dockerfile: "ARG X=7\nFROM BASE\nENV A=$X\nARG X\nENV B=$X\n" },
];

export const stageCases: readonly Case[] = [
  {
    title: "copies from a stage by name and by number",
    dockerfile:
      "FROM scratch AS first\nCOPY app /out\nFROM BASE\nCOPY --from=first /out /srv/out\nCOPY --from=0 /out/main.py /srv/\n",
    files: tree,
  },
  {
    title: "copies from a stage with owners kept",
    dockerfile:
      "FROM BASE AS a\nCOPY --chown=idies app /out/x\nFROM BASE\nCOPY --from=a /out /srv/\nCOPY --from=a /private /mine\nCOPY --from=a --chown=3 /out /srv3\n",
    files: tree,
  },
  {
    title: "copies from another image",
    dockerfile: "FROM BASE\nCOPY --from=OTHER /data /srv/data\nCOPY --from=OTHER /data/* /flat/\n",
  },
  {
    title: "copies hard links, devices and attributes from another image",
    dockerfile: "FROM BASE\nCOPY --from=OTHER / /all/\n",
  },
  {
    title: "follows links in another image",
    dockerfile: "FROM BASE\nCOPY --from=OTHER /short /srv/short\nCOPY --from=OTHER /short/file /srv/\n",
  },
  {
    title: "goes on from a stage",
    dockerfile: "FROM BASE AS a\nENV A=1\nARG Z=9\nWORKDIR /w\nCOPY one.txt .\nFROM a\nENV B=$A$Z\nCOPY two.txt .\n",
    files: tree,
  },
  {
    title: "leaves out stages that nobody needs",
    dockerfile: "FROM BASE AS unused\nRUN exit 1\nFROM BASE\nCOPY one.txt /srv/\n",
    files: tree,
  },
  {
    title: "carries out ONBUILD of a stage",
    dockerfile: "FROM BASE AS a\nONBUILD COPY one.txt /onbuild\nFROM a\nENV X=1\n",
    files: tree,
  },
  {
    title: "copies a whole image over another",
    dockerfile: "FROM BASE\nCOPY --from=OTHER / /\n",
  },
];

export const cases: readonly Case[] = [...copyCases, ...configCases, ...stageCases];
