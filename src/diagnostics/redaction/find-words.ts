import type { Found } from "./find-secrets.ts";

/** Values that a text itself calls a password or a token, whatever they are: `refresh_token=…`, `"password":"…"`. */
export function* findNamedValues(bytes: string): Generator<Found> {
  for (const match of bytes.matchAll(namedValue)) {
    const { key = "", value = "" } = match.groups ?? {};
    const [start, end] = match.indices?.groups?.["value"] ?? [0, 0];
    if (value !== "" && !isProse(key, bytes.slice(start, start + 60))) yield { start, end };
  }
}

const keys =
  "(?:[\\w.-]*(?:passw(?:or)?d|passphrase|secret|token|authorization|api[-_]?key|credentials?|signature|registry-auth)|auth|pwd|pass|sig|jwt)";
const value =
  "(?:(?:Basic|Bearer|Digest|Negotiate|Token)\\s+[^\\s\"'<>]+|(?<==\\s*)[^\\s\"'<>&{}\\[]+|(?<!=\\s*)[^\\s\"'<>{}\\[]+)";
/** In quotes, which may themselves be escaped no more at this layer, or to the next space. */
const namedValue = new RegExp(
  `(?<![\\w.-])(?<key>${keys})["']?\\s*(?:=>|[:=])\\s*(?:"(?=[^"])|'(?=[^'])|)(?<value>(?<=")(?:\\\\.|[^"\\\\])+|(?<=')(?:\\\\.|[^'\\\\])+|${value})`,
  "dgi",
);

/** "fetch the token: unexpected status" says what is wrong; nobody writes a password like that. */
const isProse = (key: string, rest: string): boolean =>
  /^(?:token|secret|auth|credentials?|signature)$/i.test(key) && /^[a-z]+,? [a-z]+/.test(rest);

/** What an `Authorization` header sends, wherever it stands. */
export function* findAuthorizations(bytes: string): Generator<Found> {
  for (const match of bytes.matchAll(authorization)) {
    const [start, end] = match.indices?.groups?.["sent"] ?? [0, 0];
    yield { start, end };
  }
}

/** A word of prose has neither digits nor signs, and a challenge goes on with the name of a parameter. */
const authorization =
  /\b(?:Basic|Bearer)\s+(?!(?:realm|scope|service|error|charset)\b)(?<sent>(?=[\w+/.~-]*(?:[0-9=+/]|[a-z][A-Z]))[\w+/.~-]{6,}={0,2})/dg;

/** User and password of addresses, and what stands behind their question mark. */
export function* findInAddresses(bytes: string): Generator<Found> {
  for (const match of bytes.matchAll(address)) {
    const rest = match.groups?.["rest"] ?? "";
    const start = match.index + match[0].length - rest.length;
    const at = endOfUser(rest);
    if (at > 0) yield { start, end: start + at };
    const query = rest.slice(at).search(/[?"<>]/);
    if (query !== -1 && rest[at + query] === "?" && rest.length > at + query + 1)
      yield { start: start + at + query + 1, end: start + rest.slice(at).search(/["<>]|$/) + at };
  }
}

const address = /\b[a-z][a-z0-9+.-]{0,20}:\/\/(?<rest>[^\s]+)/gi;

/**
 * Where the `@` before the host stands; 0 where there is none. A password may hold `/` and `@` although it must not: a later `@`
 * counts too, unless all before the first slash looks like a host, as in `https://host.example/@scope/name`.
 */
function endOfUser(rest: string): number {
  const last = rest.lastIndexOf("@");
  const first = rest.search(/[/?#]/);
  if (last <= 0) return 0;
  if (first === -1 || last < first || !looksLikeHost(rest.slice(0, first))) return last;
  return Math.max(0, rest.lastIndexOf("@", first));
}

const looksLikeHost = (text: string): boolean =>
  /^(?:[^@]*@)*(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(text);
