/** Ids of builds, as plans, logs and `why` name them. */

export const scienceId = (target: string): string => `science/${target}`;

export const compatId = ({ image, version }: { readonly image: string; readonly version: string }): string =>
  `compat/${image}:${version}`;
