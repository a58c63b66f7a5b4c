import type { Case } from "./model.ts";
import { config, tree } from "./support.ts";

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
