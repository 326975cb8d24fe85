/** Defines the options with which `adopt` and `init --from` select objects, and reads the objects. */
import fs from "node:fs";
import path from "node:path";
import { InvalidArgumentError, Option, type Command } from "commander";
import { readBundle } from "../adopt/bundle/bundle";
import { slugOf } from "../adopt/code/names";
import { followable, type Followed, type FoundJob } from "../adopt/model";
import type { AdoptOptions } from "../adopt/adopt";
import { readTerraformProject } from "../adopt/terraform/project";
import { renderStateRemoval, stateOfFolder } from "../adopt/terraform/state";
import { foundJob, selectJobs } from "../adopt/workspace";
import type { Client } from "../api/client";
import { defined } from "../defined";
import { LakeformError } from "../errors";
import { parseExact } from "../exact-json";
import type { Io } from "./io";
import { pickJobs } from "./job-picker";
import { collect } from "./option-parsers";

export interface AdoptionFlags {
  readonly jobs: readonly string[];
  readonly tag: readonly string[];
  readonly all?: boolean;
  readonly job: readonly string[];
  readonly bundle?: string;
  readonly dir?: string;
  readonly target?: string;
  readonly var: readonly string[];
  readonly follow: ReadonlySet<Followed>;
  readonly groupBy?: string;
  readonly stack?: string;
}

export function withAdoptionOptions(command: Command): Command {
  return command
    .option("--jobs <job...>", "select jobs by name, quoted pattern ('etl-*') or id", [])
    .option(
      "--tag <key=value>",
      "select jobs with this tag; KEY alone matches any value; repeatable",
      collect,
      [],
    )
    .option("--all", "select all jobs that the token can see")
    .option(
      "--job <file>",
      "adopt a job from JSON: the body of jobs/create or the response of jobs/get; repeatable",
      collect,
      [],
    )
    .option(
      "--bundle <file>",
      "adopt a bundle: its databricks.yml, or the output of `databricks bundle validate --output json`",
    )
    .option("--dir <folder>", "adopt the resources in the state of a Terraform project")
    .option(
      "--target <name>",
      "target of the bundle (default: the target with the environment's name, else the bundle's default target)",
    )
    .option("--var <name=value>", "value of a variable of the bundle; repeatable", collect, [])
    .addOption(
      new Option(
        "--follow <kinds>",
        `objects to adopt together with the jobs that use them: all, none, or a list of ${followable.join(", ")}; other objects are referenced by id`,
      )
        .argParser(parseFollowed)
        .default(
          new Set<Followed>(["files", "notebooks", "permissions"]),
          "files,notebooks,permissions",
        ),
    )
    .addOption(
      new Option(
        "--group-by <what>",
        "put the files of each group of jobs into a folder: name-prefix, folder, owner, or tag:KEY",
      ).argParser(parseGroupBy),
    )
    .option(
      "--stack <name>",
      "name of the stack, without its environment (default: adopted, or the name of the bundle)",
    );
}

/** The adoption input that comes from the command line and its sources. */
export interface Sources extends Pick<
  AdoptOptions,
  "stack" | "jobs" | "objects" | "local" | "artifacts" | "notes" | "follow" | "groupOf"
> {
  /** How to remove the objects from the Terraform state that they come from. */
  readonly removalAdvice: string;
}

/**
 * Checks, before anything is read or built, that there is a terminal if jobs have to be picked.
 * @throws LakeformError NOTHING_TO_ADOPT
 */
export function requireSelection(io: Io, flags: AdoptionFlags, command: string): void {
  if (!isPicking(flags) || io.stdin.isTTY) return;
  throw new LakeformError(
    "NOTHING_TO_ADOPT",
    "no jobs are selected, and there is no terminal to select them",
    {
      allowed:
        "--jobs NAME|PATTERN|ID…, --tag KEY=VALUE, --all, --job FILE, --bundle FILE, --dir FOLDER",
      fix: `select all jobs with ${command} --all, or run the command in a terminal`,
    },
  );
}

/** Whether no option selects objects, so that jobs are picked on the terminal. */
export const isPicking = (flags: AdoptionFlags): boolean => !isSelecting(flags) && !hasFiles(flags);
const isSelecting = ({ jobs, tag, all }: AdoptionFlags): boolean =>
  jobs.length + tag.length > 0 || all === true;
const hasFiles = ({ job, bundle, dir }: AdoptionFlags): boolean =>
  job.length > 0 || bundle !== undefined || dir !== undefined;

/** Reads the jobs of --job, before any call to a workspace. @throws LakeformError BAD_JOB_FILE */
export function readJobFiles(
  io: Io,
  flags: AdoptionFlags,
): readonly Readonly<Record<string, unknown>>[] {
  return flags.job.map((file) => jobFromFile(path.resolve(io.cwd, file)));
}

/**
 * Reads the selected objects.
 * @returns undefined if nothing was picked on the terminal; the command then exits with 2
 * @throws LakeformError NO_SUCH_JOB, and the errors of bundles and Terraform projects
 */
export async function readSources(
  io: Io,
  api: Client,
  environment: string,
  flags: AdoptionFlags,
  bodies: readonly Readonly<Record<string, unknown>>[],
): Promise<Sources | undefined> {
  const pickedIds = isPicking(flags) ? await pickJobs(io, api) : undefined;
  if (pickedIds?.length === 0) {
    io.stderr.write("no jobs were picked: nothing was written\n");
    io.exitCode = 2;
    return undefined;
  }
  const selection = { jobs: pickedIds ?? flags.jobs, tags: flags.tag, all: flags.all === true };
  const selectedJobs =
    pickedIds !== undefined || isSelecting(flags) ? await selectJobs(api, selection) : [];
  const { target } = flags;
  const bundle =
    flags.bundle === undefined
      ? undefined
      : await readBundle({
          api,
          file: path.resolve(io.cwd, flags.bundle),
          environment,
          variables: flags.var,
          env: io.env,
          ...defined({ target }),
        });
  const directory = flags.dir === undefined ? undefined : path.resolve(io.cwd, flags.dir);
  const terraform =
    directory === undefined
      ? undefined
      : await readTerraformProject(api, directory, await stateOfFolder(directory, io.env));
  return {
    stack: flags.stack ?? (bundle === undefined ? "adopted" : slugOf(bundle.name, "bundle")),
    jobs: [
      ...selectedJobs,
      ...bodies.map((body) => foundJob(body, api.host)),
      ...(bundle?.jobs ?? []),
      ...(terraform?.jobs ?? []),
    ],
    objects: [...(bundle?.objects ?? []), ...(terraform?.objects ?? [])],
    local: bundle?.local ?? [],
    artifacts: terraform?.artifacts ?? [],
    notes: [...(bundle?.notes ?? []), ...(terraform?.notes ?? [])],
    follow: flags.follow,
    groupOf: folderLookup(flags.groupBy),
    removalAdvice:
      terraform === undefined ? "" : renderStateRemoval(flags.dir ?? "", terraform.addresses),
  };
}

/** Reads a job from a file. @throws LakeformError BAD_JOB_FILE */
function jobFromFile(file: string): Readonly<Record<string, unknown>> {
  const badJobFile = (problem: string, cause?: unknown): LakeformError =>
    new LakeformError("BAD_JOB_FILE", `cannot read the job: ${problem}`, {
      value: file,
      allowed: "JSON: the body of jobs/create, or the response of jobs/get",
      fix: "lakeform api GET '/api/2.2/jobs/get?job_id=ID' > job.json",
      cause,
    });
  let body: unknown;
  try {
    body = parseExact(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw badJobFile(error instanceof Error ? error.message : String(error), error);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw badJobFile("it is not an object");
  if ("settings" in body) return body;
  if (!Object.keys(body).some((name) => /^tasks$|_task$/.test(name)))
    throw badJobFile("it has neither settings nor tasks");
  return { settings: body };
}

/** Returns a function that names the folder of a job's files for --group-by. */
function folderLookup(criterion: string | undefined): (job: FoundJob) => string | undefined {
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "");
  const hasSlug = (value: unknown): value is string =>
    typeof value === "string" && slug(value) !== "";
  return ({ name, remote, raw }) => {
    if (criterion?.startsWith("tag:") === true) {
      const value = (raw["tags"] as Readonly<Record<string, unknown>> | undefined)?.[
        criterion.slice("tag:".length)
      ];
      return hasSlug(value) ? slug(value) : undefined;
    }
    if (criterion === "name-prefix") return slug(/^[^-_./\s]+/.exec(name)?.[0] ?? "");
    if (criterion === "owner")
      return hasSlug(remote.extraState?.["creator_user_name"])
        ? slug(remote.extraState["creator_user_name"])
        : undefined;
    if (criterion !== "folder") return undefined;
    const path = /"notebook_path":"(\/[^"]*)\/[^"/]*"/.exec(JSON.stringify(remote.attributes))?.[1];
    return hasSlug(path) ? slug(path) : undefined;
  };
}

function parseGroupBy(text: string): string {
  if (["name-prefix", "folder", "owner"].includes(text) || /^tag:./.test(text)) return text;
  throw new InvalidArgumentError("Allowed choices are name-prefix, folder, owner, tag:KEY.");
}

function parseFollowed(text: string): ReadonlySet<Followed> {
  if (text === "all") return new Set(followable);
  if (text === "none") return new Set();
  const kinds = text.split(",");
  const unknownKind = kinds.find((kind) => !(followable as readonly string[]).includes(kind));
  if (unknownKind !== undefined)
    throw new InvalidArgumentError(
      `${unknownKind} is not a resource kind. Allowed choices are all, none, ${followable.join(", ")}.`,
    );
  return new Set(kinds as Followed[]);
}
