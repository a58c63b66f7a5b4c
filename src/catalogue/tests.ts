/** A command that is run in a container of a built image before that is published. */
export interface LayerTest {
  /** Its `name`, or else what it runs. */
  readonly name: string;
  /** A shell command line, or a program with its arguments. */
  readonly run: string | readonly string[];
  /** Absolute paths in the container by files and folders of the layer's directory; absent where there are none. */
  readonly files?: Readonly<Record<string, string>>;
  /** Seconds; without a limit when undefined. */
  readonly timeout?: number;
  /** True where it has the network that RUN instructions have; none when undefined. */
  readonly network?: true;
  /** The image's own when undefined. */
  readonly user?: string;
}

interface WrittenTest {
  readonly run: LayerTest["run"];
  readonly name?: string | undefined;
  readonly files?: LayerTest["files"] | undefined;
  readonly timeout?: number | string | undefined;
  readonly network?: boolean | undefined;
  readonly user?: string | undefined;
}

/** What a definition's `test` says, each entry with a name. */
export const readTests = (written: readonly (string | WrittenTest)[]): LayerTest[] =>
  written.map((each) => (typeof each === "string" ? { name: each, run: each } : readTable(each)));

function readTable({ run, name, files = {}, timeout, network, user }: WrittenTest): LayerTest {
  return {
    name: name ?? (typeof run === "string" ? run : run.join(" ")),
    run,
    ...(Object.keys(files).length > 0 && { files }),
    ...(timeout !== undefined && { timeout: typeof timeout === "number" ? timeout : timeoutSeconds(timeout) }),
    ...(network === true && { network }),
    ...(user !== undefined && { user }),
  };
}

/** Seconds. */
export const longestTimeout = 24 * 3600;

export const timeoutForm = /^(?=\d)(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** Seconds in "1h30m"; not a number for another text. */
export function timeoutSeconds(text: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = timeoutForm.exec(text) ?? [0, Number.NaN];
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}
