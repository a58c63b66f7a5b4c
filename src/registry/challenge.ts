export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The challenges of a `WWW-Authenticate` header; https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const { groups = {} } of header.slice(0, 8192).matchAll(partPattern)) {
    const { scheme, name, quoted, token } = groups;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else if (name !== undefined)
      challenges.at(-1)?.parameters.set(name.toLowerCase(), token ?? quoted?.replace(/\\(.)/g, "$1") ?? "");
  }
  return challenges;
}

/** Either `name=value`, or a word that no `=` follows, which is a scheme. */
const partPattern =
  /(?<name>[\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<token>[^\s,"]+))|(?<scheme>[A-Za-z][\w-]*)(?=\s|,|$)/g;
