import { describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { git, gitOrFail } from "../../src/git/process.ts";
import { publicRemote } from "../../src/git/remote.ts";

describe("a remote", () => {
  it.each([
    ["https://host.example/x/y.git", "https://host.example/x/y.git"],
    ["HTTPS://Host.example/x.git\n", "https://Host.example/x.git"],
    ["https://host.example:8443/x.git", "https://host.example:8443/x.git"],
    ["https://user@host/x.git", "https://host/x.git"],
    ["https://user:password@host/x.git", "https://host/x.git"],
    ["https://:password@host/x.git", "https://host/x.git"],
    ["https://user:p@ssw0rd@host/x.git", "https://host/x.git"],
    ["https://user:p@ss:w0rd@host:8443/x.git", "https://host:8443/x.git"],
    ["https://user:p%40ss%2Fword@host/x.git", "https://host/x.git"],
    ["https://ghp_0123456789@github.com/x/y", "https://github.com/x/y"],
    ["https://oauth2:glpat-0123@gitlab.com/x/y.git", "https://gitlab.com/x/y.git"],
    ["https://host/x.git?private_token=abc", "https://host/x.git"],
    ["https://host/x.git#access_token=abc", "https://host/x.git"],
    ["https://host?private_token=abc", "https://host"],
    ["ssh://git@host:2222/x/y.git", "ssh://host:2222/x/y.git"],
    ["ssh://host/~user/x.git", "ssh://host/~user/x.git"],
    ["git://host/x.git", "git://host/x.git"],
    ["git+ssh://git@host/x.git", "git+ssh://host/x.git"],
    ["https://[::1]:8080/x.git", "https://[::1]:8080/x.git"],
    ["https://user:pw@[::1]/x.git", "https://[::1]/x.git"],
    ["https://bücher.example/größe.git", "https://bücher.example/größe.git"],
    ["https://host/a%20b.git", "https://host/a%20b.git"],
    ["git@github.com:x/y.git", "github.com:x/y.git"],
    ["host.example:x/y.git", "host.example:x/y.git"],
    ["p@ss@host.example:x/y.git", "host.example:x/y.git"],
    ["file:///srv/git/x.git", "file:///srv/git/x.git"],
    ["/srv/git/x.git", "/srv/git/x.git"],
    ["../x.git", "../x.git"],
  ])("is told by protocol, host and path: %s", (remote, shown) => expect(publicRemote(remote)).toBe(shown));

  it.each([
    "",
    "https://user:pa/ss@host/x.git",
    "https://us/er:pass@host/x.git",
    "https://user:123/45@host/x.git",
    "https://user:pa?ss@host/x.git",
    "https://user:pa#ss@host/x.git",
    "https://user:pa ss@host/x.git",
    "https://user:pa\\ss@host/x.git",
    "https://user:pass@host/x@y.git",
    "https://user:pass@/x.git",
    "https://user:pass",
    "https://host/x.git;private_token=abc",
    "https://host/x.git%3Fprivate_token%3Dabc",
    "https://host/x\u0000.git",
    "https://host/x\u001b[31m.git",
    "https://host/x.git\nhttps://user:pass@host/y.git",
    "https://host/\u202ex.git",
    "ext::sh -c 'echo secret'",
    "foo::https://user:pass@host/x.git",
    "unknown://token/x.git",
    "user:pass@host:x/y.git",
    "user:pa/ss@host/x.git",
    "user:pass@host",
    "git@host:x/y.git@z",
    "//user:pass@host/x.git",
    "https:/user:pass@host/x.git",
    "C:\\src\\x",
    "C:/src/x",
    `https://host/${"x".repeat(3000)}`,
  ])("is not told where that is in doubt: %j", (remote) => expect(publicRemote(remote)).toBeUndefined());
});

describe("what git says of an address", () => {
  const address = "https://user:p@ss/w0rd@127.0.0.1:1/x.git?private_token=s3cret";

  it("has no user, password and query, nor has the command in the message", async () => {
    const failure = await gitOrFail("/", ["ls-remote", address]).catch((reason: unknown) => reason);
    const told = failure instanceof FailedError ? JSON.stringify(failure.diagnostics) : "";
    expect(told).toContain("git ls-remote https://***@127.0.0.1:1/x.git?*** ended with exit code 128");
    expect(told).not.toMatch(/user|p@ss|w0rd|s3cret/);
  });

  it("is still told where there is no login in it", async () => {
    const { stderr } = await git("/", ["ls-remote", "https://127.0.0.1:1/x.git"]);
    expect(stderr).toContain("unable to access 'https://127.0.0.1:1/x.git/'");
  });
});
