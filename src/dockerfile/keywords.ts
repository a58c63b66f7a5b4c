/** How many arguments an instruction takes and which flags; what BuildKit 0.25 (Docker 28) accepts, and `--parents` of later ones. */
export interface KeywordRules {
  readonly least: number;
  readonly most: number;
  /** Flags that need a value. */
  readonly valued: readonly string[];
  /** Flags that may be given without one. */
  readonly switches: readonly string[];
  /** Flags that may be repeated. */
  readonly repeated: readonly string[];
}

const rules = (least: number, most: number, flags: Partial<KeywordRules> = {}): KeywordRules => ({
  least,
  most,
  valued: [],
  switches: [],
  repeated: [],
  ...flags,
});

const any = Number.POSITIVE_INFINITY;
const health = ["interval", "timeout", "start-period", "start-interval", "retries"];

/** A map, so that an instruction called `CONSTRUCTOR` finds nothing. */
export const keywords: ReadonlyMap<string, KeywordRules> = new Map([
  [
    "ADD",
    rules(2, any, {
      valued: ["chown", "chmod", "checksum"],
      switches: ["link", "keep-git-dir", "unpack"],
      repeated: ["exclude"],
    }),
  ],
  ["ARG", rules(1, any)],
  ["CMD", rules(0, any)],
  ["COPY", rules(2, any, { valued: ["chown", "chmod", "from"], switches: ["link", "parents"], repeated: ["exclude"] })],
  ["ENTRYPOINT", rules(0, any)],
  ["ENV", rules(1, any)],
  ["EXPOSE", rules(1, any)],
  ["FROM", rules(1, 3, { valued: ["platform"] })],
  ["HEALTHCHECK", rules(1, any, { valued: health })],
  ["LABEL", rules(1, any)],
  ["MAINTAINER", rules(1, 1)],
  ["ONBUILD", rules(1, any)],
  ["RUN", rules(0, any, { valued: ["network", "security"], repeated: ["mount", "device"] })],
  ["SHELL", rules(1, any)],
  ["STOPSIGNAL", rules(1, 1)],
  ["USER", rules(1, 1)],
  ["VOLUME", rules(1, any)],
  ["WORKDIR", rules(1, 1)],
]);
