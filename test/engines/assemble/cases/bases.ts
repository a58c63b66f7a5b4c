import type { Case } from "./model.ts";
import { tree } from "./support.ts";

const from = (base: string, title: string, lines = "ENV Z=1", files?: Case["files"]): Case => ({
  title,
  dockerfile: `FROM ${base}\n${lines}\n`,
  ...(files && { files }),
});

const histories: readonly Case[] = [
  ["NOHISTORY", "no history"],
  ["SHORTHISTORY", "a history that is too short"],
  ["EMPTYHISTORY", "an empty history"],
  ["EMPTYSTEPS", "a history of steps without layers"],
  ["LONGHISTORY", "a history that is too long"],
  ["MIXEDHISTORY", "a history that is too short and has steps without layers"],
  ["NULLHISTORY", "a history of null"],
  ["NOLAYER", "no layer"],
]
  .flatMap(([base = "", what]) => [
    from(base, `builds on a base with ${what}`, "COPY one.txt /srv/\nENV Z=1", tree),
    from(base, `sets a variable on a base with ${what}`),
  ])
  .map((each) => ({ ...each, ownHistory: true }));

const platforms: readonly Case[] = [
  ["FEATURES", "os.features and os.version"],
  ["VARIANT", "a variant"],
  ["WINDOWS", "another system"],
  ["ARM", "another architecture"],
  ["AUTHOR", "an author and old keys"],
  ["UNKNOWNKEYS", "keys of old engines"],
  ["NOPLATFORM", "an index without platforms"],
  ["NOPLATFORMS", "an index of two entries without platform"],
  ["SOMEPLATFORM", "an index of which one entry has a platform"],
  ["AMDFIRST", "an index that begins with its own"],
  ["ARMFIRST", "an index that begins with another"],
  ["TWOAMD", "an index that has its own twice"],
  ["VARIANTS", "an index of variants"],
  ["VARIANTSONLY", "an index of other variants alone"],
  ["VARIANTONE", "an index with the first variant"],
  ["SPELLED", "an index that writes x86_64"],
  ["CAPITALS", "an index in capitals"],
  ["OSVERSION", "an index with versions of the system"],
  ["OSFEATURES", "an index with features of the system"],
  ["FOREIGN", "an index of others alone"],
  ["ATTESTED", "an index with an attestation"],
  ["THIRTYTWO", "an index of 32 bits alone"],
].map(([base = "", what]) => from(base, `builds on a base with ${what}`));

const settings: readonly Case[] = [
  from("FULL", "keeps every setting of a base"),
  from(
    "FULL",
    "changes every setting of a base",
    'USER 5\nENV A=3 B=$A\nENTRYPOINT ["e"]\nVOLUME /z\nWORKDIR rel\nLABEL b=2\nEXPOSE 90\nSTOPSIGNAL 9\nHEALTHCHECK NONE\nSHELL ["s"]',
  ),
  from("FULL", "keeps the entrypoint of a base before a CMD", "CMD x"),
  from("FULL", "uses the shell of a base", "CMD x y\nENTRYPOINT z"),
  from("FULL", "replaces a health check as a whole", "HEALTHCHECK --timeout=3s CMD y"),
  from("FULL", "copies into the working folder of a base", "COPY one.txt .\nCOPY one.txt x/y", tree),
  from("FULL", "has the user of a base own a working folder", "WORKDIR /own/made"),
  from("BARE", "fills in what a base without settings needs", "COPY one.txt .", tree),
  from("WORKING", "works in the root where a base names no folder", "COPY one.txt x/\nWORKDIR a/b", tree),
  from("WORKING", "has a numbered user of a base own a working folder", "WORKDIR /made/by\nUSER 7\nWORKDIR /made/by7"),
];

const setgid: readonly Case[] = [
  from(
    "SETGID",
    "makes folders below one whose group they get",
    "COPY one.txt /home/jovyan/new/dir/one\nCOPY app /home/jovyan/d\nWORKDIR /opt/conda/w\nCOPY --chown=jovyan one.txt /home/jovyan/own/x\nUSER jovyan\nWORKDIR /home/jovyan/proj",
    tree,
  ),
  from(
    "SETGID",
    "makes working folders below one whose group they get",
    "WORKDIR /opt/conda/a/b/c\nUSER jovyan\nWORKDIR /opt/conda/d/e",
  ),
  from(
    "SETGID",
    "copies a file below one whose group it would get",
    "COPY one.txt /opt/conda/\nCOPY --chmod=600 one.txt /opt/conda/x/y\nCOPY --chmod=755 app /opt/conda/app",
    tree,
  ),
  from(
    "SETGID",
    "adds an archive below one whose group it would get",
    "ADD a.tar /opt/conda/\nADD a.tar /opt/conda/new/",
    {
      "a.tar": {
        tar: [
          { path: "d/f", text: "f", uid: 5, gid: 6 },
          { path: "e/", mode: 0o755 },
          { path: "e/g", text: "g" },
        ],
      },
    },
  ),
  from(
    "SETGID",
    "copies folders below one whose group they would get",
    "COPY app /opt/conda/app\nCOPY --chown=5:6 app /opt/conda/own/app",
    tree,
  ),
  from(
    "SETGID",
    "makes folders by --link below one whose group they would get",
    "COPY --link one.txt /opt/conda/l/x\nCOPY --link app /opt/conda/m/",
    tree,
  ),
  from(
    "SETGID",
    "makes folders through a link to one whose group they get",
    "WORKDIR /opt/here/w\nCOPY one.txt /opt/here/x/y",
    tree,
  ),
  from(
    "SETGID",
    "makes folders below one with every special bit",
    "WORKDIR /sticky/w\nCOPY one.txt /sticky/x/y\nCOPY app /sticky/app/",
    tree,
  ),
  from(
    "SETGID",
    "makes folders with a user that has none",
    "USER 7\nWORKDIR /opt/conda/w\nUSER 7:8\nWORKDIR /opt/conda/v\nUSER :8\nWORKDIR /opt/conda/u",
  ),
  {
    title: "makes folders below one that a stage has copied",
    dockerfile:
      "FROM SETGID AS s\nFROM scratch\nCOPY --from=s /opt /opt\nCOPY one.txt /opt/conda/x/y\nWORKDIR /opt/conda/w\n",
    files: tree,
  },
  {
    title: "copies a folder with special bits below another",
    dockerfile:
      "FROM SETGID\nCOPY --from=SETGID /home /opt/conda/home\nCOPY --from=SETGID --chown=5:6 /sticky /opt/conda/s\n",
  },
  from(
    "SETGID",
    "makes folders below one that --chmod has changed",
    "COPY --chmod=2775 --chown=5:6 app /srv/x\nCOPY one.txt /srv/x/new/one\nWORKDIR /srv/x/w",
    tree,
  ),
];

const triggers: readonly Case[] = [
  from("OBCOPY", "refuses ONBUILD that copies from a stage that is not there"),
  {
    title: "carries out ONBUILD that copies from a stage",
    dockerfile: "FROM scratch AS extra\nCOPY one.txt /x\nFROM OBCOPY\nENV A=1\n",
    files: tree,
  },
  {
    title: "carries out ONBUILD of a stage that copies from a later one",
    dockerfile:
      "FROM scratch AS b\nONBUILD COPY --from=extra /x /extra\nFROM scratch AS extra\nCOPY one.txt /x\nFROM b\n",
    files: tree,
  },
  {
    title: "refuses ONBUILD that copies from a stage behind it",
    dockerfile: "FROM OBCOPY\nENV A=1\nFROM scratch AS extra\nCOPY one.txt /x\nFROM 0\n",
    files: tree,
  },
  {
    title: "carries out ONBUILD that copies from a numbered stage",
    dockerfile: "FROM scratch\nCOPY one.txt /x\nFROM OBNUMBER\nENV A=1\n",
    files: tree,
  },
  { title: "refuses ONBUILD that copies from its own number", dockerfile: "FROM OBNUMBER\nENV A=1\n", files: tree },
  {
    title: "leaves ONBUILD of a stage alone that nobody uses",
    dockerfile: "FROM OBCOPY AS u\nENV A=1\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  from("OBMANY", "carries out ONBUILD of every kind", "ENV Z=$V$W\nCOPY one.txt ./y", tree),
  { ...from("OBMANY", "gives arguments to ONBUILD", "ENV Z=$V$W", tree), args: { V: "7" } },
  from("OBHEREDOC", "carries out ONBUILD with inline files"),
  from("OBUSER", "carries out ONBUILD of ONBUILD no further", "WORKDIR /after"),
  from("OBMAINTAINER", "carries out ONBUILD MAINTAINER"),
  from("OBFROM", "refuses ONBUILD FROM of a base"),
  from("OBBOGUS", "refuses ONBUILD of what is none in a base"),
  from("OBEMPTY", "takes an empty list of ONBUILD"),
  from("OBSMALL", "carries out ONBUILD in small letters", "ENV Z=1", tree),
  from("OBIMAGE", "refuses ONBUILD that copies from an image that is not there"),
  { title: "carries out ONBUILD once", dockerfile: "FROM TRIGGERS AS a\nFROM a\nENV Z=1\n", files: tree },
  {
    title: "carries out ONBUILD for two stages",
    dockerfile: "FROM TRIGGERS AS a\nFROM TRIGGERS AS b\nCOPY --from=a /triggered /a\n",
    files: tree,
  },
  {
    title: "does not carry out ONBUILD of what it copies from",
    dockerfile: "FROM scratch\nCOPY --from=TRIGGERS /etc/passwd /p\n",
  },
  {
    title: "carries out ONBUILD of a stage in the next alone",
    dockerfile: "FROM BASE AS a\nONBUILD ENV A=1\nONBUILD COPY one.txt /ob/\nFROM a AS b\nENV B=$A\nFROM b\nENV C=$A\n",
    files: tree,
  },
  { title: "adds ONBUILD to that of a base", dockerfile: "FROM TRIGGERS\nONBUILD ENV NEXT=1\n", files: tree },
  {
    title: "carries out ONBUILD of a stage with a heredoc",
    dockerfile: "FROM BASE AS a\nONBUILD COPY <<EOF /h\n$HOME\nEOF\nFROM a\nENV X=1\n",
  },
  {
    title: "sees arguments of the stage in ONBUILD",
    dockerfile: "FROM BASE AS a\nARG V=1\nONBUILD ENV W=$V\nFROM a\nARG V=2\nENV X=$W\n",
  },
];

const stages: readonly Case[] = [
  {
    title: "skips a base that is not there where no one uses the stage",
    dockerfile: "FROM doesnotexist.invalid/foo AS u\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "skips a stage that cannot be built where no one uses it",
    dockerfile: "FROM BASE AS u\nCOPY absent /x\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses a stage that cannot be built where one uses it",
    dockerfile: "FROM BASE AS u\nCOPY absent /x\nFROM u\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage with a wrong signal",
    dockerfile: "FROM BASE AS u\nSTOPSIGNAL BOGUS\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage with a wrong port",
    dockerfile: "FROM BASE AS u\nEXPOSE x\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage with a wrong flag",
    dockerfile: "FROM BASE AS u\nCOPY --bogus one.txt /x\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage with a wrong mode",
    dockerfile: "FROM BASE AS u\nCOPY --chmod=999 one.txt /x\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage with an open quote",
    dockerfile: 'FROM BASE AS u\nENV A="x\nFROM scratch\nCOPY one.txt /x\n',
    files: tree,
  },
  {
    title: "refuses an unused stage of an argument without value",
    dockerfile: "ARG N\nFROM $N AS u\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "refuses an unused stage that copies from no stage",
    dockerfile: "FROM BASE AS u\nCOPY --from=7 a /x\nFROM scratch\nCOPY one.txt /x\n",
    files: tree,
  },
  {
    title: "takes names of stages in capitals",
    dockerfile: "FROM scratch AS One\nCOPY one.txt /x\nFROM scratch\nCOPY --from=ONE /x /y\nCOPY --from=one /x /z\n",
    files: tree,
  },
  {
    title: "starts from a stage in capitals",
    dockerfile: "FROM scratch AS One\nCOPY one.txt /x\nFROM One\nENV A=1\n",
    files: tree,
  },
  {
    title: "takes the last of two stages of one name",
    dockerfile:
      "FROM scratch AS a\nCOPY one.txt /x\nFROM scratch AS a\nCOPY two.txt /x\nFROM scratch\nCOPY --from=a /x /y\n",
    files: tree,
  },
  {
    title: "starts from the last of two stages of one name",
    dockerfile: "FROM scratch AS a\nCOPY one.txt /x\nFROM scratch AS a\nCOPY two.txt /x\nFROM a\nENV A=1\n",
    files: tree,
  },
  { title: "takes a stage called scratch", dockerfile: "FROM BASE AS scratch\nENV A=1\nFROM scratch\nENV B=1\n" },
  {
    title: "takes a stage of a number with a sign",
    dockerfile: "FROM scratch\nCOPY one.txt /x\nFROM scratch\nCOPY --from=+0 /x /y\nCOPY --from=00 /x /z\n",
    files: tree,
  },
  {
    title: "refuses a stage of a number below",
    dockerfile: "FROM scratch\nCOPY one.txt /x\nFROM scratch\nCOPY --from=-1 /x /y\n",
    files: tree,
  },
  { title: "refuses a stage that copies from itself", dockerfile: "FROM scratch AS a\nCOPY --from=a /x /y\n" },
  {
    title: "refuses a stage that copies from a later one",
    dockerfile: "FROM scratch\nCOPY --from=b /x /y\nFROM scratch AS b\nCOPY one.txt /x\nFROM 0\n",
    files: tree,
  },
  {
    title: "does not expand variables in --from",
    dockerfile: "FROM scratch AS a\nCOPY one.txt /x\nFROM scratch\nARG S=a\nCOPY --from=$S /x /y\n",
    files: tree,
  },
  { title: "copies from nothing", dockerfile: "FROM scratch\nCOPY --from=scratch / /x\n" },
  {
    title: "copies the root of a stage",
    dockerfile: "FROM BASE AS a\nFROM scratch\nCOPY --from=a / /\nCOPY --from=a . /x\n",
  },
  {
    title: "copies from a stage relative to its root",
    dockerfile: "FROM BASE AS a\nWORKDIR /opt\nCOPY one.txt x\nFROM scratch\nCOPY --from=a x opt/x /y/\n",
    files: tree,
  },
  {
    title: "copies a folder of a stage with its mode",
    dockerfile:
      "FROM BASE AS a\nFROM scratch\nCOPY --from=a /private /p\nCOPY --from=a /opt/sub /new/q\nCOPY --from=a /tmp /tmp\n",
  },
  {
    title: "copies a device of an image by its name",
    dockerfile: "FROM scratch\nCOPY --from=OTHER /data/link /x\nCOPY --from=OTHER /short/ /y\n",
  },
  {
    title: "copies with settings of a stage kept out",
    dockerfile: "FROM FULL AS a\nCOPY one.txt /x\nFROM scratch\nCOPY --from=a /x /x\n",
    files: tree,
  },
  {
    title: "builds a stage upon a stage upon a stage",
    dockerfile:
      "FROM BASE AS a\nCOPY one.txt /1\nFROM a AS b\nCOPY two.txt /2\nFROM b AS c\nWORKDIR /3\nFROM c\nCOPY --from=a /1 /4\n",
    files: tree,
  },
  {
    title: "names a stage with AS in small letters",
    dockerfile: "FROM scratch as a-b_c.1\nCOPY one.txt /x\nFROM a-b_c.1\nENV A=1\n",
    files: tree,
  },
  { title: "refuses a name that a stage cannot have", dockerfile: "FROM scratch AS 1a\nENV A=1\n" },
  {
    title: "removes a file by copying over it",
    dockerfile: "FROM BASE\nCOPY --from=OTHER /data /opt\nCOPY --from=OTHER /data /opt/sub\n",
  },
];

export const baseCases: readonly Case[] = [...histories, ...platforms, ...settings, ...setgid, ...triggers, ...stages];
