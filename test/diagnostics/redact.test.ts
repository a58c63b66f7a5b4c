import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logRedactor, redact, redactor } from "../../src/diagnostics/redact.ts";
import { spellings } from "../support/spellings.ts";

const isWellFormed = (text: string): boolean => Buffer.from(text).toString() === text;

const secrets = fc
  .oneof(fc.string({ unit: "grapheme", minLength: 4, maxLength: 30 }), fc.string({ minLength: 4, maxLength: 30 }))
  .filter((text) => text.trim() === text && isWellFormed(text) && Buffer.byteLength(text) >= 4);
const names = fc.constantFrom(...Object.keys(spellings));
const spell = (text: string, layers: readonly string[]): string =>
  layers.reduce((each, name) => (spellings[name] as (text: string) => string)(each), text);

describe("a secret", () => {
  it.each(Object.keys(spellings))("is hidden as a whole in %s", (name) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(redactor([secret])(`it says ${spell(secret, [name])} and ends`)).toBe("it says *** and ends");
      }),
    );
  });

  it("is hidden in two spellings on top of each other", () => {
    fc.assert(
      fc.property(secrets, names, names, (secret, inner, outer) => {
        fc.pre(!(inner.startsWith("base64 twice") || outer.startsWith("base64 twice")));
        expect(redactor([secret])(`it says ${spell(secret, [inner, outer])} and ends`)).toBe("it says *** and ends");
      }),
      { numRuns: 500 },
    );
  });

  it.each(["…", "...", '"', ""])("is hidden where somebody cut it, before %j", (mark) => {
    fc.assert(
      fc.property(secrets, fc.nat(), (secret, length) => {
        const start = secret.slice(0, 4 + (length % (secret.length - 3)));
        fc.pre(Buffer.byteLength(start) >= 4 && isWellFormed(start));
        const shown = redactor([secret])(`it says ${start}${mark}`);
        // A secret may go on with the very mark.
        expect([`it says ***${mark}`, "it says ***", "it says ***.", "it says ***.."]).toContain(shown);
      }),
    );
  });

  it("is hidden in a log, also in base64 and hexadecimal", () => {
    fc.assert(
      fc.property(secrets, names, (secret, name) => {
        fc.pre(!["base64 twice", "base64 of JSON"].includes(name) && Buffer.byteLength(secret) >= 6);
        const shown = logRedactor([secret])(`it says ${spell(secret, [name])} and ends`);
        // The letters that the first and the last byte share with what stands around them stay.
        expect(shown).toMatch(/^it says [\w+/%-]{0,10}\*\*\*[\w+/%=-]{0,10} and ends$/);
      }),
    );
  });

  it("that is too short to be looked for hides the whole of a text that speaks of logins", () => {
    const clean = redactor(["s3", "alice:s3"]);
    expect(clean("the password s3 is wrong")).toBe("***");
    expect(clean('{"password is":"s3"}')).toBe("***");
    expect(clean("Basic YWxpY2U6czM= is wrong")).toBe("Basic *** is wrong");
    expect(clean("bucket s3 has no room")).toBe("bucket s3 has no room");
    expect(clean("the token s300 is wrong")).toBe("the token s300 is wrong");
  });
});

describe("a text without secrets", () => {
  it("stays as it is", () => {
    const clean = redactor(["correct horse/battery", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        expect(clean(text)).toBe(text);
      }),
    );
    fc.assert(
      fc.property(fc.base64String({ maxLength: 400 }), (text) => {
        expect(clean(text)).toBe(text);
      }),
    );
  });

  it.each([
    "UNAUTHORIZED: authentication required; DENIED: requested access to the resource is denied",
    "failed to fetch oauth token: unexpected status from GET request: 401 Unauthorized",
    'Bearer realm="https://auth.example.org/token",service="registry",scope="repository:a:pull",error="invalid_token"',
    "basic authentication is off",
    "manifest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef at 127.0.0.1:5000/a@sha256:0123",
    "npm ERR! 404 https://packages.example.org/@scope/name - not found",
    '{"errors":[{"code":"TAG_INVALID","message":"100% wrong: \\"1.0\\"","detail":null}]}',
    "GET https://ghcr.io/v2/a/tags/list: 503 after 12 ms",
  ])("stays as it is: %s", (text) => expect(redact(text)).toBe(text));
});

describe("what a text itself calls a secret", () => {
  it.each([
    ["grant_type=refresh_token&refresh_token=abc%26d&scope=x", "grant_type=refresh_token&refresh_token=***&scope=x"],
    ['{"password":"a\\"b","n":1}', '{"password":"***","n":1}'],
    ['"{\\"token\\":\\"abc\\",\\"n\\":1}"', '"{\\"token\\":\\"***\\",\\"n\\":1}"'],
    ["identitytoken: abc", "identitytoken: ***"],
    ["Authorization: Basic YWJj", "Authorization: ***"],
    ["you sent Bearer abc.DEF-123", "you sent Bearer ***"],
    ["client_secret='a b' is wrong", "client_secret='***' is wrong"],
    ["password: hunter is wrong", "password: *** is wrong"],
    ["{&quot;access_token&quot;:&quot;abc&quot;}", "{&quot;access_token&quot;:&quot;***&quot;}"],
    ["private_token%3Dabc%26x%3D1", "private_token%3D***%26x%3D1"],
    ["X-Registry-Auth: eyJhIjoxfQ", "X-Registry-Auth: ***"],
  ])("is hidden: %s", (text, shown) => expect(redact(text)).toBe(shown));
});

describe("an address in a text", () => {
  it.each([
    ["unable to access 'https://user:p@ssw0rd@host/x.git/'", "unable to access 'https://***@host/x.git/'"],
    ["https://user:pa/ss@host/x.git", "https://***@host/x.git"],
    ["https://token@host.example/x.git", "https://***@host.example/x.git"],
    ["from https://user:pa?ss@host/x now", "from https://***@host/x now"],
    ["https://host/x.git?private_token=abc#y", "https://host/x.git?***"],
    ["<https://blobs.example/b?X-Amz-Signature=abc>; rel", "<https://blobs.example/b?***>; rel"],
    ["https:\\/\\/user:pass@host\\/x", "https:\\/\\/***@host\\/x"],
    ["https%3A%2F%2Fuser%3Apass%40host%2Fx", "https%3A%2F%2F***%40host%2Fx"],
    ["http://me:secret@proxy:3128", "http://***@proxy:3128"],
  ])("has no user, password and query: %s", (text, shown) => expect(redact(text)).toBe(shown));
});
