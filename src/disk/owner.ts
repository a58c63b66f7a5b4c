import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { z } from "zod";

/** Beside the files of a temporary folder. */
export const ownerFile = "owner.json";

/** Which process a folder belongs to. What a system without `/proc` cannot say is left out. */
const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** Clock ticks since the machine started (proc(5), `starttime`): a process id is given to others later on. */
  started: z.string().optional(),
  /** Changes with every start of the machine. */
  boot: z.string().optional(),
  /** Containers that share a folder have process ids of their own. */
  namespace: z.string().optional(),
  host: z.string(),
});
export type FolderOwner = z.infer<typeof ownerSchema>;

export const thisProcess = (): Promise<FolderOwner> => {
  self ??= describe(process.pid);
  return self;
};

let self: Promise<FolderOwner> | undefined;

async function describe(pid: number): Promise<FolderOwner> {
  const [started, boot, namespace] = await Promise.all([
    statusOf(pid).then((status) => status?.started),
    readFile("/proc/sys/kernel/random/boot_id", "utf8").then((text) => text.trim(), nothing),
    readlink("/proc/self/ns/pid").catch(nothing),
  ]);
  return {
    pid,
    host: hostname(),
    ...(started !== undefined && { started }),
    ...(boot !== undefined && { boot }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** Undefined for a text that is no owner's. */
export function parseOwner(text: string): FolderOwner | undefined {
  try {
    return ownerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * `gone` and `alive` are proven; `unknown` where another container, another machine or an earlier start of this one had the process.
 */
export async function stateOf(owner: FolderOwner): Promise<"gone" | "alive" | "unknown"> {
  const here = await thisProcess();
  if (owner.host !== here.host || owner.boot !== here.boot || owner.namespace !== here.namespace) return "unknown";
  if (!exists(owner.pid)) return "gone";
  const status = await statusOf(owner.pid);
  if (status === undefined || owner.started === undefined) return "alive";
  return status.ended || status.started !== owner.started ? "gone" : "alive";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** What proc(5) says of a process. It stays known after its end where nobody asks how it ended, as in many containers. */
async function statusOf(pid: number): Promise<{ started: string | undefined; ended: boolean } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(nothing);
  // The second field is a name in parentheses that may hold anything.
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields && { started: fields[19], ended: fields[0] === "Z" || fields[0] === "X" };
}

const nothing = (): undefined => undefined;
