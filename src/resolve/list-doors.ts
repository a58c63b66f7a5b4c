import { type Door, doorsOf, wantingOf } from "./doors.ts";
import type { DifferenceKind, ResolvableImage } from "./model.ts";
import { moduleVersion } from "./modules.ts";
import type { ResolvedNames, VersionOf } from "./names.ts";
import { rVersion } from "./r.ts";
import { View } from "./view.ts";

/** A way into an image, and what names lead to there. */
export interface DoorContents {
  readonly door: string;
  /** By kind, then by name. */
  readonly names: readonly DoorName[];
  /** Files that run when a program starts, with a slash: more may be found than stands here. */
  readonly code: readonly string[];
}

interface DoorName {
  readonly kind: DifferenceKind;
  readonly name: string;
  /** Where it is found, with a slash. */
  readonly path: string;
  /** The file that it is in the end, where that is another. */
  readonly file?: string;
  readonly version?: string;
}

/** What resolves at each door of one image, worked out without running it. */
export function listDoors(image: ResolvableImage): DoorContents[] {
  const view = new View(image);
  return doorsOf(view, wantingOf(view)).map((door) => ({
    door: door.name,
    names: namesOf(door, view),
    code: [...new Set(codeOf(door))].map((path) => `/${path}`),
  }));
}

function namesOf(door: Door, view: View): DoorName[] {
  const list = (kind: DifferenceKind, names: ResolvedNames, versionOf: VersionOf = () => undefined): DoorName[] =>
    [...names]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, found]) => {
        const version = versionOf(view, name, found);
        const isElsewhere = found.path !== `/${found.real}`;
        return {
          kind,
          name,
          path: found.path,
          ...(isElsewhere && { file: `/${found.real}` }),
          ...(version !== undefined && { version }),
        };
      });
  const names = [
    ...list("command", door.commands),
    ...[...door.pythons.values()].flatMap(({ modules }) => list("module", modules, moduleVersion)),
    ...[...door.rs.values()].flatMap(({ packages }) => list("r package", packages, rVersion)),
    ...list("library", door.libraries),
    ...list("preload", door.preloads),
  ];
  return [...new Map(names.map((each) => [`${each.kind} ${each.name} ${each.path}`, each])).values()];
}

const codeOf = ({ code, pythons, rs }: Door): string[] => [
  ...code,
  ...[...pythons.values(), ...rs.values()].flatMap((each) => each.code),
];
