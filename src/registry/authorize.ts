import { type Challenge, parseChallenges } from "./challenge.ts";
import { basicHeader, type Credential, type FindCredential } from "./credentials.ts";
import { RegistryFailure } from "./failures.ts";
import { type Answer, type Exchange, headerOf, publicUrl, type Send } from "./http.ts";
import { covers, formatScope, type Scope } from "./scopes.ts";
import type { Secrets } from "./secrets.ts";
import { fetchToken, type Token } from "./token.ts";

/** Sends an exchange with what its scopes need. The first scope's repository decides whose credential is used. */
type SendAs = (exchange: Exchange, scopes: readonly Scope[]) => Promise<Answer>;

/**
 * Learns from a registry's first 401 what it wants, and gives it from then on without being asked. Tokens are kept per
 * set of scopes, and one that covers more is used for less.
 */
export function authorize(send: Send, options: AuthorizeOptions): SendAs {
  const authorizer = new Authorizer(send, options);
  return async (exchange, scopes) => {
    const { answer, sent } = await authorizer.attempt(exchange, scopes);
    if (!authorizer.isChallenge(answer)) return answer;
    const better = await authorizer.challenged(answer, scopes, sent);
    if (better === undefined) return answer;
    const again = await send(withAuthorization(exchange, better));
    // Whatever it was given for, it does not do: who needs less asks for less.
    if (authorizer.isChallenge(again)) await authorizer.forget(better);
    return again;
  };
}

interface AuthorizeOptions {
  readonly host: string;
  /** The only origin that gets this registry's credentials, apart from the token server it names. */
  readonly origin: () => string;
  readonly insecure: readonly string[];
  readonly findCredential: FindCredential;
  /** Is told of the tokens that are sent. */
  readonly secrets: Secrets;
}

const withAuthorization = (exchange: Exchange, authorization: string | undefined): Exchange =>
  authorization === undefined ? exchange : { ...exchange, headers: { ...exchange.headers, authorization } };

interface Attempt {
  readonly answer: Answer;
  /** The header it was sent with. */
  readonly sent: string | undefined;
}

interface Held {
  readonly scopes: readonly Scope[];
  readonly token: Promise<Token>;
}

class Authorizer {
  readonly #send: Send;
  readonly #options: AuthorizeOptions;
  #challenge: Challenge | undefined;
  #held: Held[] = [];
  #introduced = false;
  #introduction: Promise<void> | undefined;

  constructor(send: Send, options: AuthorizeOptions) {
    this.#send = send;
    this.#options = options;
  }

  /** Until the registry has answered once, one request goes alone: the others would all be told the same 401. */
  async attempt(exchange: Exchange, scopes: readonly Scope[]): Promise<Attempt> {
    while (this.#introduction) await this.#introduction;
    if (this.#introduced) return this.#ask(exchange, scopes);
    const asking = this.#ask(exchange, scopes);
    this.#introduction = asking.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await asking;
    } finally {
      this.#introduction = undefined;
    }
  }

  isChallenge = (answer: Answer): boolean =>
    answer.status === 401 && answer.exchange.url.origin === this.#options.origin();

  /** What to send after a 401; undefined when nothing better is known than what was sent. */
  async challenged(answer: Answer, scopes: readonly Scope[], sent: string | undefined): Promise<string | undefined> {
    const challenge = chooseChallenge(answer);
    if (challenge.scheme === "bearer" && sent !== undefined) await this.forget(sent);
    const asked = challenge.parameters.get("scope")?.split(" ").filter(Boolean) ?? [];
    const authorization = await this.#authorization(challenge, scopes, sent === undefined ? undefined : asked);
    if (authorization !== sent) return authorization;
    if (sent !== undefined) await this.forget(sent);
    return undefined;
  }

  async #ask(exchange: Exchange, scopes: readonly Scope[]): Promise<Attempt> {
    const known = exchange.url.origin === this.#options.origin() ? this.#challenge : undefined;
    const sent = known && (await this.#authorization(known, scopes));
    const answer = await this.#send(withAuthorization(exchange, sent));
    if (this.isChallenge(answer)) this.#challenge = chooseChallenge(answer);
    this.#introduced = true;
    return { answer, sent };
  }

  async #authorization(
    challenge: Challenge,
    scopes: readonly Scope[],
    asked?: readonly string[],
  ): Promise<string | undefined> {
    const credential = await this.#credential(scopes);
    if (credential?.kind === "registry") return `Bearer ${credential.token}`;
    if (challenge.scheme === "basic")
      return credential?.kind === "password" ? basicHeader(credential.user, credential.password) : undefined;
    const { text } = await this.#token(challenge, scopes, credential, asked);
    this.#options.secrets.addToken(text);
    return `Bearer ${text}`;
  }

  async #token(
    challenge: Challenge,
    scopes: readonly Scope[],
    credential: Credential | undefined,
    asked?: readonly string[],
  ): Promise<Token> {
    const known = this.#held.find((held) => covers(held.scopes, scopes));
    const token = await known?.token;
    if (known && token && token.until > Date.now() && asked === undefined) return token;
    this.#held = this.#held.filter((held) => held !== known);
    return this.#fetch(challenge, scopes, credential, asked);
  }

  /** Whoever needs the same token meanwhile waits for this one. */
  async #fetch(
    challenge: Challenge,
    scopes: readonly Scope[],
    credential: Credential | undefined,
    asked?: readonly string[],
  ): Promise<Token> {
    const meanwhile = this.#held.find((held) => covers(held.scopes, scopes));
    if (meanwhile) return meanwhile.token;
    // Some token servers heed the first scope alone, and some the last: asked again, what is written to comes last.
    const named = scopes.map(formatScope);
    const texts = asked ? [...asked.filter((each) => !named.includes(each)), ...named.reverse()] : named;
    const { insecure } = this.#options;
    const held: Held = {
      scopes,
      token: fetchToken(this.#send, { challenge, scopes: [...new Set(texts)], credential, insecure }),
    };
    this.#held.push(held);
    try {
      return await held.token;
    } catch (failure) {
      this.#held = this.#held.filter((each) => each !== held);
      throw failure;
    }
  }

  async forget(sent: string): Promise<void> {
    const stale = await Promise.all(
      this.#held.map(async (held) => `Bearer ${(await held.token.catch(() => undefined))?.text}` === sent),
    );
    this.#held = this.#held.filter((_, at) => !stale[at]);
  }

  #credential = async (scopes: readonly Scope[]): Promise<Credential | undefined> =>
    this.#options.findCredential(this.#options.host, scopes[0]?.repository ?? "");
}

function chooseChallenge(answer: Answer): Challenge {
  const challenges = parseChallenges(headerOf(answer, "www-authenticate") ?? "");
  const chosen =
    challenges.find(({ scheme }) => scheme === "bearer") ?? challenges.find(({ scheme }) => scheme === "basic");
  if (chosen) return chosen;
  throw new RegistryFailure({
    code: "registry-refused",
    message: `${answer.exchange.url.host} wants a login of a kind that is not known`,
    notes: [
      `${answer.exchange.method} ${answer.redact(publicUrl(answer.exchange.url))}: 401, WWW-Authenticate names neither Bearer nor Basic`,
    ],
    status: 401,
  });
}
