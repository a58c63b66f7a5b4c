import type { WithdrawnImage } from "../../catalogue/model.ts";
import { printableLine } from "../../diagnostics/printable.ts";
import type { Withdrawal } from "../../records/withdraw.ts";
import { type Call, type Command, exitCodes } from "../command.ts";
import { insecureOption } from "../common-options.ts";
import { warn, writeJson } from "../report.ts";
import { usageError } from "../usage.ts";

export const withdraw: Command = {
  name: "withdraw",
  summary: "Say that a published build must not be used any more",
  description:
    "Records it in image-builder.json, to be committed; images, status and trail say so, and no stable tag is moved to it, or to another " +
    "build made of the same. One that holds it stays there until it is rolled back or its definition is mended. It can still be pulled " +
    "by its digest.",
  arguments: [
    {
      name: "IMAGE:TAG|RUN",
      description:
        "a build by its unique tag, or by a stable tag, which means the build that it holds now; or all that a run of this clone published",
      required: true,
      values: ["versions", "runs"],
      valuesWith: { option: "undo", values: ["withdrawn"] },
    },
  ],
  options: [
    { name: "reason", kind: "text", lineOnly: true, value: "TEXT", description: "why, for users to read" },
    {
      name: "replacement",
      kind: "text",
      lineOnly: true,
      value: "IMAGE:TAG",
      values: "versions",
      description: "what to use instead",
    },
    { name: "undo", kind: "flag", lineOnly: true, description: "take a withdrawal back" },
    insecureOption,
  ],
  formats: ["text", "json"],
  examples: [
    {
      line: 'withdraw nist-basic:1.0-42-f90dbd6 --reason "wrong leap seconds" --replacement nist-basic:1.1',
      says: "one build",
    },
    { line: 'withdraw 20260131T093001Z-42-f90dbd6 --reason "wrong base"', says: "all that a run published" },
    { line: "withdraw --undo nist-basic:1.0-42-f90dbd6", says: "it was good after all" },
  ],
  run: withdrawBuild,
};

async function withdrawBuild(call: Call): Promise<number> {
  const run = await import("../../run/withdraw.ts");
  const [image = ""] = call.arguments;
  if (call.values.flag("undo")) {
    return answer(await run.endWithdrawal(call.session, image), "not withdrawn any more", call);
  }
  if (!image.includes(":")) return answerRun(await run.withdrawRun(call.session, image, words(call)), call);
  const { entry, warnings } = await run.withdraw(call.session, { image, ...words(call) });
  warn(warnings, call);
  return answer(entry, "withdrawn", call);
}

function answerRun(done: readonly Withdrawal[], call: Call): number {
  const { values, world } = call;
  warn(
    done.flatMap(({ warnings }) => warnings),
    call,
  );
  if (values.text("format") === "json") {
    const entries = done.map(({ entry }) => entry);
    writeJson({ formatVersion: 1, file: "image-builder.json", state: "withdrawn", entries }, world);
  } else for (const { entry } of done) world.stdout.write(entryLine(entry, "withdrawn"));
  if (!values.flag("quiet")) world.stderr.write(commitIt);
  return exitCodes.done;
}

const commitIt = "commit image-builder.json, so that it counts everywhere\n";

function entryLine({ image, tag, digest, reason }: WithdrawnImage, state: string): string {
  const at = digest === undefined ? "" : ` (${digest})`;
  return `${image}:${tag}${at} is ${state}${state === "withdrawn" ? `: ${printableLine(reason)}` : ""}\n`;
}

function words({ values }: Call): { reason: string; replacement?: string } {
  const [reason, replacement] = [values.text("reason"), values.text("replacement")];
  if (reason === undefined) throw usageError("a withdrawal needs a reason for users to read", 'write --reason "…"');
  return { reason, ...(replacement !== undefined && { replacement }) };
}

function answer(entry: WithdrawnImage, state: string, { values, world }: Call): number {
  if (values.text("format") === "json")
    writeJson({ formatVersion: 1, file: "image-builder.json", state, entry }, world);
  else {
    world.stdout.write(entryLine(entry, state));
    if (!values.flag("quiet")) world.stderr.write(commitIt);
  }
  return exitCodes.done;
}
