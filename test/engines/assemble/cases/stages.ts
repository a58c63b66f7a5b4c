import type { Case } from "./model.ts";
import { tree } from "./support.ts";

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
