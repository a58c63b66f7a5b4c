/** What a configuration holds for a registry. */
export type Credential =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  /** Given to the token server in exchange for access tokens. */
  | { readonly kind: "identity"; readonly token: string }
  /** Sent to the registry as it is. */
  | { readonly kind: "registry"; readonly token: string };

/** Looks a registry's credential up; undefined means anonymous. Throws `FailedError` when a file or helper is broken. */
export type FindCredential = (host: string, repository: string) => Promise<Credential | undefined>;

export const basicHeader = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
