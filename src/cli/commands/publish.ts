import type { PublishRequest } from "../../run/publish.ts";
import type { Call, Command } from "../command.ts";
import { insecureOption, lockOf, lockOption, publishOptions } from "../common-options.ts";
import { exitCodeOfCopies } from "../copies.ts";
import { remark, warn, writeJson } from "../report.ts";
import { savedPlan } from "../saved-plan.ts";
import { pathOf, publishRequest } from "../session-options.ts";
import { usageError } from "../usage.ts";

export const publish: Command = {
  name: "publish",
  summary: "Move the stable tags of a plan whose builds are in the registry",
  description:
    "The last step of a plan that several jobs have built with build --plan FILE --only or --shard. Builds nothing and needs no engine. It may be " +
    "repeated, and comes too early without harm: exit code 2 when builds are missing, and no tag has moved.",
  arguments: [],
  options: [
    { name: "plan", kind: "text", value: "FILE", values: "files", description: "the plan that the jobs were given" },
    {
      name: "results",
      kind: "text",
      value: "DIR",
      values: "directories",
      description: "what the jobs wrote with build --results: said of builds that are missing",
    },
    {
      name: "copies",
      kind: "flag",
      lineOnly: true,
      description: "bring the copies of image-builder.json to where the home repository is; takes no plan",
    },
    ...publishOptions,
    lockOption,
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "publish --plan plan.json", says: "when the jobs are done: all stable tags, or none" },
    { line: "publish --plan plan.json --keep-going", says: "the image-versions whose whole chain is there" },
    { line: "publish --copies", says: "finish what a copy did not take" },
  ],
  run: publishImages,
};

async function publishImages(call: Call): Promise<number> {
  if (call.values.flag("copies")) return publishCopies(call);
  const request = await requestOf(call);
  const run = await import("../../run/publish.ts");
  const { answerBuild, tellRun, watchBuild } = await import("../watch-build.ts");
  const watch = watchBuild(call, (planned) => {
    warn([...planned.plan.warnings, ...planned.unread], call);
    remark(planned, call);
  });
  call.atEnd(() => tellRun(watch.run(), call));
  try {
    const outcome = await run.publishPlan(call.session, request, watch);
    watch.close();
    return answerBuild(outcome, { push: true }, call);
  } finally {
    watch.close();
  }
}

async function publishCopies(call: Call): Promise<number> {
  const { values, world } = call;
  if (values.text("plan") !== undefined)
    throw usageError(
      "--copies takes what is published at home, and --plan says what else to publish",
      "leave one of them out",
    );
  const run = await import("../../run/copies.ts");
  const { copiedReferences, copiesText, copyDocument } = await import("../text/copies.ts");
  const copies = await run.updateCopies(call.session, { lock: lockOf(call) }, { warned: (each) => warn(each, call) });
  for (const { problems } of copies) warn(problems, call);
  if (values.text("format") === "json") writeJson({ formatVersion: 1, copies: copies.map(copyDocument) }, world);
  else world.stdout.write(copiedReferences(copies));
  if (!values.flag("quiet")) world.stderr.write(copiesText(copies));
  return exitCodeOfCopies(copies);
}

async function requestOf(call: Call): Promise<PublishRequest> {
  const { values, world } = call;
  const saved = await savedPlan(call);
  if (saved === undefined)
    throw usageError(
      "there is no plan to publish",
      "write --plan FILE, or --copies; without them, image-builder --push plans, builds and publishes",
    );
  return {
    saved,
    results: pathOf(values.text("results"), world),
    ...publishRequest(call),
  };
}
