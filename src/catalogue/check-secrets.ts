import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { Dockerfile, Instruction } from "../dockerfile/model.ts";
import { locateKey } from "./check-compat.ts";
import type { CompatLayer, ScienceLayer } from "./model.ts";

/** Secrets that a Dockerfile reads and its definition does not declare, and those that are declared for nothing (B47). */
export function secretProblems(layer: ScienceLayer | CompatLayer, dockerfile: Dockerfile): Diagnostic[] {
  const declared = layer.secrets ?? [];
  if (declared.length === 0 && !layer.dockerfile.text.includes("secret")) return [];
  const { instructions } = dockerfile;
  const used = new Map(instructions.flatMap(secretsOf).map((each) => [each.id, each.range]));
  const undeclared = [...used].filter(([id]) => !declared.includes(id));
  const idle = declared.filter((id) => !used.has(id) && !hasTrigger(instructions));
  return [
    ...undeclared.map(([id, range]) => undeclaredSecret(layer, id, range)),
    ...idle.map((id) => idleSecret(layer, id)),
  ];
}

/** The secrets that a `RUN --mount` reads; without an id its target's last part is one. */
function secretsOf({ keyword, flags }: Instruction): { readonly id: string; readonly range: Range }[] {
  if (keyword !== "RUN") return [];
  return flags.flatMap(({ name, fields = [], valueRange }) => {
    const field = (...keys: string[]) => fields.findLast(({ key }) => keys.includes(key))?.value;
    if (name !== "mount" || field("type") !== "secret" || valueRange === undefined) return [];
    const id = field("id") ?? field("target", "dst", "destination")?.replace(/^.*\//, "");
    return id === undefined || id.includes("$") ? [] : [{ id, range: valueRange }];
  });
}

/** What is carried out in another image may read any secret. */
const hasTrigger = (instructions: readonly Instruction[]): boolean =>
  instructions.some(({ keyword }) => keyword === "ONBUILD");

const undeclaredSecret = (
  { directory, dockerfile, secrets = [] }: ScienceLayer | CompatLayer,
  id: string,
  range: Range,
) =>
  error(
    "undeclared-secret",
    `${directory} reads the secret "${id}" and does not declare it${didYouMean(id, secrets)}`,
    {
      ...locate(dockerfile.path, dockerfile.text, range),
      help: `add "${id}" to "secrets" in its definition`,
    },
  );

const idleSecret = (layer: ScienceLayer | CompatLayer, id: string) =>
  warning("unused-secret", `${layer.directory} declares the secret "${id}", and no RUN --mount=type=secret reads it`, {
    ...locateKey(layer, "secrets"),
    help: `leave "${id}" out of "secrets"`,
  });
