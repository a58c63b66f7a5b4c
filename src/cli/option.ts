import type { NameKind } from "../run/names.ts";

/** One option as a value. Its environment variable is `IMAGE_BUILDER_` and the name: `--no-cache` is `IMAGE_BUILDER_NO_CACHE`. */
export interface OptionSpec {
  /** Without dashes: `dryrun`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Other spellings, without dashes. */
  readonly aliases?: readonly string[];
  readonly kind: "flag" | "count" | "text" | "number" | "list";
  /** Name of the value in the help: `DIR`. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** What a shell completes its value with; nothing when undefined. */
  readonly values?: "files" | "folders" | NameKind | readonly NameKind[];
  readonly description: string;
  /** A flag that `--no-NAME` can take back, since a file or the environment may have set it. */
  readonly negatable?: boolean;
  /** Said on the line alone, since a variable of its name means something else to another command. */
  readonly lineOnly?: boolean;
}

export const takesValue = (option: OptionSpec): boolean => option.kind !== "flag" && option.kind !== "count";

export const environmentName = (option: OptionSpec): string =>
  `IMAGE_BUILDER_${option.name.toUpperCase().replaceAll("-", "_")}`;

/** As a command's help has it: `-n, --dryrun`, `--root <DIR>`. */
export const optionFlags = (option: OptionSpec): string =>
  `${option.short === undefined ? "" : `-${option.short}, `}--${option.name}${takesValue(option) ? ` <${option.value ?? "VALUE"}>` : ""}`;

/** `-n, --dryrun`, `--root DIR`. */
export const optionUsage = (option: OptionSpec): string =>
  [
    option.short === undefined ? "" : `-${option.short}, `,
    `--${option.negatable ? "[no-]" : ""}${option.name}`,
    takesValue(option) ? ` ${option.value ?? "VALUE"}${option.kind === "list" ? "…" : ""}` : "",
  ].join("");
