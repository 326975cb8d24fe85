import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { prepareAdoption } from "../../adopt/adopt";
import { renderAdoption } from "../../adopt/report";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { ciSystems } from "../../promote/ci/systems";
import { useSchemaFor } from "../../resources/shape/schema";
import { resolveConnection, type ConnectionFlags } from "../../terraform/connection";
import {
  nodeVersionFor,
  providerVersions,
  toolkits,
  toolkitVersions,
  type Toolkit,
} from "../../terraform/toolkit";
import { privateFolderOf } from "../../terraform/project";
import {
  readJobFiles,
  readSources,
  requireSelection,
  withAdoptionOptions,
  type AdoptionFlags,
} from "../adoption";
import type { Io, MakeCommand } from "../io";
import { packageVersion } from "../package-version";
import { adoptedProjectFiles } from "../template/adopted";
import { templateEnvironments, templateFiles } from "../template/files";
import { openClient } from "../target";
import { noteNode } from "../toolkit-node";

interface Flags extends AdoptionFlags, ConnectionFlags {
  readonly name?: string;
  readonly ci: string;
  readonly toolkit: Toolkit;
  readonly from?: Source;
  readonly environment: string;
}

type Source = (typeof sourceKinds)[number];
const sourceKinds = ["workspace", "bundle", "terraform"] as const;

export const command: MakeCommand = (io) =>
  withAdoptionOptions(
    new Command("init")
      .description("Create a project: a stack, its environments, a test, a CI pipeline")
      .argument("[dir]", "new or empty folder", ".")
      .option("--name <name>", "project name (default: the folder's name)")
      .addOption(
        new Option("--ci <system>", "CI system to write a pipeline for")
          .choices([...Object.keys(ciSystems), "none"])
          .default("github-actions"),
      )
      .addOption(
        new Option(
          "--toolkit <name>",
          "cdktn, which is maintained and needs Node 22, or cdktf, which is archived and runs on Node 20",
        )
          .choices(toolkits)
          .default("cdktn"),
      )
      .addOption(
        new Option(
          "--from <source>",
          "instead of a sample, adopt existing objects, as `lakeform adopt` does; the options below select them",
        ).choices(sourceKinds),
      )
      .option(
        "--environment <name>",
        "with --from: name of the environment that has the jobs",
        parseEnvironmentName,
        "prod",
      )
      .option(
        "--host <url>",
        "with --from: workspace to adopt from; its address is written into the code",
      )
      .option("--profile <name>", "with --from: profile in .databrickscfg"),
  )
    .addHelpText(
      "after",
      "\nThe sample runs without a Databricks account: `lakeform workspace start` provides a local workspace.\n" +
        "Examples:\n  lakeform init my-pipelines && cd my-pipelines && npm install\n" +
        "  lakeform init my-pipelines --from workspace --all --host https://adb-1.2.azuredatabricks.net\n" +
        "  lakeform init my-pipelines --from bundle --bundle ../bundle/databricks.yml --environment dev",
    )
    .action(async (dir: string, flags: Flags) => {
      const root = path.resolve(io.cwd, dir);
      const name = nameOf(root, flags);
      const source = flags.from ?? selectedSource(flags);
      const result =
        source === undefined
          ? createSample(root, name, flags)
          : await createAdoptedProject(io, root, name, {
              ...flags,
              ...defaultPaths(source, flags),
            });
      if (result === undefined) return;
      checkNoneExists(root, Object.keys(result.files));
      for (const [file, content] of Object.entries(result.files)) {
        fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
        fs.writeFileSync(path.join(root, file), content);
      }
      io.stdout.write(result.report(dir));
      noteNode(io, flags.toolkit);
      const changeFolder = dir === "." ? "" : `cd ${dir} && `;
      io.stderr.write(`\nnext: ${changeFolder}npm install && ${result.next}\n`);
    });

interface NewProject {
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly report: (dir: string) => string;
  /** The commands to run after the installation. */
  readonly next: string;
}

function createSample(root: string, name: string, flags: Flags): NewProject {
  const files = {
    ...templateFiles(name, packageVersion(), flags.toolkit),
    ...pipelineFile(root, templateEnvironments, flags),
  };
  return {
    files,
    report: (dir) =>
      Object.keys(files)
        .map((file) => `${path.join(dir, file)}\n`)
        .join(""),
    next: "npx lakeform workspace start --detach && npx lakeform deploy local",
  };
}

/** Creates a project with code for existing objects. @returns undefined if none was selected */
async function createAdoptedProject(
  io: Io,
  root: string,
  name: string,
  flags: Flags,
): Promise<NewProject | undefined> {
  const { environment } = flags;
  requireSelection(io, flags, "lakeform init --from workspace");
  checkNoneExists(root, ["package.json", "cdktf.json"]);
  const bodies = readJobFiles(io, flags);
  const project = {
    root,
    app: "npx ts-node stacks/main.ts",
    outdir: path.join(root, "cdktf.out"),
    privateFolder: privateFolderOf(io.cwd),
  };
  const metadata = {
    environment,
    provider: environment === "local" ? ("embedded" as const) : ("official" as const),
  };
  const api = openClient(io, resolveConnection(project, metadata, io.env, flags));
  useSchemaFor(providerVersions[flags.toolkit]);
  const sources = await readSources(io, api, environment, flags, bodies);
  if (sources === undefined) return undefined;
  const { removalAdvice, ...input } = sources;
  const main = { file: path.join(root, "stacks", "main.ts"), library: "lakeform/constructs" };
  const adoption = await prepareAdoption({
    project,
    api,
    projectName: name,
    environment,
    settings: {},
    stacks: [],
    main,
    toolkit: flags.toolkit,
    ...input,
  });
  const template = adoptedProjectFiles({
    name,
    version: packageVersion(),
    toolkit: flags.toolkit,
    environment,
    stack: input.stack,
    jobs: adoption.added.map((job) => job.name),
    ...defined({ host: flags.host }),
  });
  const files = {
    ...template,
    ...pipelineFile(root, environment === "local" ? [] : [environment], flags),
    ...Object.fromEntries(adoption.files.map((file) => [file.path, file.content])),
  };
  const stack = `${input.stack}-${environment}`;
  return {
    files,
    report: (dir) =>
      `${renderAdoption({ ...adoption, written: Object.keys(files).map((file) => path.join(dir, file)) })}${removalAdvice}`,
    next: `npx lakeform review ${stack} && npx lakeform deploy ${stack}`,
  };
}

/** Returns the source that the options name. A job in a JSON file also needs its workspace. */
function selectedSource({ bundle, dir, job, jobs, tag, all }: Flags): Source | undefined {
  if (bundle !== undefined) return "bundle";
  if (dir !== undefined) return "terraform";
  return jobs.length + tag.length + job.length > 0 || all === true ? "workspace" : undefined;
}

/** Returns default paths for a bundle or a Terraform project in the current folder. */
function defaultPaths(source: Source, { bundle, dir }: Flags): Partial<Flags> {
  if (source === "bundle") return { bundle: bundle ?? "databricks.yml" };
  return source === "terraform" ? { dir: dir ?? "." } : {};
}

function pipelineFile(
  root: string,
  environments: readonly string[],
  flags: Flags,
): Readonly<Record<string, string>> {
  const ci = environments.length === 0 ? undefined : ciSystems[flags.ci];
  const project = {
    name: path.basename(root),
    environments,
    secrets: [],
    smokeJobs: [],
    ...nodeVersionFor(toolkitVersions[flags.toolkit]),
  };
  return ci === undefined ? {} : { [ci.file]: ci.render(project) };
}

/** Returns the project's name. @throws LakeformError BAD_PROJECT_NAME */
function nameOf(root: string, flags: Flags): string {
  const folderName = path.basename(root).toLowerCase();
  const name = flags.name ?? folderName.replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  if (/^[a-z][a-z0-9-]{0,40}$/.test(name)) return name;
  throw new LakeformError("BAD_PROJECT_NAME", "not a valid project name", {
    value: name,
    allowed: "a lower-case letter, then up to 40 lower-case letters, digits and -",
    fix: "choose a valid name: --name my-pipelines",
  });
}

/** Checks that none of the files exists. @throws LakeformError FILE_EXISTS */
function checkNoneExists(root: string, files: readonly string[]): void {
  const existing = files.filter((file) => fs.existsSync(path.join(root, file)));
  if (existing.length === 0) return;
  throw new LakeformError(
    "FILE_EXISTS",
    "the folder already contains project files: nothing was written",
    {
      value: existing.join(", "),
      fix: "choose an empty folder: lakeform init <dir>",
    },
  );
}

function parseEnvironmentName(text: string): string {
  if (/^[a-z][a-z0-9-]*$/.test(text)) return text;
  throw new InvalidArgumentError(
    "must be lower-case letters, digits and -, starting with a letter",
  );
}
