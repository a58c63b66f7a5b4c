import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error, hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { readContexts } from "../engines/context.ts";
import { createLogs, logFolder } from "../engines/logs.ts";
import type { Plan } from "../plan/model.ts";
import { journalFolder } from "../publish/journal.ts";
import { publishProblems } from "../publish/problems.ts";
import { learnLogins } from "../registry/credential-store.ts";
import { openLayout } from "../registry/layout.ts";
import type { Registries, Registry } from "../registry/model.ts";
import { overlayRegistries } from "../registry/overlay.ts";
import { createRegistries } from "../registry/registries.ts";
import { rememberManifests } from "../registry/remember.ts";
import { Secrets } from "../registry/secrets.ts";
import { passphraseVariable } from "../trust/keys.ts";
import { signingKey } from "./attest.ts";
import { buildAndPublish } from "./build-and-publish.ts";
import { chooseEach, engineRequest } from "./choice.ts";
import { openEngines } from "./engines.ts";
import type { ExecuteIo, ExecuteOptions, Outcome } from "./model.ts";
import type { Prepared } from "./prepare.ts";
import { runName, sourceAddress } from "./provenance.ts";

/** Composes, builds and, when asked, publishes a plan (B24–B32). Throws before anything is built, or not at all for a build that fails. */
export async function execute(prepared: Prepared, options: ExecuteOptions, io: ExecuteIo): Promise<Outcome> {
  const plan = options.plan ?? prepared.plan;
  const { catalogue } = prepared;
  refuse(options.push ? publishProblems(plan, { allowOrphans: options.allowOrphans ?? false }) : []);
  const request = engineRequest({ ...options, engine: catalogue.settings.engine });
  signingKey({ ...options, environment: io.environment });
  const started = new Date();
  const name = runName(plan, started);
  const chosen = chooseEach(await compose(prepared, plan, io), catalogue, request);
  const secrets = await secretsOf(io.environment);
  const registries = rememberManifests(
    createRegistries({ insecure: catalogue.settings.insecure, environment: io.environment, secrets }),
  );
  const logs = createLogs(logFolder(io.environment, name), secrets.redactLog);
  const layout = options.output === undefined ? undefined : await openLayout(layoutFolder(options.output));
  const temporary = await mkdtemp(join(tmpdir(), "image-builder-"));
  const engines = openEngines(chosen.engines, {
    registries,
    environment: io.environment,
    redact: secrets.redact,
    layout,
  });
  try {
    const run = {
      plan,
      prepared,
      options,
      io,
      registries: layout ? overlayRegistries(layout, registries) : registries,
      target: layout ? asRegistries(layout) : registries,
      engines,
      logs,
      journals: layout ? join(temporary, "journals") : journalFolder(prepared.gitDir),
      name,
      started,
    };
    return await buildAndPublish(run, chosen.builds);
  } finally {
    await Promise.all([registries.close(), engines.close(), rm(temporary, { recursive: true, force: true })]);
  }
}

/** What the words of engines and registries are kept free of, from the beginning: an engine reads the same logins by itself. */
async function secretsOf(environment: ExecuteIo["environment"]): Promise<Secrets> {
  const secrets = new Secrets();
  await learnLogins(environment, secrets);
  secrets.addSecret(environment[passphraseVariable] ?? "");
  return secrets;
}

/** Throws `RefusedError` for anything but `oci:DIR`. */
function layoutFolder(output: string): string {
  const [kind, folder] = [output.slice(0, output.indexOf(":")), output.slice(output.indexOf(":") + 1)];
  if (kind === "oci" && folder !== "") return resolve(folder);
  throw new RefusedError([
    error("bad-output", `--output is ${JSON.stringify(output)}; an OCI layout is expected`, {
      help: "write --output oci:DIR",
    }),
  ]);
}

const asRegistries = (layout: Registry): Registries => ({ registryFor: () => layout, close: () => Promise.resolve() });

function refuse(problems: readonly Diagnostic[]): void {
  if (hasErrors(problems)) throw new RefusedError(problems);
}

async function compose({ catalogue, changes }: Prepared, plan: Plan, io: ExecuteIo): Promise<ImageBuild[]> {
  const directories = contextDirectories(plan, catalogue);
  const contexts = await readContexts(catalogue.root, directories, { untracked: changes.untracked, signal: io.signal });
  const source = await sourceAddress(catalogue.root);
  return composeBuilds(plan, catalogue, contexts, { source });
}
