/** What becomes of an image that changes what its science image's users get: nothing is looked at, it is told, it is not published (B42). */
export const freezeModes = ["off", "warn", "enforce"] as const;

export type FreezeMode = (typeof freezeModes)[number];

/** Where the tests of a science definition run beside the science image: in all images composed on it, where it matters, nowhere (B43). */
export const scienceTestModes = ["always", "changed", "off"] as const;

export type ScienceTestMode = (typeof scienceTestModes)[number];

/** Things that may change, by `KIND:NAME`, each with the reason. */
export type Exceptions = Readonly<Record<string, string>>;

/** What exceptions are of. */
export const exceptionKinds = [
  "python",
  "r",
  "command",
  "library",
  "interpreter",
  "preload",
  "code",
  "door",
  "deb",
  "rpm",
  "apk",
  "file",
  "setuid",
  "setgid",
  "capabilities",
] as const;

export type ExceptionKind = (typeof exceptionKinds)[number];

export const exceptionPattern = new RegExp(`^(?:${exceptionKinds.join("|")}):[^\\s:].*$`);

/** `true` of old definitions means `enforce`. */
export const freezeMode = (written: boolean | FreezeMode): FreezeMode =>
  typeof written === "string" ? written : written ? "enforce" : "off";
