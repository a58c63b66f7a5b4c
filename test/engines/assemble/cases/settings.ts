import type { Case } from "./model.ts";
import { config, copy } from "./support.ts";

const signals: readonly Case[] = [
  "BOGUS", "SIGTERM", "TERM", "sigterm", "term", "SIGRTMIN", "SIGRTMIN+3", "RTMIN+3", "SIGRTMAX-2", "RTMAX", "SIGRTMIN+40", "SIGRTMIN-1", "SIGRTMIN+15", "SIGRTMAX-14", "SIGRTMAX-15", "SIGRTMIN+16", "9", "0", "-1", "64", "65",
  "128", "007", "1.5", "SIGSIGTERM", "SIG", "SIGKILL", "SIGCLD", "SIGPOLL", "SIGIOT", "SIGSTKFLT", "SIGUNUSED", "SIGEMT", "SIGINFO", "$S", '"SIGINT"', "SIGINT SIGTERM", "SIGSTOP", "SIGPWR", "SIGSYS", "+9",
].map((signal) => config(`stops by ${signal}`, `ARG S=SIGHUP\nSTOPSIGNAL ${signal}`));

const ports: readonly Case[] = [
  "80", "80/tcp", "80/TCP", "80/", "/tcp", "80/xyz", "80/sctp", "8000-8002/udp", "8002-8000", "0", "65535", "65536", "-1", "80-", "80:90", "80-81:90-91", "80-82:90-91", "127.0.0.1:80:90", "[::1]:80:90", "a", "80/tcp/udp", "080", " 80  81 ", "$P", "${P}/udp", '"80 81"', "80,81", "127.0.0.1::90", "host:80:90", "80 80/tcp", ":80", "0-1",
].map((port) => config(`opens ${port}`, `ENV P=7000\nEXPOSE ${port}`));

const health: readonly Case[] = [
  "NONE", "none", "NONE x", "CMD", "cmd true", "CMD []", 'CMD ["a"]', "true", "--interval=5s CMD true", "--interval=0 CMD true", "--interval=1us CMD true", "--interval=1000us CMD true", "--interval=-1s CMD true", "--interval=5 CMD true",
  "--interval=1h2m3.5s CMD true", "--interval=1.5e3s CMD true", "--interval=.5s CMD true", "--interval=5d CMD true", "--interval= CMD true", "--retries=0 CMD true", "--retries=-1 CMD true", "--retries=+2 CMD true", "--retries=a CMD true", "--retries=1.5 CMD true", "--retries= CMD true", "--retries=99999999999 CMD true",
  "--interval=5s NONE", "--timeout=1ms --start-period=0s --start-interval=1s CMD a  b", "--bogus=1 CMD true", "--interval=5s --interval=6s CMD true", "CMD ['a']", "CMD a \\\n  b", "--interval=9223372037s CMD true", "--interval=+5s CMD true", "CMD $HOME ${X}", "--interval=1.0000000001s CMD true", "--retries=010 CMD true", "--interval=1e3ms CMD true",
].map((check) => config(`checks health by ${check.replace("\n", "")}`, `HEALTHCHECK ${check}`));

const commands: readonly Case[] = [
  ["CMD", "CMD"], ["CMD []", "CMD []"], ["CMD of an empty string", 'CMD [""]'], ["CMD of JSON with blanks", 'CMD  [ "a" , "b" ]  '], ["CMD of JSON with text behind", 'CMD ["a"] b'], ["CMD of JSON that is not closed", 'CMD ["a"'], ["CMD of numbers", "CMD [1, 2]"], ["CMD of an object", 'CMD {"a": 1}'], ["CMD of null", "CMD null"], ["CMD of an array of null", 'CMD ["a", null]'], ["CMD of arrays", 'CMD [["a"]]'],
  ["CMD over lines", 'CMD ["a", \\\n  "b"]'], ["CMD of escapes", 'CMD ["\\t\\n\\"\\\\\\/\\u00e9\\ud83d\\ude00"]'], ["CMD of what must be escaped in history", 'CMD ["<&>", "\\u007f", "\\u0001", "é"]'], ["CMD with blanks in its text", "CMD  echo   a   b  "], ["CMD with quotes", "CMD \"echo\" 'a b' $X"], ["ENTRYPOINT", "ENTRYPOINT"], ["ENTRYPOINT []", "ENTRYPOINT []"], ["ENTRYPOINT of text", "ENTRYPOINT exec top -b"],
  ["two CMD", "CMD a\nCMD b"], ["two ENTRYPOINT", "ENTRYPOINT a\nENTRYPOINT b"], ["ENTRYPOINT, CMD, ENTRYPOINT", "ENTRYPOINT a\nCMD b\nENTRYPOINT c"], ["an empty CMD and ENTRYPOINT", "CMD []\nENTRYPOINT x"], ["SHELL", 'SHELL ["a", "b"]\nCMD x\nENTRYPOINT y\nHEALTHCHECK CMD z'], ["SHELL of one", 'SHELL ["/bin/sh"]\nCMD x'], ["SHELL of nothing", "SHELL []"], ["SHELL of text", "SHELL /bin/sh -c"], ["SHELL twice", 'SHELL ["a"]\nSHELL ["b", "c"]\nCMD x'],
].map(([title, lines]) => config(`takes ${title}`, lines ?? ""));

const volumes: readonly Case[] = [
  "/a", "/a /b", '["/a", "/b"]', "a", "/a/", "/a/../b", "$HOME/x", '["$HOME/y"]', '["/a b"]', '""', '[""]', "[]", "/a /a", "relative/x", "C:\\x", '["/a", ""]', '[" "]', '"/q"', "/a:ro", ". ..",
].map((volume) => config(`names the volume ${volume}`, `VOLUME ${volume}`));

const strangers = ["nosuch", '"quoted"', "a b", "${U}:${G:-g}"];

const users: readonly Case[] = [
  "idies", "idies:staff", "5", "5:6", ":6", "idies:", "nosuch", '"quoted"', "a b", "$U", "${U}:${G:-g}", "0", "''", "root",
].map((user) => config(`takes the user ${user}`, `ARG U=idies\nUSER ${user}\nWORKDIR /made/by/user\nWORKDIR below`)).map((each) => (strangers.some((name) => each.title.endsWith(` ${name}`)) ? { ...each, differs: "an unknown user is refused" } : each));

const places: readonly Case[] = [
  '""', "''", "$N", "/", "//", "/a/", "/a//b/", "/a/./b", "/a/../b", ".", "./", "..", "a/", "./a", "a/../b/", "a b", '"/a b"', "$HOME/x", "${N:-/d}", "/usr/lib/c/", "/opt/", "/opt/.", "\\a", "~", "C:\\x", "/tmp/../opt",
].map((place) =>
  copy(`works in ${place}`, `WORKDIR /start/here/\nWORKDIR ${place}\nUSER 5\nCOPY one.txt .\nCOPY one.txt ./x/\nWORKDIR z`, { "one.txt": "1" }),
);

const others: readonly Case[] = [
  config("names a maintainer with quotes", 'MAINTAINER "A" <a@b>\nMAINTAINER  B  C '),
  config("expands nothing in MAINTAINER", "MAINTAINER $HOME"),
  config("leaves ONBUILD of ONBUILD alone", "ONBUILD ONBUILD ENV A=1"),
  config("refuses ONBUILD FROM", "ONBUILD FROM scratch"),
  config("refuses ONBUILD MAINTAINER", "ONBUILD MAINTAINER x"),
  config("refuses ONBUILD of nothing", "ONBUILD"),
  config("takes ONBUILD of what is none", "ONBUILD BOGUS x"),
  config("takes ONBUILD in small letters over lines", "onbuild env A=1 \\\n  B=2\nONBUILD   COPY . /x  "),
  config("refuses an unknown instruction", "BOGUS x"),
  config("refuses CMD with a flag", "CMD --x a"),
  config("refuses USER of nothing", "USER"),
  config("refuses WORKDIR of nothing", "WORKDIR"),
  config("refuses EXPOSE of nothing", "EXPOSE"),
  config("refuses VOLUME of nothing", "VOLUME"),
  config("refuses STOPSIGNAL of nothing", "STOPSIGNAL"),
  config("refuses LABEL of nothing", "LABEL"),
  config("refuses COPY of one", "COPY x"),
  config("refuses an open quote", 'USER "a'),
];

export const settingCases: readonly Case[] = [
  ...signals,
  ...ports,
  ...health,
  ...commands,
  ...volumes,
  ...users,
  ...places,
  ...others,
];
