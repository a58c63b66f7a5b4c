import type { DeclaredSection } from "../../../compose/model.ts";
import { locatePart } from "../../../compose/origins.ts";
import { FailedError } from "../../../diagnostics/failure.ts";
import {
  type BuildArguments,
  createEvaluator,
  type Dockerfile,
  type EvaluatedInstruction,
  type Evaluator,
  expandWord,
  globalArguments,
  type Instruction,
  type Variables,
} from "../../../dockerfile/index.ts";
import { Pauses } from "../../../files/pauses.ts";
import { formatPlatform, imagePlatform, isImagePlatform } from "../../../oci/platform.ts";
import { MemoryTree } from "../files/memory-tree.ts";
import type { Sources } from "../files/sources.ts";
import type { Tree } from "../files/tree.ts";
import { AssembleError } from "./assemble-error.ts";
import { configInstructions } from "./config-instructions.ts";
import { copyInstruction } from "./copy-instruction.ts";
import { declare } from "./declared.ts";
import { PlaceError } from "./place-error.ts";
import { scratch } from "./scratch.ts";
import { copySource, type PlannedStage, planStage, planStages, resolveName, type StageSource } from "./stage-plan.ts";
import { type BaseImage, environmentOf, StageState } from "./stage-state.ts";
import { triggersOf } from "./triggers.ts";
import { workdir } from "./workdir.ts";

interface BuildInput {
  readonly dockerfile: Dockerfile;
  readonly args: BuildArguments;
  readonly declared: readonly DeclaredSection[];
  readonly context: Tree;
  /** What `--from` has in place of an image: the folders that layers share. */
  readonly shared: ReadonlyMap<string, Tree>;
  /** What the base of the last stage left behind ONBUILD is neither carried out nor handed on. */
  readonly untriggered: boolean;
}

/** Carries out a Dockerfile without running anything: the state of its last stage. Throws `PlaceError`. */
export async function evaluateBuild(input: BuildInput, sources: Sources): Promise<StageState> {
  const globals = globalArguments(input.dockerfile, input.args);
  for (const { base, from } of input.dockerfile.stages) {
    const { value } = expandWord(base?.text ?? "", globals, { escape: input.dockerfile.escape });
    if (value === "") throw new PlaceError(new AssembleError("the base of the stage comes to nothing"), from);
  }
  const last = planStages(input.dockerfile, globals).at(-1);
  if (!last) throw new AssembleError("the Dockerfile has no stage");
  const { state } = await new Stages(input, sources, globals).carriedOut(last.stage.index);
  return state;
}

interface FinishedStage {
  readonly state: StageState;
  /** What a stage that starts from this one begins with. */
  readonly environment: Variables;
}

/** The stages of a Dockerfile, each carried out when another first asks for it: what a base left behind ONBUILD may ask for any. */
class Stages {
  readonly #run: (index: number) => Promise<FinishedStage>;
  readonly #known = new Map<number, Promise<FinishedStage>>();

  constructor(input: BuildInput, sources: Sources, globals: Variables) {
    this.#run = (index) =>
      new StageRun(input, sources, globals, this, planStage(input.dockerfile, index, globals)).run();
  }

  carriedOut(index: number): Promise<FinishedStage> {
    const known = this.#known.get(index) ?? this.#run(index);
    this.#known.set(index, known);
    return known;
  }
}

class StageRun {
  readonly #input: BuildInput;
  readonly #sources: Sources;
  readonly #globals: Variables;
  readonly #stages: Stages;
  readonly #planned: PlannedStage;

  constructor(input: BuildInput, sources: Sources, globals: Variables, stages: Stages, planned: PlannedStage) {
    this.#input = input;
    this.#sources = sources;
    this.#globals = globals;
    this.#stages = stages;
    this.#planned = planned;
  }

  async run(): Promise<FinishedStage> {
    const { stage, from } = this.#planned;
    const { base, environment } = await at(stage.from, () => this.#start(from));
    const state = new StageState(base);
    const evaluator = createEvaluator(environment ?? environmentOf(state.config), this.#evaluation());
    await this.#fireTriggers(state, evaluator);
    const sections = [...this.#sections()];
    const pauses = new Pauses(this.#sources.signal);
    for (const instruction of stage.instructions) {
      await pauses.due();
      while (sections[0] && sections[0].at <= instruction.range.start) await this.#declare(state, sections.shift());
      await at(instruction, () => this.#carryOut(state, evaluator, instruction));
    }
    for (const section of sections) await this.#declare(state, section);
    return { state, environment: evaluator.environment };
  }

  #refuseOtherPlatform(): void {
    const { platform } = this.#planned.stage;
    const { value } = expandWord(platform ?? "", this.#globals);
    if (isImagePlatform(value)) return;
    throw new AssembleError(
      `images are assembled for ${formatPlatform(imagePlatform)}, not for ${value}`,
      "use --engine docker",
    );
  }

  async #start(from: StageSource): Promise<{ base: BaseImage; environment?: Variables }> {
    this.#refuseOtherPlatform();
    if (from.kind === "scratch") return { base: scratch };
    if (from.kind === "image") return { base: await this.#sources.base(from.reference) };
    const { state, environment } = await this.#earlier(from.index, `${from.index}`);
    // Its ENV is applied again, over an ARG of the same name that came later in it.
    return { base: baseOf(state), environment: new Map([...environment, ...environmentOf(state.config)]) };
  }

  #evaluation() {
    return { escape: this.#input.dockerfile.escape, globals: this.#globals, buildArgs: this.#input.args };
  }

  /** ONBUILD instructions of the base come first, and are not handed on. */
  async #fireTriggers(state: StageState, evaluator: Evaluator): Promise<void> {
    const triggers = state.config.OnBuild ?? [];
    state.config = { ...state.config, OnBuild: undefined };
    if (triggers.length === 0) return;
    const { from, index } = this.#planned.stage;
    if (this.#input.untriggered && index === this.#input.dockerfile.stages.length - 1) return;
    const pauses = new Pauses(this.#sources.signal);
    for (const instruction of triggersOf(triggers)) {
      await pauses.due();
      await at(from, () => this.#carryOut(state, evaluator, instruction));
    }
  }

  /** The declared sections that belong to this stage. */
  #sections(): DeclaredSection[] {
    const { stages, text } = this.#input.dockerfile;
    const { index, from } = this.#planned.stage;
    const end = stages[index + 1]?.from.range.start ?? text.length + 1;
    return this.#input.declared.filter((section) => section.at > from.range.start && section.at < end);
  }

  async #declare(state: StageState, section: DeclaredSection | undefined): Promise<void> {
    if (section) await declaredAt(section, () => declare(state, section, this.#sources));
  }

  async #carryOut(state: StageState, evaluator: Evaluator, instruction: Instruction): Promise<void> {
    const evaluated = evaluator.next(instruction);
    if (evaluated.problem !== undefined) throw new AssembleError(evaluated.problem);
    const { keyword } = instruction;
    const configInstruction = configInstructions[keyword];
    if (configInstruction) return configInstruction(state, evaluated);
    if (keyword === "WORKDIR") return workdir(state, evaluated.words[0] ?? "", this.#sources);
    if (keyword !== "COPY" && keyword !== "ADD") {
      throw new AssembleError(
        `${keyword} needs an engine that runs containers`,
        "use --engine docker, which makes every image of the run",
      );
    }
    await copyInstruction(state, evaluated, await this.#copyFrom(evaluated), this.#sources);
  }

  async #copyFrom({ instruction, words }: EvaluatedInstruction): Promise<Tree> {
    const written = copySource(instruction);
    if (written === undefined) return this.#input.context;
    const { stage, copies } = this.#planned;
    const source = copies.get(instruction) ?? resolveName(written, stage.index, this.#input.dockerfile.stages, true);
    if (source.kind === "scratch") return new MemoryTree();
    const shared = source.kind === "image" ? this.#input.shared.get(source.reference) : undefined;
    if (shared !== undefined) return shared;
    if (source.kind === "image") return this.#sources.files(source.reference, words.slice(0, -1));
    const { state } = await this.#earlier(source.index, written);
    return (await state.files()).overlay;
  }

  #earlier(index: number, name: string): Promise<FinishedStage> {
    if (index >= 0 && index < this.#planned.stage.index) return this.#stages.carriedOut(index);
    throw new AssembleError(`there is no stage "${name}" before this one`);
  }
}

/** A finished stage as the base of another. */
function baseOf(state: StageState): BaseImage {
  const { family, platform, config, author, history, layers } = state;
  return {
    family,
    config: { ...platform, config, author, history, rootfs: { type: "layers", diff_ids: [] } },
    layers,
    index: () => state.baseIndex(),
    facts: () => state.baseFacts(),
    unattached: () => state.unattached(),
    asked: () => state.asked(),
    files: async () => {
      const { overlay, base } = await state.files();
      return { tree: overlay, accounts: base };
    },
  };
}

async function declaredAt({ origin }: DeclaredSection, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (!(cause instanceof FailedError)) throw cause;
    const located = cause.diagnostics.map((each) => (each.at ? each : { ...each, ...locatePart(origin) }));
    throw new FailedError(located, { cause });
  }
}

async function at<T>(instruction: Instruction, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof AssembleError ? new PlaceError(cause, instruction) : cause;
  }
}
