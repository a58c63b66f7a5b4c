import { posix } from "node:path";
import {
  type BuildArguments,
  type Dockerfile,
  type EvaluatedInstruction,
  evaluateInstructions,
  expandWord,
  globalArguments,
  parseDockerfile,
  type Variables,
} from "../../src/dockerfile/index.ts";

/** What an image built from a Dockerfile on scratch says of itself: a small builder, to hold the reader against BuildKit's. */
export type ScratchConfig = Record<string, unknown>;

/** Undefined where the reader finds that BuildKit would refuse the Dockerfile. */
export function scratchConfig(text: string, buildArgs: BuildArguments): ScratchConfig | undefined {
  const dockerfile = parseDockerfile(text);
  if (dockerfile.problems.some((each) => each.severity === "error")) return undefined;
  const evaluated = evaluateLastStage(dockerfile, buildArgs);
  if (evaluated === undefined || evaluated.some((each) => each.problem !== undefined)) return undefined;
  const state: State = { env: new Map(), config: {}, shell: ["/bin/sh", "-c"], directory: "/", triggers: [] };
  for (const each of evaluated) applyInstruction(state, each);
  const Env = [...state.env].map(([key, value]) => `${key}=${value}`);
  return { ...state.config, ...(Env.length > 0 ? { Env } : {}) };
}

const path: Variables = new Map([["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]]);

function evaluateLastStage(dockerfile: Dockerfile, buildArgs: BuildArguments): EvaluatedInstruction[] | undefined {
  const context = { escape: dockerfile.escape, globals: globalArguments(dockerfile, buildArgs), buildArgs };
  const byName = new Map<string, { environment: Variables; instructions: EvaluatedInstruction[] }>();
  let last: EvaluatedInstruction[] | undefined;
  for (const stage of dockerfile.stages) {
    const base = expandWord(stage.base?.text ?? "", context.globals, context);
    const parent = byName.get(base.value);
    if (parent === undefined && base.value !== "scratch") return undefined;
    const { instructions, environment } = evaluateInstructions(
      stage.instructions,
      parent?.environment ?? path,
      context,
    );
    last = [...(parent?.instructions ?? []), ...instructions];
    if (stage.name !== undefined) byName.set(stage.name, { environment, instructions: last });
  }
  return last;
}

interface State {
  readonly env: Map<string, string>;
  config: ScratchConfig;
  shell: readonly string[];
  directory: string;
  readonly triggers: string[];
}

function applyInstruction(state: State, { instruction, words, pairs }: EvaluatedInstruction): void {
  const { keyword, json, args, heredocs } = instruction;
  const set = (key: string, value: unknown): void => {
    state.config = { ...state.config, [key]: value };
  };
  const command = json ?? [...state.shell, args];
  switch (keyword) {
    case "ENV":
      for (const { key, value } of pairs) state.env.set(key, value ?? "");
      break;
    case "LABEL":
      set("Labels", {
        ...Object(state.config["Labels"]),
        ...Object.fromEntries(pairs.map((each) => [each.key, each.value])),
      });
      break;
    case "CMD":
    case "ENTRYPOINT":
      set(keyword === "CMD" ? "Cmd" : "Entrypoint", command);
      break;
    case "SHELL":
      state.shell = json ?? [];
      set("Shell", json);
      break;
    case "USER":
      set("User", words[0]);
      break;
    case "STOPSIGNAL":
      set("StopSignal", words[0]);
      break;
    case "WORKDIR":
      state.directory = workingDirectory(state.directory, words[0] ?? "");
      set("WorkingDir", state.directory);
      break;
    case "EXPOSE":
      set("ExposedPorts", {
        ...Object(state.config["ExposedPorts"]),
        ...Object.fromEntries(words.flatMap(portsOf).map((port) => [port, {}])),
      });
      break;
    case "VOLUME":
      set("Volumes", { ...Object(state.config["Volumes"]), ...Object.fromEntries(words.map((word) => [word, {}])) });
      break;
    case "HEALTHCHECK":
      set("Healthcheck", { Test: healthTest(words, json) });
      break;
    case "ONBUILD":
      state.triggers.push(args + heredocs.map((each) => `\n${each.content}${each.name}`).join(""));
      set("OnBuild", state.triggers);
      break;
  }
}

/** BuildKit keeps a slash at the end. */
const workingDirectory = (before: string, path: string): string =>
  posix.normalize(path.startsWith("/") ? path : `${before}/${path}`);

/** `80`, `80/udp` or `80-82`. */
function portsOf(word: string): string[] {
  const [range = "", protocol = "tcp"] = word.split("/");
  const [first = 0, last = first] = range.split("-").map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`);
}

function healthTest([type = "", ...command]: readonly string[], json: readonly string[] | undefined): string[] {
  if (type.toUpperCase() === "NONE") return ["NONE"];
  return json === undefined ? ["CMD-SHELL", ...command] : ["CMD", ...command];
}
