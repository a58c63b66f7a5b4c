import { join, resolve } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { clearOnce, makeTemporary } from "../disk/temporary.ts";
import { journalFolder } from "../publish/journal.ts";
import type { MoveOptions } from "../publish/move-tags.ts";
import { openLayout } from "../registry/layout.ts";
import type { Registries, Registry } from "../registry/model.ts";
import { overlayRegistries } from "../registry/overlay.ts";
import { rememberManifests } from "../registry/remember.ts";
import type { Session } from "./session.ts";

/** Where the images of a build come from and go to. */
export interface Outlet {
  /** Where bases are looked for, behind what is in the layout. */
  readonly sources: Registries;
  /** The registries themselves. */
  readonly registries: Registries;
  /** Takes what is pushed in place of any registry. */
  readonly layout?: Registry;
  /** How stable tags move there. */
  readonly moving: MoveOptions;
  close(): Promise<void>;
}

/** `output` as in `BuildRequest`. Throws `RefusedError` for anything but `oci:DIR`. */
export async function openOutlet(session: Session, output: string | undefined): Promise<Outlet> {
  const registries = rememberManifests(await session.moving());
  const { withdrawn } = (await session.catalogue()).settings;
  const moves = { signal: session.signal, withdrawn };
  const clearing = clearOnce();
  if (output === undefined) {
    const folder = journalFolder((await session.repository()).gitDir);
    return { registries, sources: registries, moving: { ...moves, registries, folder }, close: () => clearing };
  }
  const layout = await openLayout(layoutFolder(output, session));
  // Journals of a layout go with the run, since they name what no registry has.
  const temporary = await makeTemporary();
  return {
    registries,
    sources: overlayRegistries(layout, registries),
    layout,
    moving: { ...moves, registries: onlyLayout(layout), folder: join(temporary.path, "image-builder") },
    close: async () => {
      await Promise.all([clearing, temporary.remove()]);
    },
  };
}

function layoutFolder(output: string, { directory }: Session): string {
  const [kind, folder] = [output.slice(0, output.indexOf(":")), output.slice(output.indexOf(":") + 1)];
  if (kind === "oci" && folder !== "") return resolve(directory, folder);
  throw new RefusedError([
    error("bad-output", `--output is ${JSON.stringify(output)}; an OCI layout is expected`, {
      help: "write --output oci:DIR",
    }),
  ]);
}

const onlyLayout = (layout: Registry): Registries => ({
  registryFor: () => layout,
  close: () => Promise.resolve(),
});
