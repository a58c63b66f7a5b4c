import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSecrets } from "../../src/cli/secret-option.ts";
import { learnSecrets, refuseWithoutSecrets } from "../../src/run/secrets.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, folderOf, repository, scienceFiles } from "../support/repository.ts";

const value = "hunter2-is-not-a-password";

describe("--secret", () => {
  it("is read as docker build reads it", () => {
    expect(
      readSecrets(["id=token,src=t.txt", "id=a,source=/x", "type=env,id=b,env=B", 'id=c,"src=/one, two"'], "/home/me"),
    ).toEqual([
      { id: "token", file: "/home/me/t.txt" },
      { id: "a", file: "/x" },
      { id: "b", variable: "B" },
      { id: "c", file: "/one, two" },
    ]);
  });

  it.each([
    "token",
    "id=token",
    "id=token,src=a,env=B",
    "src=a",
    "id=token,value=x",
    "id=t,src=",
    "id=t,env=A,type=file",
    "id=,src=a",
  ])("does not take %s", (text) => {
    expect(() => readSecrets([text], "/")).toThrow(/does not say where a value is/);
  });

  it("does not repeat what may be a value", () => {
    expect(() => readSecrets([`id=token,${value}`], "/")).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(value) }),
    );
  });

  it("gives each secret once", () => {
    expect(() => readSecrets(["id=t,env=A", "id=t,env=B"], "/")).toThrow(/"t" twice/);
  });
});

describe("the secrets of a run", () => {
  const catalogue = () =>
    repository({
      ...scienceFiles("x", "debian", { secrets: ["token"] }),
      "science/x/Dockerfile": "FROM debian\nRUN --mount=type=secret,id=token cat /run/secrets/token\n",
      ...compatFiles("jupyter"),
    });

  const learn = (given: Parameters<typeof learnSecrets>[2], environment: Record<string, string> = {}) =>
    withSession({ root: catalogue().path, environment: { ...process.env, ...environment } }, async (session) => {
      await learnSecrets(session, await session.catalogue(), given);
      return session.secrets();
    });

  it("are hidden in all that is said and written, line by line too", async () => {
    const { redact, redactLog } = await learn([{ id: "token", variable: "TOKEN" }], {
      TOKEN: `${value}\nsecond-line-of-it\n`,
    });
    for (const hide of [redact, redactLog]) {
      expect(hide(`it is ${value}!`)).not.toContain(value);
      expect(hide("and second-line-of-it")).not.toContain("second-line-of-it");
    }
  });

  it("are refused where no definition declares them, or they are not there", async () => {
    await expect(learn([{ id: "tokem", variable: "TOKEN" }], { TOKEN: value })).rejects.toMatchObject({
      diagnostics: [{ code: "unknown-secret", message: expect.stringContaining('did you mean "token"') }],
    });
    await expect(learn([{ id: "token", variable: "NO_SUCH" }])).rejects.toMatchObject({
      diagnostics: [{ code: "secret-not-there" }],
    });
    const folder = folderOf({});
    await expect(learn([{ id: "token", file: join(folder, "absent") }])).rejects.toMatchObject({
      diagnostics: [{ code: "secret-not-there", message: expect.stringContaining("ENOENT") }],
    });
    writeFileSync(join(folder, "large"), "x".repeat(500 * 1024 + 1));
    await expect(learn([{ id: "token", file: join(folder, "large") }])).rejects.toMatchObject({
      diagnostics: [{ code: "secret-not-there", message: expect.stringContaining("500 kB") }],
    });
  });

  it("are demanded before anything is built, each once with the builds that need it", () => {
    const builds = ["a", "b"].map((id) => ({ id, secrets: ["token"] })) as never;
    expect(() => refuseWithoutSecrets(builds, new Map())).toThrow(/a, b cannot be built without the secret "token"/);
    refuseWithoutSecrets(builds, new Map([["token", { id: "token", variable: "TOKEN" }]]));
  });
});
