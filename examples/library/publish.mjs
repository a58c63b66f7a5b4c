// node publish.mjs CATALOGUE [oci:DIR]: plans everything, and publishes it to the catalogue's registry or into an OCI layout.
import { FailedError, plan, publish, RefusedError, renderDiagnostics, withSession } from "image-builder";

const [root, output] = process.argv.slice(2);
const watch = { finished: ({ id, outcome }) => console.error(`${id}: ${outcome}`) };

try {
  await withSession({ root }, async (session) => {
    const planned = await plan(session, { since: "all" });
    for (const { id, reasons } of planned.plan.builds) console.error(`${id}: planned, ${reasons[0].kind}`);
    const { published, results } = await publish(session, { planned, output }, watch);
    for (const { stable, digest } of published) if (stable) console.log(`${stable}@${digest}`);
    if (results.some(({ outcome }) => outcome === "failed")) process.exitCode = 1;
  });
} catch (failure) {
  if (!(failure instanceof RefusedError || failure instanceof FailedError)) throw failure;
  console.error(renderDiagnostics(failure.diagnostics));
  process.exitCode = failure instanceof RefusedError ? 2 : 1;
}
