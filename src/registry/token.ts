import { z } from "zod";
import { FailedError } from "../diagnostics/failure.ts";
import { redact } from "../diagnostics/redact.ts";
import { parseDocument, quoteStart } from "../oci/untrusted.ts";
import type { Challenge } from "./challenge.ts";
import { basicHeader, type Credential } from "./credentials.ts";
import { RegistryFailure, unexpectedAnswer, withRequest } from "./failures.ts";
import type { Answer, Exchange, Send } from "./http.ts";
import { mayBePlain } from "./origin.ts";

export interface Token {
  readonly text: string;
  /** Milliseconds since the epoch after which it is not used any more. */
  readonly until: number;
}

/** https://distribution.github.io/distribution/spec/auth/token/, and with an identity token …/spec/auth/oauth/ */
export async function fetchToken(send: Send, request: TokenRequest): Promise<Token> {
  const answer = await send(
    request.credential?.kind === "identity"
      ? refreshExchange(request, request.credential.token)
      : plainExchange(request),
  );
  if (answer.status < 200 || answer.status > 299) throw unexpectedAnswer(answer);
  const { token, access_token, expires_in } = readToken(answer);
  const text = token || access_token;
  if (!text || /[^\x21-\x7e]/.test(text)) throw withRequest(answer, badToken(answer));
  return { text, until: Date.now() + (Math.max(60, expires_in ?? 60) - margin) * 1000 };
}

export interface TokenRequest {
  readonly challenge: Challenge;
  readonly scopes: readonly string[];
  readonly credential: Credential | undefined;
  readonly insecure: readonly string[];
}

/** Seconds for which a token must still be good when it is sent. */
const margin = 10;

function plainExchange({ scopes, challenge, credential, insecure }: TokenRequest): Exchange {
  const url = realmOf(challenge, insecure, credential !== undefined);
  const service = challenge.parameters.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credential?.kind !== "password") return { method: "GET", url };
  url.searchParams.set("account", credential.user);
  return { method: "GET", url, headers: { authorization: basicHeader(credential.user, credential.password) } };
}

function refreshExchange({ scopes, challenge, insecure }: TokenRequest, refreshToken: string): Exchange {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: challenge.parameters.get("service") ?? "",
    client_id: "image-builder",
    scope: scopes.join(" "),
    refresh_token: refreshToken,
  });
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url: realmOf(challenge, insecure, true), headers, body: Buffer.from(form.toString()) };
}

function realmOf({ parameters }: Challenge, insecure: readonly string[], secret: boolean): URL {
  const realm = parameters.get("realm") ?? "";
  const url = URL.canParse(realm) ? new URL(realm) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && (!secret || mayBePlain(url.host, insecure))))
    return url;
  throw new RegistryFailure({
    code: "registry-wrong",
    message: "a registry sends to a token server that cannot be trusted with a password",
    notes: [`realm: ${quoteStart(redact(realm), 200)}`],
    help: "ask for https there",
  });
}

const tokenSchema = z.object({
  token: z
    .string()
    .max(64 * 1024)
    .optional(),
  access_token: z
    .string()
    .max(64 * 1024)
    .optional(),
  // Some say it as text. A token of which it is not clear how long it is good is good for the shortest time.
  expires_in: z.coerce.number().positive().nullish().catch(undefined),
});

function readToken(answer: Answer): z.infer<typeof tokenSchema> {
  try {
    return parseDocument(tokenSchema, answer.bytes, `the token of ${answer.exchange.url.host}`);
  } catch {
    // Not even a broken token is quoted.
    throw withRequest(answer, badToken(answer));
  }
}

const badToken = (answer: Answer): FailedError =>
  new RegistryFailure({
    code: "registry-wrong",
    message: `${answer.exchange.url.host} gives something that is not a token`,
    notes: [],
  });
