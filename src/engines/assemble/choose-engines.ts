import type { Catalogue } from "../../catalogue/model.ts";
import type { ImageBuild } from "../../compose/model.ts";
import { type Obstacle, obstacleOf } from "./evaluate/obstacles.ts";
import { type CataloguePlace, placeInCatalogue } from "./place-in-catalogue.ts";
import { splitPayloads } from "./split-payloads.ts";

/** `{ ok: false }` says what an engine with containers is needed for, and where that stands. */
type Assemblable = { readonly ok: true } | { readonly ok: false; readonly why: string; readonly obstacle: Obstacle };

export function canAssemble(build: ImageBuild): Assemblable {
  const obstacle = obstacleOf(build);
  return obstacle ? { ok: false, why: `needs ${obstacle.needs}`, obstacle } : { ok: true };
}

interface EngineChoice {
  /** `assemble` or `docker`, or what was forced. */
  readonly name: string;
  /** `needs RUN: compat/jupyter/Dockerfile:3`. */
  readonly why: string;
  readonly place?: CataloguePlace;
}

export interface EngineRequest {
  /** `--engine`. */
  readonly forced?: string;
  /** Where the images go: an engine's own store takes only what that engine builds. */
  readonly destination: "registry" | "layout" | "store";
}

export interface ChosenEngines {
  /** In an executable order: stages that are built once for all come before the images that copy from them. */
  readonly builds: readonly ImageBuild[];
  /** By the id of each of `builds`. */
  readonly engines: Readonly<Record<string, EngineChoice>>;
}

/** Decides for every build which engine makes it, and why. */
export function chooseEngines(
  builds: readonly ImageBuild[],
  catalogue: Catalogue,
  request: EngineRequest,
): ChosenEngines {
  const chosen = builds.map((build) => choose(build, catalogue, request));
  const all = new Map<string, { build: ImageBuild; choice: EngineChoice }>();
  for (const each of chosen.flat()) if (!all.has(each.build.id)) all.set(each.build.id, each);
  const kept = [...all.values()];
  return {
    builds: kept.map(({ build }) => build),
    engines: Object.fromEntries(kept.map(({ build, choice }) => [build.id, choice])),
  };
}

type Choice = { readonly build: ImageBuild; readonly choice: EngineChoice };

function choose(build: ImageBuild, catalogue: Catalogue, { forced, destination }: EngineRequest): Choice[] {
  if (forced !== undefined && forced !== "assemble") return [{ build, choice: { name: forced, why: "--engine" } }];
  if (forced === undefined && destination === "store") {
    return [{ build, choice: { name: "docker", why: "the image stays on this machine" } }];
  }
  const split = splitPayloads(build);
  const main = judge(split.build, catalogue);
  if (forced === "assemble")
    return [
      ...split.payloads.map((each) => payload(each, catalogue)),
      { build: split.build, choice: { name: "assemble", why: "--engine" } },
    ];
  // Where the image itself needs an engine, that engine carries out the stages, too.
  if (main.choice.name !== "assemble") return [{ build, choice: judge(build, catalogue, split.build).choice }];
  return [...split.payloads.map((each) => payload(each, catalogue)), main];
}

function judge(build: ImageBuild, catalogue: Catalogue, blamed: ImageBuild = build): Choice {
  const verdict = canAssemble(blamed);
  if (verdict.ok) return { build, choice: { name: "assemble", why: "nothing has to run" } };
  const place = verdict.obstacle.range && placeInCatalogue(blamed, verdict.obstacle.range, catalogue);
  const at = place ? `: ${place.file}:${place.line}` : "";
  return { build, choice: { name: "docker", why: `${verdict.why}${at}`, ...(place && { place }) } };
}

function payload(build: ImageBuild, catalogue: Catalogue): Choice {
  const { choice } = judge(build, catalogue);
  return { build, choice: { ...choice, why: `${choice.why}, once for all images` } };
}
