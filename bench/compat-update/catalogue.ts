import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A catalogue of science images that all use one interface, in a git repository of its own. */
export function makeCatalogue(folder: string, names: readonly string[], size: number): void {
  for (const name of names) {
    write(folder, `science/${name}/sciserver-image.json`, `{ "image": "${name}", "version": "1.0", "compat": "ui" }\n`);
    write(folder, `science/${name}/Dockerfile`, "FROM scratch\nENV NAME=science\n");
  }
  write(folder, "compat/ui/sciserver-image.json", "{}\n");
  write(
    folder,
    "compat/ui/Dockerfile",
    'COPY small.bin /opt/ui/small.bin\nENV UI=1\nEXPOSE 8888\nCOPY large.bin /opt/ui/large.bin\nENV UI_LARGE=1\nCMD ["/opt/ui/start"]\n',
  );
  git(folder, "init", "-q", "-b", "main");
  changeInterface(folder, size);
}

/** Replaces the interface's files by others, 1:4, and commits. */
export function changeInterface(folder: string, size: number): void {
  write(folder, "compat/ui/small.bin", randomBytes(Math.round(size * 0.2)));
  write(folder, "compat/ui/large.bin", randomBytes(Math.round(size * 0.8)));
  git(folder, "add", "-A");
  git(
    folder,
    "-c",
    "user.name=bench",
    "-c",
    "user.email=bench@example.org",
    "commit",
    "-q",
    "-m",
    "change the interface",
  );
}

function write(folder: string, path: string, content: string | Buffer): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const git = (folder: string, ...command: string[]): void => {
  execFileSync("git", ["-C", folder, ...command], { stdio: ["ignore", "ignore", "inherit"] });
};
