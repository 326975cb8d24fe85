/** From jobs to files: what is adopted with them, under which names, and the code of each. */
import path from "node:path";
import type { ReadClient } from "../api/client";
import { findKind } from "../resources";
import type { Attributes } from "../resources/kind";
import { blocks, str, text } from "../resources/shape/json";
import { schemaOf } from "../resources/shape/schema";
import { settingsOf } from "../resources/kinds/job-wire";
import { artifactName, artifactProps } from "./code/common";
import type { AdoptedObject, ArtifactCode, CodeContext } from "./code/context";
import { withoutEmpty } from "./code/fields";
import { writeJob } from "./code/job";
import { identifierOf, slugOf, Taken } from "./code/names";
import { otherKinds, writeOther } from "./code/used-objects";
import { call, text as quoted } from "./code/print";
import { writeRaw } from "./code/raw";
import { NotExpressible, SourceFile, type Reference } from "./code/source-file";
import type { Followed, FoundJob, Generated, GeneratedFile, Known, Member, Note } from "./model";
import { beyondSchema, concurrently, download, readUsed, usesOf, type DownloadedArtifact } from "./workspace";

export interface GenerateOptions {
  readonly api: ReadClient;
  readonly jobs: readonly FoundJob[];
  /** False for bodies that belong to no job yet: their code has no import. */
  readonly exists: boolean;
  readonly follow: ReadonlySet<Followed>;
  readonly known: Known;
  /** Folder of the stack's code, relative to the project: `stacks/adopted`. */
  readonly folder: string;
  /** How a file in that folder imports the constructs. */
  readonly library: string;
  readonly environment: string;
  /** Folder below that, for a job: `--group-by`. */
  readonly groupOf: (job: FoundJob) => string | undefined;
}

const followedTypes: Readonly<Record<string, Followed>> = {
  databricks_cluster: "clusters",
  databricks_cluster_policy: "policies",
  databricks_instance_pool: "pools",
  databricks_sql_endpoint: "warehouses",
};
const titles: Readonly<Record<string, string>> = {
  databricks_job: "job",
  databricks_cluster: "cluster",
  databricks_cluster_policy: "cluster policy",
  databricks_instance_pool: "instance pool",
  databricks_sql_endpoint: "SQL warehouse",
  databricks_notebook: "notebook",
  databricks_workspace_file: "workspace file",
};

/** @throws ApiError when the workspace cannot be read */
export async function generate(options: GenerateOptions): Promise<Generated> {
  return new Generator(options).run();
}

interface Named extends AdoptedObject {
  readonly slug: string;
  readonly constructId: string;
  readonly member: string;
  readonly folder: string;
}

class Generator {
  readonly #notes: Note[] = [];
  readonly #files: GeneratedFile[] = [];
  readonly #members: Member[] = [];
  readonly #slugs: Taken;
  readonly #constructIds: Taken;
  readonly #memberNames: Taken;
  readonly #localFiles = new Taken();
  readonly #titles = new Map<string, string>();
  readonly #references = new Map<string, Reference>();
  readonly #artifacts = new Map<string, ArtifactCode>();
  readonly #usedBy = new Map<string, number>();
  #imports = 0;

  constructor(private readonly options: GenerateOptions) {
    this.#slugs = new Taken(["index", ...options.known.files]);
    this.#constructIds = new Taken(options.known.constructIds);
    this.#memberNames = new Taken([...stackMembers, ...options.known.members]);
  }

  async run(): Promise<Generated> {
    const jobs = this.options.jobs.filter((job) => !this.#isKnown("databricks_job", job.id));
    const others = await this.#used(jobs);
    await this.#artifactsOf(jobs, others);
    const access = await concurrently(jobs, (job) => this.#access(job));
    const named = jobs.map((job, index) => this.#named(this.#adopted(job, access[index]), this.options.groupOf(job) ?? ""));
    const rest = others.map((object) => this.#named(object, ""));
    const shared = [...this.#artifacts.values()].filter(({ path: at }) => (this.#usedBy.get(at) ?? 0) > 1);
    for (const artifact of shared) this.#sharedArtifact(artifact);
    for (const object of [...rest.sort(byKind), ...callees(named)]) this.#write(object);
    return { files: this.#files, members: this.#members, imports: this.#imports, notes: this.#notes };
  }

  #isKnown(type: string, id: string): boolean {
    const owner = this.options.known.owners.get(`${type} ${id}`);
    return owner !== undefined && id !== "";
  }

  #adopted(job: FoundJob, access: AdoptedObject["access"]): AdoptedObject {
    const block = schemaOf("databricks_job")?.block;
    if (block === undefined) throw new Error("the schema has no databricks_job");
    const attributes = withoutEmpty(block, withoutCreator(job), (name) => name === "default" || name === "value");
    for (const field of beyondSchema(job.raw, settingsOf(job.remote.attributes)))
      if (!/(^|\.)(format|edit_mode|queue)$/.test(field))
        this.#note(`job ${job.name}`, `${field} has no counterpart in the Terraform provider: the code leaves it out`);
    return { type: "databricks_job", id: job.id, name: job.name, attributes, ...(access && { access }) };
  }

  /** Clusters, policies, pools and warehouses; those that are not followed give their name only. */
  async #used(jobs: readonly FoundJob[]): Promise<AdoptedObject[]> {
    const adopted: AdoptedObject[] = [];
    const seen = new Set<string>();
    let waiting = jobs.map((job) => job.remote.attributes);
    while (waiting.length > 0) {
      const wanted: (readonly [string, string])[] = [];
      for (const attributes of waiting) {
        const uses = usesOf(attributes);
        for (const type of Object.keys(followedTypes))
          for (const id of uses[type as "databricks_cluster"]) {
            if (!seen.has(`${type} ${id}`)) wanted.push([type, id]);
            seen.add(`${type} ${id}`);
          }
      }
      waiting = [];
      const found = await concurrently(wanted, ([type, id]) => readUsed(this.options.api, type, id));
      wanted.forEach(([type, id], index) => {
        const object = this.#usedObject(type, id, found[index]);
        if (object === undefined) return;
        adopted.push(object);
        waiting.push(object.attributes);
      });
    }
    return adopted;
  }

  #usedObject(type: string, id: string, attributes: Attributes | undefined): AdoptedObject | undefined {
    const title = `${titles[type] ?? type} ${id}`;
    if (attributes === undefined) {
      this.#note(title, "the workspace does not have it, or does not show it: the code refers to it by its id");
      return undefined;
    }
    const name = ["cluster_name", "instance_pool_name", "name"].map((field) => str(attributes, field)).find((one) => one !== "") ?? id;
    this.#titles.set(`${type} ${id}`, name);
    if (!this.options.follow.has(followedTypes[type] ?? "clusters") || this.#isKnown(type, id)) return undefined;
    const block = schemaOf(type)?.block;
    if (block === undefined) throw new Error(`no schema of ${type}`);
    return { type, id, name, attributes: withoutEmpty(block, attributes) };
  }

  async #artifactsOf(jobs: readonly FoundJob[], others: readonly AdoptedObject[]): Promise<void> {
    const { follow, api } = this.options;
    const wanted = new Map<string, string>();
    for (const attributes of [...jobs.map((job) => job.remote.attributes), ...others.map((one) => one.attributes)]) {
      const uses = usesOf(attributes);
      for (const [kind, type, paths] of [
        ["notebooks", "databricks_notebook", uses.notebooks],
        ["files", "databricks_workspace_file", uses.files],
      ] as const) {
        for (const at of follow.has(kind) ? paths : []) {
          wanted.set(at, type);
          this.#usedBy.set(at, (this.#usedBy.get(at) ?? 0) + 1);
        }
      }
    }
    const list = [...wanted].filter(([at, type]) => !this.#isKnown(type, at)).sort(([a], [b]) => (a < b ? -1 : 1));
    const found = await concurrently(list, ([at]) => download(api, at), 8);
    list.forEach(([at, type], index) => this.#artifact(at, type, found[index] ?? ""));
  }

  #artifact(at: string, type: string, found: DownloadedArtifact | string): void {
    if (typeof found === "string" || found.type !== type) {
      this.#note(
        `${titles[type] ?? ""} ${at}`,
        `${typeof found === "string" ? found : `it is a ${titles[found.type] ?? ""}`}: the code refers to it by its path`,
      );
      return;
    }
    const extension = at.toLowerCase().endsWith(found.extension) ? "" : found.extension;
    const safe = `${at}${extension}`.replaceAll(/[\\:*?"<>|]/g, "_");
    const kind = type === "databricks_notebook" ? "notebooks" : "files";
    const { name, dir, ext } = path.posix.parse(safe);
    const local = path.posix.join(
      this.options.folder,
      kind,
      dir,
      `${path.posix.basename(this.#localFiles.take(path.posix.join(kind, dir, name), "-"))}${ext}`,
    );
    const id = this.#constructIds.take(`${kind.slice(0, -1)}-${slugOf(at, "root")}`, "-");
    this.#artifacts.set(at, { type: found.type, path: at, id, file: local });
    this.#files.push({ path: local, content: found.bytes });
    this.#imports += 1;
  }

  /** The entries that say more than the owner and the admins do. */
  async #access(job: FoundJob): Promise<AdoptedObject["access"]> {
    const { api, exists, follow } = this.options;
    if (!exists || !follow.has("permissions")) return undefined;
    const id = `/jobs/${job.id}`;
    const found = await readPermissions(api, id);
    if (found === undefined) return undefined;
    return found.length === 0 || this.#isKnown("databricks_permissions", id) ? undefined : { id, entries: found };
  }

  #named(object: AdoptedObject, group: string): Named {
    const kind = otherKinds[object.type]?.kind ?? "job";
    const slug = this.#slugs.take(slugOf(object.name, kind), "-");
    const constructId = this.#constructIds.take(slug, "-");
    const member = this.#memberNames.take(identifierOf(slug, kind));
    const type = otherKinds[object.type]?.type ?? "IWorkflow";
    if (object.id !== "") this.#references.set(`${object.type} ${object.id}`, { identifier: member, type });
    return { ...object, slug, constructId, member, folder: group };
  }

  #context(file: SourceFile, self: string): CodeContext {
    return {
      file,
      adopted: (type, id) => this.#written(`${type} ${id}`, self),
      artifact: (at) => (this.#usedBy.get(at) === 1 ? this.#artifacts.get(at) : undefined),
      nameOf: (type, id) => this.#titles.get(`${type} ${id}`),
      constructId: (wanted) => this.#constructIds.take(wanted, "-"),
    };
  }

  /** Only what stands before the object in the stack: jobs that run each other cannot both have a handle. */
  #written(key: string, self: string): Reference | undefined {
    const found = key === self ? undefined : this.#references.get(key);
    return this.#members.some(({ name }) => name === found?.identifier) ? found : undefined;
  }

  #newFile(own: string): SourceFile {
    return new SourceFile(this.options.library, [own, ...[...this.#references.values()].map(({ identifier }) => identifier)]);
  }

  #write(object: Named): void {
    const write = object.type === "databricks_job" ? writeJob : writeOther;
    const title = titles[object.type] ?? object.type;
    let file = this.#newFile(object.member);
    let result: { readonly type: string; readonly code: string };
    let about = `The ${title} "${object.name}"${object.id === "" ? "" : ` (${object.id})`} of ${this.options.environment}.`;
    try {
      const code = write(object, object.constructId, this.#context(file, `${object.type} ${object.id}`));
      result = { type: otherKinds[object.type]?.construct ?? "Workflow", code };
      this.#imports += (object.id === "" ? 0 : 1) + (object.access === undefined ? 0 : 1);
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      this.#note(`${title} ${object.name}`, `written with the provider's own class: ${error.message}`);
      about += ` The constructs cannot say it: ${error.message}. It is written with the class of the provider's bindings.`;
      file = this.#newFile(object.member);
      result = this.#raw(object, file);
      this.#imports += object.id === "" ? 0 : 1;
    }
    this.#add(object.member, object.slug, object.folder, file, file.render(object.member, about, result));
  }

  /** Returned by its id, which is a reference: what uses it is deployed after it. */
  #raw(object: Named, file: SourceFile): { readonly type: string; readonly code: string } {
    const name = writeRaw(object, object.constructId, file);
    const { construct, type } = otherKinds[object.type] ?? { construct: "Workflow", type: "IWorkflow" };
    file.use(construct);
    return { type, code: `${construct}.fromId(${name}.id)` };
  }

  #sharedArtifact(artifact: ArtifactCode): void {
    const kind = artifact.type === "databricks_notebook" ? "notebook" : "file";
    const [construct, type] = kind === "notebook" ? ["Notebook", "INotebook"] : ["WorkspaceFile", "IWorkspaceFile"];
    const slug = this.#slugs.take(slugOf(artifactName(artifact.path, kind), kind), "-");
    const member = this.#memberNames.take(identifierOf(slug, kind));
    const file = this.#newFile(member);
    const context = this.#context(file, "");
    const name = file.name(kind, kind);
    file.const(name, call(`new ${file.use(construct)}`, "stack", quoted(artifact.id), artifactProps(artifact, context)));
    file.statement(call(`${name}.adopt`, quoted(artifact.path)));
    this.#add(
      member,
      slug,
      "",
      file,
      file.render(member, `The ${titles[artifact.type] ?? ""} ${artifact.path}, which several objects use.`, {
        type: construct,
        code: name,
      }),
    );
    this.#references.set(`${artifact.type} ${artifact.path}`, { identifier: member, type });
  }

  #add(member: string, slug: string, group: string, file: SourceFile, content: string): void {
    const where = path.posix.join(this.options.folder, group, `${slug}.ts`);
    this.#files.push({ path: where, content });
    this.#members.push({ name: member, module: `./${path.posix.join(group, slug)}`, parameters: file.parameters });
  }

  #note(object: string, note: string): void {
    if (!this.#notes.some((one) => one.object === object && one.text === note)) this.#notes.push({ object, text: note });
  }
}

/** Without `run_as` a job runs as its creator: that is not written down. */
function withoutCreator({ remote }: FoundJob): Attributes {
  const { run_as: _dropped, ...rest } = remote.attributes;
  const [who] = blocks(remote.attributes, "run_as");
  const creator = text(remote.aside?.["creator_user_name"]);
  const name = who === undefined ? "" : str(who, "user_name") || str(who, "service_principal_name");
  return name === "" || name === creator ? rest : remote.attributes;
}

async function readPermissions(api: ReadClient, id: string): Promise<readonly Attributes[] | undefined> {
  const found = await findKind("databricks_permissions")?.read(api, id, { known: {}, deep: false });
  if (found === undefined) return undefined;
  const entries = blocks(found.attributes, "access_control").filter((entry) => str(entry, "group_name") !== "admins");
  return entries.some((entry) => str(entry, "permission_level") !== "IS_OWNER") ? entries : [];
}

const kindOrder = ["databricks_instance_pool", "databricks_cluster_policy", "databricks_cluster", "databricks_sql_endpoint"];
const byKind = (a: AdoptedObject, b: AdoptedObject): number => kindOrder.indexOf(a.type) - kindOrder.indexOf(b.type);

/** Jobs after those that they run. Jobs that run each other keep their order: one of them takes the other by its id. */
function callees(jobs: readonly Named[]): readonly Named[] {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const done = new Set<Named>();
  const visit = (job: Named): void => {
    if (done.has(job)) return;
    done.add(job);
    for (const [, id] of JSON.stringify(job.attributes).matchAll(/"run_job_task":\[\{[^\]]*?"job_id":"?(\d+)"?/g)) {
      const callee = byId.get(id ?? "");
      if (callee !== undefined) visit(callee);
    }
    sorted.push(job);
  };
  const sorted: Named[] = [];
  jobs.forEach(visit);
  return sorted;
}

/** Members of a stack, which no property of a subclass may hide. */
const stackMembers = (
  "node environment project stamp synthesizer dependencies dependsOn addDependency addIgnore addSuppression addOverride allProviders " +
  "around cdktfVersion checked constructor ensureBackendExists findResource getLogicalId allocateLogicalId hasResourceMove isStack knowPolicy moveTargets named of " +
  "prepareStack registerIncomingCrossStackReference registerOutgoingCrossStackReference report runAllValidations stamped toString toTerraform toHclTerraform " +
  "variableFor rawOverrides crossStackOutputs crossStackDataSources"
).split(" ");
