import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The same with crane, one image after the other; undefined where crane is not installed. */
export async function craneLoop(
  crane: string | undefined,
  host: string,
  repo: string,
  names: readonly string[],
  tar: string,
): Promise<boolean> {
  if (crane === undefined) return false;
  const run = (...args: string[]) => promisify(execFile)(crane, [...args, "--insecure"]);
  for (const name of names) {
    const to = `${host}/${repo}/crane/${name}`;
    await run("append", "-b", `${host}/${repo}/sci/${name}:1.0`, "-f", tar, "-t", `${to}:1.0-1-abc`);
    await run("mutate", `${to}:1.0-1-abc`, "--env", "UI=1", "--cmd", "/opt/ui/start", "-t", `${to}:1.0-1-abc`);
    await run("tag", `${to}:1.0-1-abc`, "1.0");
  }
  return true;
}
