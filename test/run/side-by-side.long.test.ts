import { describe, expect, it, onTestFinished } from "vitest";
import { build } from "../../src/run/build.ts";
import { images } from "../../src/run/images.ts";
import { plan } from "../../src/run/plan.ts";
import { type Session, withSession } from "../../src/run/session.ts";
import { status } from "../../src/run/status.ts";
import { verify } from "../../src/run/verify.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

const names = Array.from({ length: 12 }, (_, number) => `image-${number}`);

/** Every test fails on a warning of Node; this one gives many reasons for one. */
describe("many images", () => {
  it("are built, published, asked for and verified side by side without a warning of Node", async () => {
    const registry = await startHttpRegistry();
    onTestFinished(() => registry.stop());
    const layers = names.map((name) => ({
      ...scienceFiles(name, "scratch"),
      [`science/${name}/Dockerfile`]: "FROM scratch\nCOPY file /file\n",
      [`science/${name}/file`]: name,
    }));
    const made = repository(Object.assign({}, ...layers, compatFiles("jupyter")));
    made.commit({}, "second");
    const { path } = made;
    const environment = { ...process.env, XDG_STATE_HOME: `${path}/.git/state`, XDG_CACHE_HOME: `${path}/.git/cache` };
    const settings = { repo: `${registry.host}/images` };
    const use = <T>(verb: (session: Session) => Promise<T>): Promise<T> =>
      withSession({ root: path, settings, environment, signal: new AbortController().signal }, verb);
    const { published } = await use((session) => build(session, { since: "all", push: true }));
    expect(published.filter(({ stable }) => stable)).toHaveLength(2 * names.length);
    expect((await use(status)).isLate).toBe(false);
    expect((await use((session) => plan(session, { since: "published" }))).plan.builds).toEqual([]);
    expect((await use(images)).document.images).toHaveLength(names.length);
    const { verdicts } = await use((session) => verify(session, { images: "all" }));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(names.map(() => "untouched"));
  }, 60_000);
});
