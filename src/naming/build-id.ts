/** Ids of builds, as plans, logs and `why` name them. */

/** A science layer, or what refers to one. `variant` is there where its directory has several image-versions (B48). */
interface Keyed {
  readonly target: string;
  readonly version: string;
  readonly variant?: unknown;
}

/** What tells a science layer from all others, `nist-basic`; with the version, `nist-basic:3.12`, where its directory has variants. */
export const layerKey = ({ target, version, variant }: Keyed): string =>
  variant === undefined ? target : `${target}:${version}`;

/** No target has a colon. */
export const targetOfKey = (key: string): string => key.split(":", 1)[0] ?? key;

/** Takes the key of a layer (`layerKey`). */
export const scienceId = (key: string): string => `science/${key}`;

/** The key in an id that `scienceId` has written. */
export const keyOfScience = (id: string): string => id.slice("science/".length);

export const compatId = ({ image, version }: { readonly image: string; readonly version: string }): string =>
  `compat/${image}:${version}`;
