/**
 * Adopts workspace objects: writes their code and import blocks to the project. Never writes to the
 * workspace.
 */
import fs from "node:fs";
import path from "node:path";
import type { ReadClient } from "../api/client";
import type { Project } from "../terraform/project";
import type { Toolkit } from "../terraform/toolkit";
import type { AdoptedObject } from "./code/context";
import type { ArtifactOptions } from "./artifacts";
import { generate } from "./generate";
import { findKnownObjects, type KnownStack } from "./known";
import type { Followed, FoundJob, GeneratedFile, LocalArtifact, Note } from "./model";
import { compilerOf } from "./syntax/compiler";
import { mainFileOf, withStack, type MainFile } from "./syntax/main-file";
import { membersOf, newStackFile, withMembers, type StackFile } from "./syntax/stack-file";
import { writeFiles } from "./write";

export interface AdoptOptions {
  readonly project: Project;
  readonly api: ReadClient;
  /** Name of the project in stacks and tags. */
  readonly projectName: string;
  readonly environment: string;
  /** The profile settings of the environment, as found in its stacks. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The stack's name without the environment. */
  readonly stack: string;
  readonly jobs: readonly FoundJob[];
  /** Objects other than jobs, if the source lists them. */
  readonly objects?: readonly AdoptedObject[];
  /** Notebooks and files that exist on this machine. */
  readonly local?: readonly LocalArtifact[];
  /** Notebooks and files that are adopted even if nothing uses them. */
  readonly artifacts?: ArtifactOptions["artifacts"];
  /** Parts of the source that are not adopted, with the reasons. */
  readonly notes?: readonly Note[];
  /** The kinds of objects that are adopted because an adopted object uses them. */
  readonly follow: ReadonlySet<Followed>;
  /** The stacks of the project, whose objects are not adopted again. */
  readonly stacks: readonly KnownStack[];
  /** Returns the folder for the code of a job; undefined for the stack's own folder. */
  readonly groupOf: (job: FoundJob) => string | undefined;
  /**
   * The main file of a new project. It already contains the stack, and the packages of the project
   * are not installed yet.
   */
  readonly main?: MainFile;
  /** The toolkit of a new project. */
  readonly toolkit?: Toolkit;
}

export interface Adopted {
  /** Paths of the written files, relative to the project. */
  readonly written: readonly string[];
  /** Jobs that this adoption added to the code. */
  readonly added: readonly FoundJob[];
  /** Jobs that are already in a stack of the project. */
  readonly owned: readonly { readonly job: FoundJob; readonly stack: string }[];
  /** Number of adopted objects that are not jobs. */
  readonly objects: number;
  /** Number of objects with an import block. */
  readonly imports: number;
  readonly notes: readonly Note[];
}

/** An adoption whose files are not written yet. */
export interface PreparedAdoption extends Omit<Adopted, "written"> {
  readonly files: readonly GeneratedFile[];
}

/**
 * Generates and writes the code of the objects.
 * @throws LakeformError NO_TYPESCRIPT, TYPESCRIPT_TOO_NEW, NO_MAIN_FILE, BAD_MAIN_FILE,
 * BAD_STACK_FILE, FORMAT_FAILED
 */
export async function adopt(options: AdoptOptions): Promise<Adopted> {
  const { files, ...summary } = await prepareAdoption(options);
  return { ...summary, written: await writeFiles(options.project.root, files) };
}

/**
 * Generates the files of an adoption without writing them.
 * @throws LakeformError the errors of {@link adopt}, except FORMAT_FAILED
 */
export async function prepareAdoption(options: AdoptOptions): Promise<PreparedAdoption> {
  const { project, environment, stack, jobs, stacks } = options;
  const compiler = lazy(() => compilerOf(project.root));
  const main = options.main ?? mainFileOf(project.root, project.app, compiler());
  const folder = path.join(path.dirname(main.file), stack);
  const indexFile = path.join(folder, "index.ts");
  const className = stackClass(stack);
  const members = fs.existsSync(indexFile) ? membersOf(compiler(), indexFile, className) : [];
  const knownObjects = findKnownObjects(stacks, `${stack}-${environment}`, folder, members);
  const ownerOf = (job: FoundJob): string | undefined =>
    job.id === "" ? undefined : knownObjects.owners.get(`databricks_job ${job.id}`);
  const added = jobs.filter((job) => ownerOf(job) === undefined);
  const ownedJobs = jobs.flatMap((job) => {
    const owner = ownerOf(job);
    return owner === undefined ? [] : [{ job, stack: owner }];
  });
  const objects = (options.objects ?? []).filter(
    ({ type, id }) => id === "" || !knownObjects.owners.has(`${type} ${id}`),
  );
  if (added.length + objects.length + (options.artifacts ?? []).length === 0)
    return {
      files: [],
      added,
      owned: ownedJobs,
      objects: 0,
      imports: 0,
      notes: options.notes ?? [],
    };
  const relativeFolder = path.relative(project.root, folder).split(path.sep).join("/");
  // A relative import is relative to the main file, and the stack's folder is one level below it.
  const library = main.library.startsWith(".") ? `../${main.library}` : main.library;
  const generated = await generate({
    ...options,
    jobs: added,
    objects,
    local: options.local ?? [],
    artifacts: options.artifacts ?? [],
    compiler,
    root: project.root,
    known: knownObjects,
    folder: relativeFolder,
    library,
  });
  const stackFile: StackFile = {
    className,
    name: stack,
    project: options.projectName,
    environment,
    library,
    neutral: neutralSettings(options.settings),
  };
  const content = fs.existsSync(indexFile)
    ? withMembers(compiler(), indexFile, className, generated.members)
    : newStackFile(stackFile, generated.members);
  const files: GeneratedFile[] = [
    ...generated.files,
    { path: `${relativeFolder}/index.ts`, content },
  ];
  const changedMain =
    options.main === undefined
      ? withStack(compiler(), main, { className, module: `./${stack}`, environment })
      : undefined;
  if (changedMain !== undefined)
    files.push({ path: path.relative(project.root, main.file), content: changedMain });
  return {
    files,
    added,
    owned: ownedJobs,
    objects: objects.length,
    imports: generated.imports,
    notes: [...(options.notes ?? []), ...generated.notes],
  };
}

function lazy<T>(make: () => T): () => T {
  let result: { readonly value: T } | undefined;
  return () => (result ??= { value: make() }).value;
}

/** Returns the class name of a stack: `AdoptedStack` for `adopted`. */
export const stackClass = (stack: string): string => `${pascal(stack)}Stack`;

const pascal = (name: string): string =>
  name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, letter: string) =>
    letter.toUpperCase(),
  );

/**
 * Returns overrides that reset the environment's settings for names, tags, schedules, run-as and
 * notifications, because these settings would change every adopted object.
 */
function neutralSettings(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const { namePrefix, tags, schedules, runAs, notifications } = settings;
  return [
    ...(typeof namePrefix === "string" && namePrefix !== "" ? ['namePrefix: ""'] : []),
    ...(tags === undefined ? [] : ["tags: {}"]),
    ...(schedules === "off" ? ['schedules: "on"'] : []),
    ...(runAs === undefined ? [] : ["runAs: undefined"]),
    ...(notifications === undefined ? [] : ["notifications: undefined"]),
  ];
}
