/** Selects the objects to adopt with the jobs, names them, and generates the code. */
import path from "node:path";
import type { ReadClient } from "../api/client";
import { defined } from "../defined";
import type { Attributes } from "../resources/kind";
import { blocks, textOrEmpty } from "../resources/shape/attributes";
import { optionalText } from "../resources/shape/json";
import { schemaOf } from "../resources/shape/schema";
import type { Toolkit } from "../terraform/toolkit";
import { settingsOf } from "../resources/kinds/job-wire";
import { Artifacts, artifactTitles, type ArtifactOptions } from "./artifacts";
import { BindingsModule, moduleOf } from "./code/bindings";
import { artifactName, declareArtifact, writeAccess } from "./code/common";
import {
  referenceOf,
  type AdoptedObject,
  type ArtifactCode,
  type CodeContext,
} from "./code/context";
import { hasMeaningWhenEmpty, withoutEmpty } from "./code/fields";
import { writeJob } from "./code/job";
import { identifierOf, slugOf, UniqueNames } from "./code/names";
import { otherKinds, writeOther } from "./code/used-objects";
import { call, text as quoted } from "./code/print";
import { factories, writeRaw } from "./code/raw";
import { NotExpressible, SourceFile, type Reference, type ReturnValue } from "./code/source-file";
import { byKind, followedTypes, followReferences, readAccess, type FollowOptions } from "./follow";
import { managerOf } from "./known";
import type {
  Followed,
  FoundJob,
  Generated,
  GeneratedFile,
  Known,
  LocalArtifact,
  Member,
  Note,
} from "./model";
import type { Compiler } from "./syntax/compiler";
import { concurrently, fieldsBeyondSchema } from "./workspace";

export interface GenerateOptions {
  readonly api: ReadClient;
  readonly jobs: readonly FoundJob[];
  /** Objects other than jobs that are adopted. */
  readonly objects: readonly AdoptedObject[];
  readonly local: readonly LocalArtifact[];
  readonly artifacts: ArtifactOptions["artifacts"];
  /** Loads the compiler, which only some objects need. @throws as `compilerOf` */
  readonly compiler: () => Compiler;
  /** Absolute path of the project. */
  readonly root: string;
  readonly follow: ReadonlySet<Followed>;
  readonly known: Known;
  /** Folder of the generated code, relative to the project: `stacks/adopted`. */
  readonly folder: string;
  /** The import path of the constructs from a file in `folder`. */
  readonly library: string;
  readonly environment: string;
  /** The toolkit of a new project. The project's packages are not installed yet. */
  readonly toolkit?: Toolkit;
  /** Returns the subfolder for a job, according to `--group-by`. */
  readonly groupOf: (job: FoundJob) => string | undefined;
}

const typeTitles: Readonly<Record<string, string>> = {
  databricks_job: "job",
  ...Object.fromEntries(Object.entries(followedTypes).map(([type, { title }]) => [type, title])),
};

/** @throws ApiError if the workspace cannot be read, and the errors of {@link GenerateOptions.compiler} */
export async function generate(options: GenerateOptions): Promise<Generated> {
  return new Generator(options).run();
}

interface NamedObject extends AdoptedObject {
  readonly slug: string;
  readonly constructId: string;
  readonly member: string;
  readonly folder: string;
}

class Generator {
  readonly #notes: Note[] = [];
  readonly #files: GeneratedFile[] = [];
  readonly #members: Member[] = [];
  readonly #slugs: UniqueNames;
  readonly #constructIds: UniqueNames;
  readonly #memberNames: UniqueNames;
  readonly #titles = new Map<string, string>();
  readonly #references = new Map<string, Reference>();
  readonly #artifacts: Artifacts;
  #imports = 0;

  constructor(private readonly options: GenerateOptions) {
    this.#slugs = new UniqueNames(["index", ...options.known.files]);
    // Reserve `constructor`: the constructs library looks up children in a plain object, which has
    // it.
    this.#constructIds = new UniqueNames(["constructor", ...options.known.constructIds]);
    this.#memberNames = new UniqueNames([...stackMembers, ...options.known.members]);
    this.#artifacts = new Artifacts({
      ...options,
      ...this.#callbacks(),
      constructIds: this.#constructIds,
    });
  }

  #callbacks(): Pick<FollowOptions, "isKnown" | "note"> {
    return {
      isKnown: (type, id) => id !== "" && this.options.known.owners.has(`${type} ${id}`),
      note: (object, text) => this.#note(object, text),
    };
  }

  async run(): Promise<Generated> {
    const { options } = this;
    const jobs = options.jobs;
    const selectedObjects = options.objects;
    const users = [
      ...jobs.map((job) => job.remote.attributes),
      ...selectedObjects.map((object) => object.attributes),
    ];
    const ownReferences = new Set(
      [
        ...selectedObjects,
        ...jobs.map(({ id, reference }) => ({
          type: "databricks_job",
          id,
          ...(reference && { reference }),
        })),
      ].map((object) => `${object.type} ${referenceOf(object)}`),
    );
    const followed = await followReferences(
      { ...options, ...this.#callbacks() },
      users,
      ownReferences,
    );
    for (const [key, title] of followed.titles) this.#titles.set(key, title);
    const otherObjects = [...selectedObjects, ...followed.adopted].toSorted(byKind);
    await this.#artifacts.collect([
      ...users,
      ...followed.adopted.map((object) => object.attributes),
    ]);
    const accessLists = await concurrently(jobs, (job) => this.#readAccess(job));
    const namedJobs = jobs.map((job, index) =>
      this.#assignNames(this.#objectOfJob(job, accessLists[index]), options.groupOf(job) ?? ""),
    );
    const namedObjects = otherObjects.map((object) => this.#assignNames(object, ""));
    const shared = this.#artifacts.listShared();
    const slugs = slugsOf(shared);
    for (const artifact of shared) this.#writeSharedArtifact(artifact, slugs);
    for (const object of [...namedObjects, ...sortByCalls(namedJobs)]) this.#write(object);
    const files = [...this.#artifacts.files, ...this.#files];
    return {
      files,
      members: this.#members,
      imports: this.#imports + this.#artifacts.imports,
      notes: this.#notes,
    };
  }

  /** Returns a job as an object to adopt, without the fields that the code omits. */
  #objectOfJob(job: FoundJob, access: AdoptedObject["access"]): AdoptedObject {
    const block = schemaOf("databricks_job")?.block;
    if (block === undefined) throw new Error("the schema has no databricks_job");
    const { used, unused } = splitJobClusters(withoutCreator(job));
    const attributes = withoutEmpty(block, used, hasMeaningWhenEmpty);
    const manager = managerOf(job);
    if (manager !== undefined)
      this.#note(
        `job ${job.name}`,
        `it is managed by ${manager}, which also changes and destroys it: remove it there first, without destroying it`,
      );
    for (const key of unused)
      this.#note(`job ${job.name}`, `no task uses the job cluster ${key}: the code omits it`);
    for (const field of fieldsBeyondSchema(job.raw, settingsOf(job.remote.attributes)))
      if (!/(^|\.)(format|edit_mode|queue)$/.test(field))
        this.#note(
          `job ${job.name}`,
          `${field} has no counterpart in the Terraform provider: the code omits it`,
        );
    const { id, name, reference, key } = job;
    const extras = defined({ reference, key, access });
    return { type: "databricks_job", id, name, attributes, ...extras };
  }

  /** Returns the access list of a job, if it contains more than the owner and the admins. */
  async #readAccess(job: FoundJob): Promise<AdoptedObject["access"]> {
    const { api, follow } = this.options;
    if (job.access !== undefined) return job.access;
    if (job.id === "" || !follow.has("permissions")) return undefined;
    const id = `/jobs/${job.id}`;
    const entries = await readAccess(api, id);
    return entries === undefined ||
      entries.length === 0 ||
      this.#callbacks().isKnown("databricks_permissions", id)
      ? undefined
      : { id, entries };
  }

  #assignNames(object: AdoptedObject, group: string): NamedObject {
    const kind = otherKinds[object.type]?.kind ?? object.type.split("_").at(-1) ?? "object";
    const slug = this.#slugs.take(slugOf(nameWithKind(kind, object.key ?? object.name), kind), "-");
    const constructId = this.#constructIds.take(slug, "-");
    const member = this.#memberNames.take(identifierOf(slug, kind));
    const type = otherKinds[object.type]?.type ?? "IWorkflow";
    const reference = { identifier: member, type, attributes: object.attributes };
    if (referenceOf(object) !== "")
      this.#references.set(`${object.type} ${referenceOf(object)}`, reference);
    return { ...object, slug, constructId, member, folder: group };
  }

  #context(file: SourceFile, ownKey: string): CodeContext {
    return {
      file,
      findAdopted: (type, id) => this.#earlierHandle(`${type} ${id}`, ownKey),
      findArtifact: (artifactPath) => this.#artifacts.findUsedOnce(artifactPath),
      nameOf: (type, id) => this.#titles.get(`${type} ${id}`),
      constructId: (preferredId) => this.#constructIds.take(preferredId, "-"),
    };
  }

  /**
   * Returns the handle of an object that comes earlier in the stack. Of two jobs that run each
   * other, only one can refer to the other by a handle.
   */
  #earlierHandle(key: string, ownKey: string): Reference | undefined {
    const reference = key === ownKey ? undefined : this.#references.get(key);
    return this.#members.some(({ name }) => name === reference?.identifier) ? reference : undefined;
  }

  #newFile(functionName: string, group = ""): SourceFile {
    const { library } = this.options;
    return new SourceFile(group !== "" && library.startsWith(".") ? `../${library}` : library, [
      functionName,
      ...[...this.#references.values()].map(({ identifier }) => identifier),
    ]);
  }

  #write(object: NamedObject): void {
    const write = object.type === "databricks_job" ? writeJob : writeOther;
    const title =
      typeTitles[object.type] ?? object.type.replace("databricks_", "").replaceAll("_", " ");
    let file = this.#newFile(object.member, object.folder);
    let result: ReturnValue;
    let summary = `The ${title} "${object.name}"${["", object.name].includes(object.id) ? "" : ` (${object.id})`} of ${this.options.environment}.`;
    try {
      const code = write(
        object,
        object.constructId,
        this.#context(file, `${object.type} ${referenceOf(object)}`),
      );
      result = { type: otherKinds[object.type]?.construct ?? "Workflow", code };
      this.#imports += countImports(object);
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      this.#note(
        `${title} ${object.name}`,
        `written with the provider's own class: ${error.message}`,
      );
      summary += ` The constructs cannot express it: ${error.message}. It is written with the class of the provider's bindings.`;
      file = this.#newFile(object.member, object.folder);
      result = this.#writeRaw(
        object,
        file,
        this.#context(file, `${object.type} ${referenceOf(object)}`),
      );
      this.#imports += countImports({ ...object, grants: [] });
    }
    this.#addMember(
      object.member,
      object.slug,
      object.folder,
      file,
      file.render(object.member, summary, result),
    );
  }

  /**
   * Writes an object with its class from the bindings. The function returns a handle created from
   * the object's id, which is a reference, so that objects with this handle are deployed later.
   */
  #writeRaw(object: NamedObject, file: SourceFile, context: CodeContext): ReturnValue {
    const { compiler, root, toolkit } = this.options;
    const { name, className } = writeRaw(object, object.constructId, context, {
      of: (type) => BindingsModule.of(compiler(), root, type),
      module: (type) => moduleOf(root, type, toolkit),
    });
    if ((object.grants ?? []).length + (object.keys ?? []).length > 0)
      this.#note(
        `${typeTitles[object.type] ?? object.type} ${object.name}`,
        "the code does not contain its grants and secrets: they stay unchanged",
      );
    const factory = factories[object.type];
    if (factory === undefined) return { type: className, code: name, isImported: true };
    const { construct, type, by, permissions } = factory;
    const code = `${file.use(construct)}.${by}(${by === "fromId" ? `${name}.id` : quoted(referenceOf(object))})`;
    if (object.access === undefined || permissions === undefined) return { type, code };
    const handle = file.name(`${name} handle`, "handle");
    file.const(handle, code);
    const list = file.name("permissions", "permissions");
    file.const(
      list,
      call(
        `${file.use("Permissions")}.${permissions}`,
        "stack",
        quoted(this.#constructIds.take(`${object.constructId}-permissions`, "-")),
        handle,
      ),
    );
    writeAccess({ list }, object, context);
    return { type, code: handle };
  }

  #writeSharedArtifact(artifact: ArtifactCode, slugs: ReadonlyMap<ArtifactCode, string>): void {
    const kind = kindOf(artifact);
    const slug = this.#slugs.take(slugs.get(artifact) ?? kind, "-");
    const member = this.#memberNames.take(identifierOf(slug, kind));
    const file = this.#newFile(member);
    const { name, construct, type } = declareArtifact(artifact, this.#context(file, ""), kind);
    const summary = `The ${artifactTitles[artifact.type]} ${artifact.path}, which several objects use.`;
    this.#addMember(
      member,
      slug,
      "",
      file,
      file.render(member, summary, { type: construct, code: name }),
    );
    this.#references.set(`${artifact.type} ${artifact.path}`, { identifier: member, type });
  }

  #addMember(member: string, slug: string, group: string, file: SourceFile, content: string): void {
    const filePath = path.posix.join(this.options.folder, group, `${slug}.ts`);
    this.#files.push({ path: filePath, content });
    this.#members.push({
      name: member,
      module: `./${path.posix.join(group, slug)}`,
      parameters: file.parameters,
    });
  }

  #note(object: string, note: string): void {
    if (!this.#notes.some((entry) => entry.object === object && entry.text === note))
      this.#notes.push({ object, text: note });
  }
}

/** Adds the kind to a name (`etl scope`), so that a scope and a job can have the same name. */
const nameWithKind = (kind: string, name: string): string =>
  kind === "job" || slugOf(name, kind).split("-").includes(kind) ? name : `${name} ${kind}`;

const kindOf = ({ type }: ArtifactCode): string =>
  type === "databricks_notebook" ? "notebook" : "file";

/**
 * Names shared artifacts after their files, and adds the folder if two files have the same name:
 * `sales-clean-notebook`, `web-clean-notebook`.
 */
function slugsOf(artifacts: readonly ArtifactCode[]): ReadonlyMap<ArtifactCode, string> {
  const result = new Map<ArtifactCode, string>();
  let unnamed = artifacts;
  for (let depth = 1; unnamed.length > 0; depth += 1) {
    const slug = (artifactCode: ArtifactCode): string =>
      slugOf(artifactName(artifactCode.path, kindOf(artifactCode), depth), kindOf(artifactCode));
    const counts = new Map<string, number>();
    for (const artifact of unnamed)
      counts.set(slug(artifact), (counts.get(slug(artifact)) ?? 0) + 1);
    const isFinal = (artifactCode: ArtifactCode): boolean =>
      counts.get(slug(artifactCode)) === 1 || artifactCode.path.split("/").length <= depth;
    for (const artifact of unnamed) if (isFinal(artifact)) result.set(artifact, slug(artifact));
    unnamed = unnamed.filter((artifactCode) => !isFinal(artifactCode));
  }
  return result;
}

/** Removes a `run_as` that is the job's creator, which is the default. */
function withoutCreator({ remote }: FoundJob): Attributes {
  const { run_as: _runAs, ...withoutRunAs } = remote.attributes;
  const [runAs] = blocks(remote.attributes, "run_as");
  const creator = optionalText(remote.extraState?.["creator_user_name"]);
  const name =
    runAs === undefined
      ? ""
      : textOrEmpty(runAs, "user_name") || textOrEmpty(runAs, "service_principal_name");
  return name === "" || name === creator ? withoutRunAs : remote.attributes;
}

/** Separates the job clusters that no task uses, because the constructs reject these. */
function splitJobClusters(job: Attributes): {
  readonly used: Attributes;
  readonly unused: readonly string[];
} {
  const tasks = JSON.stringify(job["task"] ?? []);
  const isUsed = (attributes: Attributes): boolean =>
    tasks.includes(
      `"job_cluster_key":${JSON.stringify(textOrEmpty(attributes, "job_cluster_key"))}`,
    );
  const clusters = blocks(job, "job_cluster");
  const unused = clusters
    .filter((attributes) => !isUsed(attributes))
    .map((attributes) => textOrEmpty(attributes, "job_cluster_key"));
  return {
    used: unused.length === 0 ? job : { ...job, job_cluster: clusters.filter(isUsed) },
    unused,
  };
}

/** Counts the import blocks of an object: its own, and those of its access list and grants. */
function countImports({ id, access, grants }: AdoptedObject): number {
  return (
    (id === "" ? 0 : 1 + (grants?.length ?? 0)) + (access === undefined || access.id === "" ? 0 : 1)
  );
}

/**
 * Sorts jobs after the jobs that they run. Jobs that run each other keep their order: one refers to
 * the other by id.
 */
function sortByCalls(jobs: readonly NamedObject[]): readonly NamedObject[] {
  const byId = new Map(jobs.map((job) => [referenceOf(job), job]));
  const visited = new Set<NamedObject>();
  const visit = (job: NamedObject): void => {
    if (visited.has(job)) return;
    visited.add(job);
    for (const [, id] of JSON.stringify(job.attributes).matchAll(
      /"run_job_task":\[\{[^\]]*?"job_id":"?(\d+)"?/g,
    )) {
      const callee = byId.get(id ?? "");
      if (callee !== undefined) visit(callee);
    }
    sorted.push(job);
  };
  const sorted: NamedObject[] = [];
  jobs.forEach(visit);
  return sorted;
}

/** Members of a stack that a property of a subclass must not override. */
const stackMembers = (
  "node environment project stamp synthesizer dependencies dependsOn addDependency addIgnore addSuppression addOverride allProviders " +
  "around cdktfVersion checked constructor ensureBackendExists findResource getLogicalId allocateLogicalId hasResourceMove isStack knowPolicy moveTargets named of " +
  "prepareStack registerIncomingCrossStackReference registerOutgoingCrossStackReference report runAllValidations stamped toString toTerraform toHclTerraform " +
  "variableFor rawOverrides crossStackOutputs crossStackDataSources"
).split(" ");
