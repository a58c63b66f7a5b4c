import type { PublishRequest } from "../../run/publish.ts";
import type { Call, Command } from "../command.ts";
import { insecureOption, lockOption, publishOptions } from "../common-options.ts";
import { remark, warn } from "../report.ts";
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
    ...publishOptions,
    lockOption,
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    { line: "publish --plan plan.json", says: "when the jobs are done: all stable tags, or none" },
    { line: "publish --plan plan.json --keep-going", says: "the image-versions whose whole chain is there" },
  ],
  run: publishImages,
};

async function publishImages(call: Call): Promise<number> {
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

async function requestOf(call: Call): Promise<PublishRequest> {
  const { values, world } = call;
  const saved = await savedPlan(call);
  if (saved === undefined)
    throw usageError(
      "there is no plan to publish",
      "write --plan FILE; without one, image-builder --push plans, builds and publishes",
    );
  return {
    saved,
    results: pathOf(values.text("results"), world),
    ...publishRequest(call),
  };
}
