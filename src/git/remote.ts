import { redact } from "../diagnostics/redact.ts";
import { git } from "./process.ts";

/**
 * What everybody may know of the address of a git remote: protocol, host and path. Undefined wherever it is in doubt which part is
 * the user or the password, as with an `@` or a `/` in it that is not escaped. https://git-scm.com/docs/git-clone#_git_urls
 */
export function publicRemote(remote: string): string | undefined {
  const text = remote.trim();
  if (text.length > longest || !plain.test(text)) return undefined;
  const address = publicUrlOf(text) ?? publicScpOf(text) ?? publicPathOf(text);
  // A path may name a token too, as with a query whose question mark is escaped.
  return address !== undefined && redact(address) === address ? address : undefined;
}

const longest = 2048;

/** No spaces or control characters, and nothing that no reader of addresses agrees on with another. */
const plain = /^[\p{L}\p{M}\p{N}!#$&'()*+,./:;=?@[\]_~%-]+$/u;

const host = "(?:[\\p{L}\\p{N}_](?:[\\p{L}\\p{N}._-]*[\\p{L}\\p{N}])?|\\[[0-9a-f:.]+\\])";
const schemes = ["https", "http", "ssh", "git", "git+ssh", "ssh+git", "git+https", "ftp", "ftps", "file"];

/** A user and password before the host are left out; git, too, takes the last `@` before the first slash. */
const url = new RegExp(
  `^(?<scheme>[a-z][a-z0-9+]*)://(?:[^/?#]*@)?(?<host>${host}(?::\\d{1,5})?)?(?<path>/[^@?#]*)?(?:[?#][^@]*)?$`,
  "iu",
);

function publicUrlOf(text: string): string | undefined {
  const { scheme = "", host: at = "", path = "" } = url.exec(text)?.groups ?? {};
  const known = schemes.includes(scheme.toLowerCase()) && (at !== "" || scheme.toLowerCase() === "file");
  return known && path !== "/" && path + at !== "" ? `${scheme.toLowerCase()}://${at}${path}` : undefined;
}

/** `user@host:path`; a user with a colon is the beginning of something else, and a host of one letter is a drive. */
const scp = new RegExp(`^(?:[^:/?#]+@)?(?<host>${host}):(?!//)(?<path>[^@?#:]+)(?:[?#][^@]*)?$`, "iu");

function publicScpOf(text: string): string | undefined {
  const { host: at = "", path = "" } = scp.exec(text)?.groups ?? {};
  return at.length > 1 ? `${at}:${path}` : undefined;
}

/** Begins with `/`, `./`, `../` or a name, and has nothing in it that an address has. */
const publicPathOf = (text: string): string | undefined => (/^(?!\/\/)[^:@?#]+$/.test(text) ? text : undefined);

/** Address of the repository's `origin` as everybody may know it; undefined where there is none, or none that is safe to tell. */
export async function sourceAddress(root: string): Promise<string | undefined> {
  const { code, stdout } = await git(root, ["config", "--get", "remote.origin.url"]);
  return code === 0 ? publicRemote(stdout.toString("utf8")) : undefined;
}
