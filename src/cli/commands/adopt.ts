import { parseExact } from "../../exact-json";
import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { adopt, type Adopted } from "../../adopt/adopt";
import { cleanImports } from "../../adopt/clean";
import { followable, type Followed, type FoundJob } from "../../adopt/model";
import { readBundle } from "../../adopt/bundle/bundle";
import { slugOf } from "../../adopt/code/names";
import { renderAdoption, renderFirstPlan } from "../../adopt/report";
import { readTerraformProject } from "../../adopt/terraform/project";
import { renderTakeOut, stateOfFolder } from "../../adopt/terraform/state";
import { foundJob, selectJobs } from "../../adopt/workspace";
import { discard, prepare } from "../../deploy/prepare";
import { LakeformError } from "../../errors";
import { findProject } from "../../terraform/project";
import { readStack } from "../../terraform/stack";
import { readState } from "../../terraform/state";
import { synthesize } from "../../terraform/synth";
import { takeDrift } from "../drift";
import type { Io, MakeCommand } from "../io";
import { makeReporter, type Reporter } from "../progress";
import { openTargets, type Target, type TargetFlags } from "../target";

interface Flags extends TargetFlags {
  readonly jobs: readonly string[];
  readonly tag: readonly string[];
  readonly all?: boolean;
  readonly job: readonly string[];
  readonly follow: ReadonlySet<Followed>;
  readonly groupBy?: string;
  readonly bundle?: string;
  readonly dir?: string;
  readonly target?: string;
  readonly var: readonly string[];
  readonly stack?: string;
  readonly clean?: boolean;
  readonly drift?: boolean;
  readonly resource?: string;
  readonly write?: boolean;
  readonly strict?: boolean;
  readonly review?: boolean;
  readonly quiet?: boolean;
}

export const command: MakeCommand = (io) =>
  new Command("adopt")
    .description("Write code for jobs that a workspace has, and import them: the first plan changes nothing")
    .argument("<environment>", "environment whose workspace is read, and whose stack gets the code")
    .option("--jobs <job...>", "names, quoted patterns or ids", [])
    .option("--tag <key=value>", "jobs with this tag (or with any value of it: KEY); repeatable", collect, [])
    .option("--all", "all jobs that the token may see")
    .option("--job <file>", "a job as JSON: the body of jobs/create or the answer of jobs/get; repeatable", collect, [])
    .option("--bundle <file>", "a bundle's databricks.yml, or the output of `databricks bundle validate --output json`")
    .option("--dir <folder>", "a Terraform project: what its state has")
    .option("--target <name>", "target of the bundle (default: that of the environment's name, else the bundle's default)")
    .option("--var <name=value>", "value of a variable of the bundle; repeatable", collect, [])
    .addOption(
      new Option(
        "--follow <kinds>",
        `what is adopted with the jobs that use it, the rest by its id: all, none, or some of ${followable.join(",")}`,
      )
        .argParser(followed)
        .default(new Set<Followed>(["files", "notebooks", "permissions"]), "files,notebooks,permissions"),
    )
    .addOption(new Option("--group-by <what>", "put jobs into a folder a group: name-prefix, folder, owner, or tag:KEY").argParser(groupBy))
    .option("--stack <name>", "name of the stack, without its environment (default: adopted, or the name of the bundle)")
    .option("--clean", "delete the import blocks from the code of what the state has")
    .option("--drift", "edit the code as the workspace was changed: prints the edits")
    .option("--resource <path>", "with --drift: this construct alone, as verify prints its path")
    .option("--write", "with --drift: write the edits")
    .option("--strict", "exit 2 if the first plan would do anything but import")
    .option("--no-review", "write the code, and do not plan")
    .option("--host <url>", "use this workspace instead of the environment's own")
    .option("--profile <name>", "profile in .databrickscfg")
    .option("--quiet", "hide progress")
    .addHelpText(
      "after",
      "\nThe workspace is only read. Exit codes: 0 adopted, 2 with --strict if the plan is not imports alone, 1 error.\n" +
        "Examples:\n  lakeform adopt prod --jobs 'etl-*' nightly-report\n  lakeform adopt prod --all --follow all --strict\n" +
        "  lakeform adopt local --job job.json\n  lakeform adopt dev --bundle databricks.yml --target dev\n  lakeform adopt prod --dir ../terraform --stack platform\n  lakeform adopt prod --clean\n  lakeform adopt prod --drift --write",
    )
    .action(async (environment: string, flags: Flags) => {
      const reporter = makeReporter(io.stderr, flags);
      if (flags.clean === true) return clean(io, environment, flags);
      if (flags.drift === true) return takeDrift(io, environment, flags, reporter);
      const { jobs, tag, all, job, bundle, dir } = flags;
      if (jobs.length + tag.length + job.length === 0 && all !== true && bundle === undefined && dir === undefined) {
        throw new LakeformError("NOTHING_TO_ADOPT", "nothing says which jobs to adopt", {
          allowed: "--jobs NAME|PATTERN|ID…, --tag KEY=VALUE, --all, --job FILE, --bundle FILE, --dir FOLDER",
          fix: `lakeform adopt ${environment} --all`,
        });
      }
      const { adopted, stack, takeOut } = await write(io, environment, flags, reporter);
      io.stdout.write(renderAdoption(adopted));
      if (flags.review !== false) await review(io, `${stack}-${environment}`, flags, adopted, reporter);
      if (adopted.written.length > 0) io.stdout.write(takeOut);
      reporter.done();
    });

interface Written {
  readonly adopted: Adopted;
  /** Without its environment. */
  readonly stack: string;
  /** How the objects leave the state that they come from. */
  readonly takeOut: string;
}

async function write(io: Io, environment: string, flags: Flags, reporter: Reporter): Promise<Written> {
  const project = findProject(io.cwd);
  const bodies = flags.job.map((file) => jobFromFile(path.resolve(io.cwd, file)));
  const targets = await openTargets(io, [environment], flags, { variables: "optional", onSynth: () => reporter.step("building the app") });
  const [first] = targets;
  if (first === undefined || first.stack.metadata.environment !== environment) {
    throw new LakeformError("NO_SUCH_ENVIRONMENT", "that is a stack: objects are adopted from the workspace of an environment", {
      value: environment,
      allowed: first?.stack.metadata.environment ?? "",
      fix: `lakeform adopt ${first?.stack.metadata.environment ?? "ENVIRONMENT"}, with --stack for the name of the stack`,
    });
  }
  const stacks = await Promise.all(targets.map(async (target) => ({ stack: target.stack, state: await stateOf(target) })));
  reporter.step("reading the workspace");
  const selects = flags.jobs.length + flags.tag.length > 0 || flags.all === true;
  const listed = selects ? await selectJobs(first.client, { jobs: flags.jobs, tags: flags.tag, all: flags.all === true }) : [];
  const bundle =
    flags.bundle === undefined
      ? undefined
      : await readBundle({
          api: first.client,
          file: path.resolve(io.cwd, flags.bundle),
          environment,
          variables: flags.var,
          env: io.env,
          ...(flags.target !== undefined && { target: flags.target }),
        });
  const directory = flags.dir === undefined ? undefined : path.resolve(io.cwd, flags.dir);
  const terraform =
    directory === undefined ? undefined : await readTerraformProject(first.client, directory, await stateOfFolder(directory, io.env));
  const jobs = [...listed, ...bodies.map((body) => foundJob(body, first.client.host)), ...(bundle?.jobs ?? []), ...(terraform?.jobs ?? [])];
  reporter.step(`writing the code of ${jobs.length} job${jobs.length === 1 ? "" : "s"}`);
  const { metadata } = first.stack;
  const stack = flags.stack ?? (bundle === undefined ? "adopted" : slugOf(bundle.name, "bundle"));
  const adopted = await adopt({
    project,
    api: first.client,
    projectName: metadata.project,
    environment,
    settings: metadata.profileSettings ?? {},
    stack,
    jobs,
    objects: [...(bundle?.objects ?? []), ...(terraform?.objects ?? [])],
    local: bundle?.local ?? [],
    artifacts: terraform?.artifacts ?? [],
    notes: [...(bundle?.notes ?? []), ...(terraform?.notes ?? [])],
    follow: flags.follow,
    stacks,
    groupOf: grouping(flags.groupBy),
  });
  return { adopted, stack, takeOut: terraform === undefined ? "" : renderTakeOut(flags.dir ?? "", terraform.addresses) };
}

const stateOf = (target: Target): ReturnType<typeof readState> => readState(target.terraform, target.stack);

/** @param name of the stack, with its environment */
async function review(io: Io, name: string, flags: Flags, adopted: Adopted, reporter: Reporter): Promise<void> {
  if (adopted.written.length === 0) return;
  await synthesize(findProject(io.cwd), io.env);
  const unset = unsetVariables(io, name);
  if (unset.length > 0) {
    io.stdout.write(`no plan: ${unset.join(", ")} not set. Set it, then: lakeform review ${name}\n`);
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

/** Values that the workspace does not return, and that the plan needs. */
function unsetVariables(io: Io, stack: string): string[] {
  const { metadata } = readStack(findProject(io.cwd), stack);
  return Object.values(metadata.variables).flatMap(({ environment }) => (io.env[environment] === undefined ? [environment] : []));
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

/** @throws LakeformError BAD_JOB_FILE */
function jobFromFile(file: string): Readonly<Record<string, unknown>> {
  const bad = (problem: string, cause?: unknown): LakeformError =>
    new LakeformError("BAD_JOB_FILE", `cannot read the job: ${problem}`, {
      value: file,
      allowed: "JSON: the body of jobs/create, or the answer of jobs/get",
      fix: "lakeform api GET '/api/2.2/jobs/get?job_id=ID' > job.json",
      cause,
    });
  let body: unknown;
  try {
    body = parseExact(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error), error);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw bad("it is no object");
  if ("settings" in body) return body;
  if (!Object.keys(body).some((name) => /^tasks$|_task$/.test(name))) throw bad("it has neither settings nor tasks");
  return { settings: body };
}

function grouping(how: string | undefined): (job: FoundJob) => string | undefined {
  const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, ""); // prettier-ignore
  const isText = (value: unknown): value is string => typeof value === "string" && slug(value) !== "";
  return ({ name, remote, raw }) => {
    if (how?.startsWith("tag:") === true) {
      const value = (raw["tags"] as Readonly<Record<string, unknown>> | undefined)?.[how.slice("tag:".length)];
      return isText(value) ? slug(value) : undefined;
    }
    if (how === "name-prefix") return slug(/^[^-_./\s]+/.exec(name)?.[0] ?? "");
    if (how === "owner") return isText(remote.aside?.["creator_user_name"]) ? slug(remote.aside["creator_user_name"]) : undefined;
    if (how !== "folder") return undefined;
    const path = /"notebook_path":"(\/[^"]*)\/[^"/]*"/.exec(JSON.stringify(remote.attributes))?.[1];
    return isText(path) ? slug(path) : undefined;
  };
}

function groupBy(text: string): string {
  if (["name-prefix", "folder", "owner"].includes(text) || /^tag:./.test(text)) return text;
  throw new InvalidArgumentError("Allowed choices are name-prefix, folder, owner, tag:KEY.");
}

function followed(text: string): ReadonlySet<Followed> {
  if (text === "all") return new Set(followable);
  if (text === "none") return new Set();
  const words = text.split(",");
  const unknown = words.find((word) => !(followable as readonly string[]).includes(word));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`${unknown} is not a kind. Allowed choices are all, none, ${followable.join(", ")}.`);
  return new Set(words as Followed[]);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
