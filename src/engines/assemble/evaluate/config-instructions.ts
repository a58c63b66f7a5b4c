import { type EvaluatedInstruction, triggerText } from "../../../dockerfile/index.ts";
import type { ContainerConfig } from "../../../oci/config.ts";
import { AssembleError } from "./assemble-error.ts";
import { healthcheckOf } from "./healthcheck.ts";
import { exposedPorts } from "./ports.ts";
import { isSignal } from "./signals.ts";
import type { StageState } from "./stage-state.ts";

/** An instruction that changes nothing but the image's config. */
type ConfigInstruction = (state: StageState, evaluated: EvaluatedInstruction) => void;

/** By keyword. What they write into the history is what BuildKit writes. */
export const configInstructions: Readonly<Record<string, ConfigInstruction>> = {
  ENV: (state, { pairs }) => {
    for (const { key, value } of pairs) change(state, { Env: setVariable(state.config.Env ?? [], key, value ?? "") });
    state.addHistory(`ENV ${formatPairs(pairs)}`, false);
  },
  ARG: (state, { pairs }) => state.addHistory(`ARG ${formatPairs(pairs)}`, false),
  LABEL: (state, { pairs }) => {
    const labels = Object.fromEntries(pairs.map(({ key, value }) => [key, value ?? ""]));
    change(state, { Labels: { ...state.config.Labels, ...labels } });
    state.addHistory(`LABEL ${formatPairs(pairs)}`, false);
  },
  USER: (state, { words: [user = ""] }) => {
    change(state, { User: user || undefined });
    state.addHistory(`USER ${user}`, false);
  },
  EXPOSE: (state, { words }) => {
    const ports = exposedPorts(words);
    change(state, { ExposedPorts: { ...state.config.ExposedPorts, ...objectOf(ports) } });
    state.addHistory(`EXPOSE [${ports.join(" ")}]`, false);
  },
  VOLUME: (state, { words }) => {
    const volumes = words.map((word) => word.trim());
    if (volumes.includes("")) throw new AssembleError("VOLUME has an empty path");
    change(state, { Volumes: { ...state.config.Volumes, ...objectOf(volumes) } });
    state.addHistory(`VOLUME [${volumes.join(" ")}]`, false);
  },
  CMD: (state, evaluated) => {
    const command = commandOf(state, evaluated);
    change(state, { Cmd: command.length === 0 ? undefined : command, ArgsEscaped: true });
    state.hasCommand = true;
    state.addHistory(`CMD ${formatList(command)}`, false);
  },
  ENTRYPOINT: (state, evaluated) => {
    const command = commandOf(state, evaluated);
    change(state, { Entrypoint: command.length === 0 ? undefined : command });
    if (!state.hasCommand) change(state, { Cmd: undefined });
    state.addHistory(`ENTRYPOINT ${formatList(command)}`, false);
  },
  HEALTHCHECK: (state, { instruction }) => {
    change(state, { Healthcheck: healthcheckOf(instruction) });
    state.addHistory(`HEALTHCHECK ${instruction.args}`, false);
  },
  STOPSIGNAL: (state, { words: [signal = ""] }) => {
    if (!isSignal(signal)) {
      throw new AssembleError(`"${signal}" is not a signal; write a name such as SIGTERM`);
    }
    change(state, { StopSignal: signal });
    state.addHistory(`STOPSIGNAL ${signal}`, false);
  },
  SHELL: (state, { instruction: { json = [] } }) => {
    change(state, { Shell: json });
    state.addHistory(`SHELL [${json.join(" ")}]`, false);
  },
  ONBUILD: (state, { instruction }) => {
    change(state, { OnBuild: [...(state.config.OnBuild ?? []), triggerText(instruction)] });
  },
  MAINTAINER: (state, { instruction: { args } }) => {
    state.author = args;
    state.addHistory(`MAINTAINER ${args}`, false);
  },
};

function change(state: StageState, changes: ContainerConfig): void {
  state.config = { ...state.config, ...changes };
}

/** A variable that is there keeps its place. */
function setVariable(env: readonly string[], key: string, value: string): string[] {
  const at = env.findIndex((each) => each.startsWith(`${key}=`));
  const text = `${key}=${value}`;
  return at === -1 ? [...env, text] : env.with(at, text);
}

function commandOf(state: StageState, { instruction: { json, args } }: EvaluatedInstruction): readonly string[] {
  return json ?? [...(state.config.Shell?.length ? state.config.Shell : ["/bin/sh", "-c"]), args];
}

const objectOf = (names: readonly string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, {}]));

const formatPairs = (pairs: EvaluatedInstruction["pairs"]): string =>
  pairs.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)).join(" ");

/** As Go's `%q` writes a list. */
const formatList = (list: readonly string[]): string => `[${list.map(quoted).join(" ")}]`;

const quoted = (text: string): string =>
  JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, (_, hex: string) => (hex === "0b" ? "\\v" : hex === "07" ? "\\a" : `\\x${hex}`))
    .replaceAll("\x7f", "\\x7f");
