/**
 * The description of one Terraform resource type. The embedded provider and the verifier are generic engines over it: the provider uses a
 * {@link Kind}, the verifier only its reading half, {@link KindReader}.
 */
import type { Client, ReadClient } from "../api/client";

/** A value in Terraform shape: blocks are arrays of objects (a single block is an array of one), absent is null or missing. */
export type Value = string | number | boolean | null | Value[] | { [field: string]: Value };
/** A resource (or a block of one) in Terraform shape, by the field names of its schema. */
export type Attributes = Record<string, Value>;

/**
 * Rules are keyed by field path without indices, as in the Terraform schema: `task.new_cluster.num_workers`. Properties in the schema
 * (computed, sensitive, force_new, default, list or set) are not repeated here: see `schema.ts`.
 */
export interface Rules {
  /** Lists compared by key instead of position: list path → key field, e.g. `task: "task_key"`. `"*"` = as a set of whole values. */
  readonly keyed: Readonly<Record<string, string>>;
  /**
   * Values that the backend fills in if the configuration does not set them: absent in config with this value in remote is no difference.
   * The function form decides from the remote value, the block around it (Terraform shape) and the whole remote object.
   */
  readonly backendDefaults: Readonly<Record<string, BackendDefault>>;
  /** Fields that no REST call returns, with the reason: reported as unverifiable if the configuration sets them. */
  readonly unverifiable: Readonly<Record<string, string>>;
  /** Fields that exist only in the configuration (`source`, `no_wait`, `force_destroy`): never compared, with the reason. */
  readonly configOnly: Readonly<Record<string, string>>;
  /** Fields in which two texts can be equivalent (JSON, paths with and without /Workspace, SQL type names): true if equivalent. */
  readonly equivalent?: Readonly<Record<string, (a: Value, b: Value) => boolean>>;
  /** Fields that the platform keeps if a write omits them, with a remedy for the user: healing cannot clear them. */
  readonly kept?: Readonly<Record<string, string>>;
  /**
   * Fields that no call can change, with the reason: an object with a different value is a different object, and healing leaves it to
   * Terraform.
   */
  readonly onlyNew?: Readonly<Record<string, string>>;
}

export interface BackendDefault {
  /** Why the platform fills it in, with the source. */
  readonly reason: string;
  readonly when: (remote: Value, around: Attributes, whole: Attributes) => boolean;
  /** Accepts more than one value: the value is not checked if the code does not set it, which the report states. */
  readonly several?: true;
  /** An absent value is equal to the accepted one: the documented default, whether or not the workspace returns it. */
  readonly absent?: true;
  /** True if the value only repeats another field: its change is reported there. */
  readonly follows?: (remote: Value, around: Attributes) => boolean;
}

export interface Identity {
  /** Identity from configuration alone, e.g. `name:daily-etl`, `path:/Shared/x`, `scope+key:a|||b`; undefined if a part is unknown. */
  naturalKey(attributes: Attributes): string | undefined;
  /** The object's page in the browser, for the workspace's host. */
  link?(host: string, id: string, attributes: Attributes): string | undefined;
}

/** A workspace that may use an isolated securable of Unity Catalog. */
export interface Binding {
  /** In digits: it may have more of them than a number keeps. */
  readonly workspace_id: string;
  readonly binding_type: string;
}

/** Uploaded content, as compared. */
export interface Content {
  /** Hex. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** For a line diff: absent if the content is not text, or too long for one. */
  readonly text?: string;
}

/** An object as currently returned by REST. */
export interface Remote {
  /** State id, as in Terraform's `id`. */
  readonly id: string;
  /** Everything that REST returns, in Terraform shape; nothing is suppressed. */
  readonly attributes: Attributes;
  /** Created by the platform itself: it does not have to be declared. */
  readonly builtIn?: true;
  /** True if it came from a list that omits fields; `omitted` has their paths. */
  readonly omitted?: readonly string[];
  /** Fields that were requested and refused, with the reason (a secret's value without READ): unverifiable, not different. */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** If the kind has content. */
  readonly content?: Content | { readonly unread: string };
  /** The workspaces that may use it, and the one that was called; or why they are unknown. No field of a schema. `type` as in the bindings' URL. */
  readonly bindings?:
    { readonly type: string; readonly found: readonly Binding[]; readonly workspace: string } | { readonly unread: string };
  /** Data for `Kind.toState` that is not an attribute (the caller, an ETag). */
  readonly aside?: Readonly<Record<string, Value>>;
  /** Values supplied by the policies of its clusters: a map entry with such a value is no difference if the configuration lacks it. */
  readonly policies?: PolicyValues;
}

/** By the id of a cluster policy: its fixed and default values as text, by definition path (`custom_tags.team`). */
export type PolicyValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ReadOptions {
  /** What is known about the object (state or desired attributes): some kinds need more than the id to read it. */
  readonly known: Attributes;
  /**
   * Also fetch data that costs a call of its own (content bytes, secret values, run_as). Default: true. False = exactly the calls of the
   * official provider: used by the engine.
   */
  readonly deep?: boolean;
  readonly maxContentBytes?: number;
  /** The object as its list returned it: only the content is left to read. */
  readonly listed?: Remote;
  /** The last deployer, if known: permissions that a provider adds for them are omitted, like those of the caller. */
  readonly deployer?: string;
  readonly signal?: AbortSignal;
}

/** Properties of a kind that review, verify and deploy use: none of them lists types. */
export interface Traits {
  /** Destroying it loses data, or something that others depend on: what, for a reviewer. */
  readonly holds?: string;
  /** It is a secret, or holds some. */
  readonly secret?: true;
  /** A field that REST may not return; when it was written is in `last_updated_timestamp`. */
  readonly byTime?: string;
  /** It sets permissions on another object. */
  readonly rights?: true;
  /** It uploads bytes; `exported`: the format in which the workspace exports those that are deployed. */
  readonly content?: { readonly exported?: "SOURCE" | "AUTO" };
  /** It has tasks and runs, and its history goes with it. */
  readonly runs?: true;
  /** Blocks that start it without anybody's doing. */
  readonly starters?: readonly string[];
  /** It carries the tag `lakeform`. */
  readonly stamped?: true;
  /** Its list returns whole settings, and two objects can have one name: one sweep compares all of them and shows the unmanaged ones. */
  readonly swept?: true;
  /**
   * Its list returns each object with all fields of a read by id (the source is at the kind): several are read from it. The attributes
   * that name the list's container; none, if it lists the workspace. `folder`: the list of the folder that has the object's path.
   */
  readonly listedWhole?: readonly string[] | "folder";
  /** Its name is not its id: the list shows which object has the name; `within` is the attribute that narrows the list. */
  readonly named?: { readonly within?: string };
  /** The attribute with the state id, where the schema has no `id`. */
  readonly idAttribute?: string;
  /** The attribute of the object in which its id is unique. */
  readonly idWithin?: string;
  /**
   * It has an access list, at `/api/2.0/permissions/<request>/<id>`. `byPath`: the id is a path, and the URL has the object id. `by`: the
   * attribute that the URL has instead of the id.
   */
  readonly accessList?: { readonly request: string; readonly byPath?: true; readonly by?: string };
  /** It has grants: the argument of `databricks_grants` that names it. */
  readonly securable?: string;
  /** Its `object_type` in `workspace/list`. */
  readonly treeType?: string;
  /** Types of objects inside it, listed with its id. */
  readonly contains?: readonly string[];
  /** A block whose entries can each be a resource of their own, which has the object's id in `within`. */
  readonly parts?: { readonly field: string; readonly type: string; readonly within: string };
  /** `--unmanaged all` lists it whole: in words, for messages. */
  readonly walked?: string;
  /** An existing object is taken over, or comes with another one: none prevents a new one. */
  readonly takenOver?: true;
}

/** The reading half: all that the verifier gets. */
export interface KindReader {
  readonly type: string;
  /** The name for messages: `job`, `secret scope`. */
  readonly title: string;
  readonly identity: Identity;
  readonly rules: Rules;
  readonly traits?: Traits;
  /** The object, or undefined when the workspace does not have it. @throws an ApiError for anything else */
  read(api: ReadClient, id: string, options: ReadOptions): Promise<Remote | undefined>;
  /** The state id of a configured object, if neither its natural key nor a list has it. @returns undefined if there is no such object */
  locate?(api: ReadClient, attributes: Attributes): Promise<string | undefined>;
  /**
   * All objects of the kind in few calls; absent if REST has no such list. `within` narrows it to a container (scope, folder) if REST needs
   * one.
   */
  list?(api: ReadClient, within?: string, signal?: AbortSignal): AsyncIterable<Remote>;
  /**
   * The desired content of a configuration, hashed like `Remote.content`; undefined if the kind has no content. Paths are relative to
   * `directory`.
   */
  desiredContent?(attributes: Attributes, directory: string): Promise<Content | undefined>;
  /** The command (lakeform or curl) that removes the object: printed for unmanaged ones. */
  removal(remote: Remote): string;
}

/** The whole kind: adds the provider's half. */
export interface Kind extends KindReader {
  /** Errors in the configuration that the schema cannot express. Paths as in {@link Rules}. Unknown values are passed as undefined. */
  validate?(config: Attributes): readonly Problem[];
  /**
   * Errors that need the file system or the previous state (a missing source file); checked at plan, on create and update. Unknown values
   * are passed as undefined.
   */
  validatePlan?(config: Attributes, prior: Attributes | undefined, context: WriteContext): Promise<readonly Problem[]>;
  /**
   * Differences that the official provider suppresses at plan, by path as in {@link Rules}: true = keep the value of the state. Called only
   * if state and configuration (after defaults) differ and the resource exists. Fields flagged `diff_suppress` in the schema and not listed
   * here are suppressed when the new value is empty.
   */
  readonly suppress?: Readonly<Record<string, (before: Value, after: Value, around: SuppressContext) => boolean | Promise<boolean>>>;
  /** Configuration values that the plan completes from the state, by path as in {@link Rules}. */
  readonly adjust?: Readonly<Record<string, (before: Value, after: Value, config: Attributes) => Value>>;
  /** Defaults that depend on where Terraform runs, by path as in {@link Rules}. */
  readonly defaults?: Readonly<Record<string, () => Value>>;
  /** Changes that force a new object although the schema does not mark the field, by path as in {@link Rules}. */
  readonly forcesNew?: Readonly<Record<string, (before: Value, after: Value) => boolean>>;
  /**
   * Converts the read object to the state that the official provider would write: the whole new state (start from `before` and overwrite
   * what it reads). Absent = the engine's general rule (fields that the configuration omits are mostly not read). `before` is the state, or
   * the planned values right after a write, or the attributes known from `importId`. `fresh`: the object was just created or imported (then
   * the general rule takes all read values).
   */
  toState?(remote: Remote, before: Attributes, why: "refresh" | "write" | "import", fresh: boolean): Attributes;
  create(api: Client, planned: Attributes, context: WriteContext): Promise<Written>;
  update?(api: Client, id: string, prior: Attributes, planned: Attributes, context: WriteContext): Promise<Written>;
  delete(api: Client, id: string, prior: Attributes, context: WriteContext): Promise<void>;
  /** Writes the desired content back over REST without a new object: healing. Absent = cannot be healed without a replacement. */
  restore?(api: Client, id: string, desired: Attributes, context: RestoreContext): Promise<void>;
  /** The state id for a `terraform import` argument, and the attributes derived from it. */
  importId?(argument: string): { readonly id: string; readonly attributes: Attributes };
}

/** A create whose answer was lost. */
export interface Lost {
  /** Its start, in milliseconds of this machine's clock. */
  readonly started: number;
  /** How far the workspace's clock was ahead of this machine's then; absent if there had been no answer yet. */
  readonly difference?: number | undefined;
  /** The id of the object, if known. */
  readonly id?: string;
}

/** Remembers a create (or a rename that changes the id) until its result is known, beyond the end of the process. */
export interface PendingCreate {
  /**
   * @param difference of the workspace's clock, if known
   * @param id of the object, if known before the answer
   * @returns an earlier lost create of the same object, if there is one
   */
  begin(what: string, difference?: number, id?: string): Promise<Lost | undefined>;
  /** The workspace rejected the create: there is nothing to look for. */
  refused(): void;
}

export interface WriteContext {
  /** The folder that relative paths in the configuration are resolved against (Terraform's working directory). */
  readonly directory: string;
  readonly signal?: AbortSignal;
  readonly pending?: PendingCreate;
  /** The authentication method (`pat`, `oauth-m2m`): for the data source that returns it. */
  readonly authType?: string;
}

export interface RestoreContext extends WriteContext {
  /**
   * Top-level fields that are set in the workspace and omitted in the code, with the deployed value if known: a call that does not mention
   * them would leave them unchanged.
   */
  readonly cleared?: Attributes;
}

export interface Written {
  readonly id: string;
  /**
   * Values revealed only by the write (a token's value), or computed by the kind (md5): merged into the planned state before the read that
   * follows.
   */
  readonly attributes?: Attributes;
  /** False: the official provider does not read after this write; planned values and `attributes` are the state. Default: true. */
  readonly readAfter?: boolean;
}

export interface SuppressContext extends WriteContext {
  readonly prior: Attributes;
  readonly config: Attributes;
  /** `api.host`, for kinds whose state depends on it. */
  readonly host?: string;
}

/** A data source: one read, nothing stored. */
export interface DataKind {
  /** With the prefix `databricks_`, without `data.`: `databricks_current_user`. */
  readonly type: string;
  readonly title: string;
  validate?(config: Attributes): readonly Problem[];
  /** The whole state of the data source, including `id`; null fields may be omitted. @throws ApiError, LakeformError */
  read(api: ReadClient, config: Attributes, context: WriteContext): Promise<Attributes>;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
}
