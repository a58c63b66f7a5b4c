import { logRedactor, type Redact, redactor } from "../diagnostics/redact.ts";
import type { Credential } from "./credentials.ts";

/** The logins and tokens that a run has come to know, so that nobody who repeats them gets them printed or written down. */
export class Secrets {
  readonly #logins = new Set<string>();
  readonly #tokens = new Set<string>();
  #redact: Redact | undefined;
  #redactLog: Redact | undefined;

  /** To be told of every login as it is read. */
  addLogin(credential: Credential): void {
    if (credential.kind !== "password") return this.addSecret(credential.token);
    this.addSecret(credential.password);
    // A password too short to be looked for is found with its user in front of it.
    if (credential.password.length < 4) this.addSecret(`${credential.user}:${credential.password}`);
  }

  /** A password or passphrase of any kind; what is empty counts for nothing. */
  addSecret(text: string): void {
    if (text === "" || this.#logins.has(text)) return;
    this.#logins.add(text);
    this.#redact = undefined;
    this.#redactLog = undefined;
  }

  /** An access token, each time it is sent: those that were not sent for the longest time are forgotten. */
  addToken(text: string): void {
    const isNew = !this.#tokens.delete(text);
    this.#tokens.add(text);
    if (!isNew) return;
    this.#redact = undefined;
    for (const oldest of this.#tokens) {
      if (this.#tokens.size <= mostTokens) return;
      this.#tokens.delete(oldest);
    }
  }

  /** For the words of registries, helpers and engines. */
  readonly redact: Redact = (text) => {
    this.#redact ??= redactor([...this.#logins, ...this.#tokens]);
    return this.#redact(text);
  };

  /** For logs. Access tokens are not looked for: whoever writes a log has none of them. */
  readonly redactLog: Redact = (text) => {
    this.#redactLog ??= logRedactor(this.#logins);
    return this.#redactLog(text);
  };
}

const mostTokens = 64;
