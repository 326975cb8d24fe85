import { Command } from "commander";
import { adopt, type Adopted } from "../../adopt/adopt";
import { cleanImports } from "../../adopt/clean";
import { renderAdoption, renderFirstPlan } from "../../adopt/report";
import { discard, prepare } from "../../deploy/prepare";
import { LakeformError } from "../../errors";
import { findProject } from "../../terraform/project";
import { readStack } from "../../terraform/stack";
import { readState } from "../../terraform/state";
import { synthesize } from "../../terraform/synth";
import {
  isPicking,
  readJobFiles,
  readSources,
  requireSelection,
  withAdoptionOptions,
  type AdoptionFlags,
} from "../adoption";
import { adoptDrift } from "../drift";
import type { Io, MakeCommand } from "../io";
import { makeReporter, type Reporter } from "../progress";
import { openTargets, type Target, type TargetFlags } from "../target";
import { hostOption, profileOption } from "../target-options";

interface Flags extends TargetFlags, AdoptionFlags {
  readonly clean?: boolean;
  readonly drift?: boolean;
  readonly resource?: string;
  readonly write?: boolean;
  readonly strict?: boolean;
  readonly review?: boolean;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  withAdoptionOptions(
    new Command("adopt")
      .description(
        "Write code for existing jobs, and import them, so that the first plan changes nothing",
      )
      .argument(
        "<environment>",
        "environment; its workspace is read, and one of its stacks gets the code",
      ),
  )
    .option("--clean", "delete the import blocks of objects that are in the state")
    .option(
      "--drift",
      "print the edits that would copy manual changes in the workspace to the code",
    )
    .option(
      "--resource <path>",
      "with --drift: only this construct, by the path that verify prints",
    )
    .option("--write", "with --drift: write the edits")
    .option("--strict", "exit 2 if the first plan contains more than imports")
    .option("--no-review", "write the code without planning")
    .addOption(hostOption())
    .addOption(profileOption())
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nWrites a TypeScript file for each job and an import block for each object, then shows the first plan. The workspace is not changed.\nExit codes: 0 adopted, 2 if no job was picked, or with --strict if the plan contains more than imports or needs a variable that is not set, 1 error.\n" +
        "Examples:\n  lakeform adopt prod --jobs 'etl-*' nightly-report\n  lakeform adopt prod --all --follow all --strict\n" +
        "  lakeform adopt local --job job.json\n  lakeform adopt dev --bundle databricks.yml --target dev\n  lakeform adopt prod --dir ../terraform --stack platform\n  lakeform adopt prod --clean\n  lakeform adopt prod --drift --write",
    )
    .action(async (environment: string, flags: Flags) => {
      const reporter = makeReporter(io.stderr, flags);
      if (flags.clean === true) return clean(io, environment, flags);
      if (flags.drift === true) return adoptDrift(io, environment, flags, reporter);
      requireSelection(io, flags, `lakeform adopt ${environment}`);
      const result = await write(io, environment, flags, reporter);
      if (result === undefined) return;
      const { adopted, stack, removalAdvice } = result;
      io.stdout.write(renderAdoption(adopted));
      const name = `${stack}-${environment}`;
      if (flags.review !== false)
        await review(io, name, flags, adopted, reporter).catch((error: unknown) => {
          // The next adopt finds the jobs in the code, and has nothing to plan.
          if (error instanceof LakeformError)
            error.also.push(`the code is written; to plan it: lakeform review ${name}`);
          throw error;
        });
      if (adopted.written.length > 0) io.stdout.write(removalAdvice);
      reporter.done();
    });

interface AdoptionResult {
  readonly adopted: Adopted;
  /** Name of the stack without its environment. */
  readonly stack: string;
  /** Instructions for removing the objects from the Terraform state that they come from. */
  readonly removalAdvice: string;
}

async function write(
  io: Io,
  environment: string,
  flags: Flags,
  reporter: Reporter,
): Promise<AdoptionResult | undefined> {
  const project = findProject(io.cwd);
  const bodies = readJobFiles(io, flags);
  const targets = await openTargets(io, [environment], flags, {
    variables: "optional",
    onSynth: () => reporter.step("building the app"),
  });
  const [first] = targets;
  if (first === undefined || first.stack.metadata.environment !== environment) {
    throw new LakeformError(
      "NO_SUCH_ENVIRONMENT",
      "this is a stack, and objects are adopted from the workspace of an environment",
      {
        value: environment,
        allowed: first?.stack.metadata.environment ?? "",
        fix: `lakeform adopt ${first?.stack.metadata.environment ?? "ENVIRONMENT"}, with --stack for the name of the stack`,
      },
    );
  }
  const stacks = await Promise.all(
    targets.map(async (target) => ({ stack: target.stack, state: await stateOf(target) })),
  );
  if (isPicking(flags)) reporter.done();
  else reporter.step("reading the workspace");
  const sources = await readSources(io, first.client, environment, flags, bodies);
  if (sources === undefined) return undefined;
  reporter.step(
    `writing the code of ${sources.jobs.length} job${sources.jobs.length === 1 ? "" : "s"}`,
  );
  const { metadata } = first.stack;
  const { removalAdvice, ...input } = sources;
  const adoption = await adopt({
    project,
    api: first.client,
    projectName: metadata.project,
    environment,
    settings: metadata.profileSettings ?? {},
    stacks,
    ...input,
  });
  return { adopted: adoption, stack: input.stack, removalAdvice };
}

const stateOf = (target: Target): ReturnType<typeof readState> =>
  readState(target.terraform, target.stack);

/**
 * Shows the first plan of the adopted stack. With --strict, a plan with more than imports exits
 * with 2.
 * @param name the name of the stack, with its environment
 */
async function review(
  io: Io,
  name: string,
  flags: Flags,
  adoption: Adopted,
  reporter: Reporter,
): Promise<void> {
  if (adoption.written.length === 0) return;
  await synthesize(findProject(io.cwd), io.env);
  const unsetNames = unsetVariables(io, name);
  if (unsetNames.length > 0) {
    io.stdout.write(
      `no plan, because these variables are not set: ${unsetNames.join(", ")}. Set them, then run: lakeform review ${name}\n`,
    );
    if (flags.strict === true) io.exitCode = 2;
    return;
  }
  const targets = await openTargets(io, [name], flags, { variables: "required" });
  const preparation = await prepare(targets, { events: reporter });
  discard(preparation);
  reporter.done();
  const [stack] = preparation.review.stacks;
  if (stack === undefined) throw new Error(`no review of ${name}`);
  const { text, isImportOnly } = renderFirstPlan(stack, name);
  io.stdout.write(text);
  if (!isImportOnly && flags.strict === true) io.exitCode = 2;
}

/** Returns the names of unset environment variables for values that the workspace does not return. */
function unsetVariables(io: Io, stack: string): string[] {
  const { metadata } = readStack(findProject(io.cwd), stack);
  return Object.values(metadata.variables).flatMap(({ environment }) =>
    io.env[environment] === undefined ? [environment] : [],
  );
}

async function clean(io: Io, environment: string, flags: Flags): Promise<void> {
  const project = findProject(io.cwd);
  const targets = await openTargets(io, [environment], flags, { variables: "optional" });
  const states = await Promise.all(targets.map(stateOf));
  const { removed, kept, files } = await cleanImports(project, states);
  for (const file of files) io.stdout.write(`${file}\n`);
  io.stdout.write(
    `${removed} import block${removed === 1 ? "" : "s"} removed, ${kept} kept${kept === 0 ? "" : ": not in the state yet, deploy first"}\n`,
  );
}
