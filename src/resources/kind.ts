/**
 * The description of one Terraform resource type. The embedded provider and the verifier are
 * generic engines over it: the provider uses a {@link Kind}, the verifier only its reading half,
 * {@link KindReader}.
 */
import type { Client, ReadClient } from "../api/client";

/**
 * A value in Terraform shape: blocks are arrays of objects (a single block is an array of one),
 * absent is null or missing.
 */
export type Value = string | number | boolean | null | Value[] | { [field: string]: Value };
/** A resource (or a block of one) in Terraform shape, by the field names of its schema. */
export type Attributes = Record<string, Value>;

/**
 * Rules are keyed by field path without indices, as in the Terraform schema:
 * `task.new_cluster.num_workers`. Properties in the schema (computed, sensitive, force_new,
 * default, list or set) are not repeated here: see `schema.ts`.
 */
export interface Rules {
  /**
   * Lists compared by key instead of position: list path → key field, e.g. `task: "task_key"`.
   * `"*"` = as a set of complete values.
   */
  readonly keyed: Readonly<Record<string, string>>;
  /**
   * Values that the backend sets if the configuration does not: they are not a difference. The
   * function form gets the remote value, its block (Terraform shape) and the complete remote
   * object.
   */
  readonly backendDefaults: Readonly<Record<string, BackendDefault>>;
  /**
   * Fields that no REST call returns, with the reason: reported as unverifiable if the
   * configuration sets them.
   */
  readonly unverifiable: Readonly<Record<string, string>>;
  /**
   * Fields that exist only in the configuration (`source`, `no_wait`, `force_destroy`): never
   * compared, with the reason.
   */
  readonly configOnly: Readonly<Record<string, string>>;
  /**
   * Fields in which two strings can be equivalent (JSON, paths with and without /Workspace, SQL
   * type names): true if equivalent.
   */
  readonly equivalent?: Readonly<Record<string, (a: Value, b: Value) => boolean>>;
  /**
   * Fields that the platform keeps if a write omits them, with a remedy for the user: healing
   * cannot clear them.
   */
  readonly kept?: Readonly<Record<string, string>>;
  /**
   * Fields that no call can change, with the reason: an object with a different value is a
   * different object, and healing leaves it to Terraform.
   */
  readonly onlyNew?: Readonly<Record<string, string>>;
}

export interface BackendDefault {
  /** Why the platform sets the value, with the source. */
  readonly reason: string;
  readonly when: (remote: Value, around: Attributes, whole: Attributes) => boolean;
  /**
   * Accepts more than one value: the value is not checked if the code does not set it, which the
   * report states.
   */
  readonly several?: true;
  /**
   * An absent value is equal to the accepted one: the documented default, whether or not the
   * workspace returns it.
   */
  readonly absent?: true;
  /** True if the value only repeats another field: its change is reported there. */
  readonly follows?: (remote: Value, around: Attributes) => boolean;
}

export interface Identity {
  /**
   * Identity from configuration alone, e.g. `name:daily-etl`, `path:/Shared/x`, `scope+key:a|||b`;
   * undefined if a part is unknown.
   */
  naturalKey(attributes: Attributes): string | undefined;
  /** The object's page in the browser, for the workspace's host. */
  link?(host: string, id: string, attributes: Attributes): string | undefined;
}

/** A workspace that may use an isolated securable of Unity Catalog. */
export interface Binding {
  /** A string of digits, because the id may be too large for a number. */
  readonly workspace_id: string;
  readonly binding_type: string;
}

/** Uploaded content, as compared. */
export interface Content {
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Size in bytes. */
  readonly size: number;
  /** The text for a line diff; absent if the content is not text, or is too long. */
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
  /**
   * Fields that were requested and refused, with the reason (a secret's value without READ):
   * unverifiable, not different.
   */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** The content, or why it was not read; absent if the kind has no content. */
  readonly content?: Content | { readonly unread: string };
  /**
   * The workspaces that may use the object, and the called one; or why they are unknown. Not part
   * of a schema. `type` is the type in the URL.
   */
  readonly bindings?:
    | { readonly type: string; readonly found: readonly Binding[]; readonly workspace: string }
    | { readonly unread: string };
  /** Data for `Kind.toState` that is not an attribute (the caller, an ETag). */
  readonly aside?: Readonly<Record<string, Value>>;
  /**
   * Values supplied by the policies of its clusters: a map entry with such a value is no difference
   * if the configuration lacks it.
   */
  readonly policies?: PolicyValues;
}

/**
 * For each cluster policy id: the fixed and default values as strings, by definition path
 * (`custom_tags.team`).
 */
export type PolicyValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ReadOptions {
  /**
   * What is known about the object (state or desired attributes): some kinds need more than the id
   * to read it.
   */
  readonly known: Attributes;
  /**
   * Also fetch data that needs a separate call (content bytes, secret values, run_as). Default:
   * true. False = exactly the calls of the official provider: used by the engine.
   */
  readonly deep?: boolean;
  readonly maxContentBytes?: number;
  /** The object as its list returned it: only the content is left to read. */
  readonly listed?: Remote;
  /**
   * The last deployer, if known: permissions that a provider adds for them are omitted, like those
   * of the caller.
   */
  readonly deployer?: string;
  readonly signal?: AbortSignal;
}

/** Properties of a kind that review, verify and deploy use instead of lists of types. */
export interface Traits {
  /** What a destroy loses, such as data or dependencies of other objects: shown to reviewers. */
  readonly holds?: string;
  /** Set if it is a secret or contains secrets. */
  readonly secret?: true;
  /**
   * A field that REST may not return; `last_updated_timestamp` contains the time when it was
   * written.
   */
  readonly byTime?: string;
  /** Set if it grants permissions on another object. */
  readonly rights?: true;
  /**
   * Set if it uploads content; `exported` is the format in which the workspace exports deployed
   * content.
   */
  readonly content?: { readonly exported?: "SOURCE" | "AUTO" };
  /** Set if it has tasks and runs, whose history a destroy deletes. */
  readonly runs?: true;
  /** Blocks that start it automatically. */
  readonly starters?: readonly string[];
  /** Set if it has the tag `lakeform` with the stack's stamp. */
  readonly stamped?: true;
  /**
   * Set if its list returns complete settings and names are not unique: one pass over the list
   * compares all objects and finds unmanaged ones.
   */
  readonly swept?: true;
  /**
   * Set if its list returns each object with all fields of a read by id (the kind cites the
   * source), so that several objects are read from the list. Contains the attributes that identify
   * the list's container; empty for a list of the complete workspace. `folder`: the list of the
   * folder with the object.
   */
  readonly listedWhole?: readonly string[] | "folder";
  /**
   * Set if its name is not its id, so that the list is needed to find it; `within` is the attribute
   * that narrows the list.
   */
  readonly named?: { readonly within?: string };
  /** The attribute with the state id, if the schema has no `id`. */
  readonly idAttribute?: string;
  /** The attribute with the container in which the id is unique. */
  readonly idWithin?: string;
  /**
   * The access list at `/api/2.0/permissions/<request>/<id>`, if it has one. `byPath`: the id is a
   * path, but the URL needs the object id. `by`: the attribute that the URL contains instead of the
   * id.
   */
  readonly accessList?: { readonly request: string; readonly byPath?: true; readonly by?: string };
  /** The argument of `databricks_grants` for the object, if it has grants. */
  readonly securable?: string;
  /** The attribute with its name there, if the id is another one. */
  readonly securableBy?: string;
  /** Its `object_type` in `workspace/list`. */
  readonly treeType?: string;
  /** Types of objects inside it, listed with its id. */
  readonly contains?: readonly string[];
  /**
   * A block whose entries can also be separate resources, which have the object's id in `within`.
   */
  readonly parts?: { readonly field: string; readonly type: string; readonly within: string };
  /** Set if `--unmanaged all` lists all objects of this type; the text names them in messages. */
  readonly walked?: string;
  /** Set if a create adopts an existing object, so that such an object never prevents a create. */
  readonly takenOver?: true;
}

/** The reading half of a kind, which the verifier uses. */
export interface KindReader {
  readonly type: string;
  /** The name for messages: `job`, `secret scope`. */
  readonly title: string;
  readonly identity: Identity;
  readonly rules: Rules;
  readonly traits?: Traits;
  /** Reads the object; undefined if it does not exist. @throws ApiError for all other errors */
  read(api: ReadClient, id: string, options: ReadOptions): Promise<Remote | undefined>;
  /**
   * Looks up the state id of a configured object, if neither its natural key nor a list contains
   * it.
   * @returns undefined if it does not exist
   */
  locate?(api: ReadClient, attributes: Attributes): Promise<string | undefined>;
  /**
   * All objects of the kind in few calls; absent if REST has no such list. `within` narrows it to a
   * container (scope, folder) if REST needs one.
   */
  list?(api: ReadClient, within?: string, signal?: AbortSignal): AsyncIterable<Remote>;
  /**
   * The desired content of a configuration, hashed like `Remote.content`; undefined if the kind has
   * no content. Paths are relative to `directory`.
   */
  desiredContent?(attributes: Attributes, directory: string): Promise<Content | undefined>;
  /** The command (lakeform or curl) that removes the object: printed for unmanaged ones. */
  removal(remote: Remote): string;
}

/** A complete kind: adds the half that the provider uses. */
export interface Kind extends KindReader {
  /**
   * Errors in the configuration that the schema cannot express. Paths as in {@link Rules}. Unknown
   * values are passed as undefined.
   */
  validate?(config: Attributes): readonly Problem[];
  /**
   * Errors that need the file system or the previous state (a missing source file); checked at
   * plan, on create and update. Unknown values are passed as undefined.
   */
  validatePlan?(
    config: Attributes,
    prior: Attributes | undefined,
    context: WriteContext,
  ): Promise<readonly Problem[]>;
  /**
   * Differences that the official provider suppresses at plan, by path as in {@link Rules}: true =
   * keep the value of the state. Called only if state and configuration (after defaults) differ and
   * the resource exists. Fields flagged `diff_suppress` in the schema and not listed here are
   * suppressed when the new value is empty.
   */
  readonly suppress?: Readonly<
    Record<
      string,
      (before: Value, after: Value, around: SuppressContext) => boolean | Promise<boolean>
    >
  >;
  /** Configuration values that the plan completes from the state, by path as in {@link Rules}. */
  readonly adjust?: Readonly<
    Record<string, (before: Value, after: Value, config: Attributes) => Value>
  >;
  /** Defaults that depend on the machine or environment, by path as in {@link Rules}. */
  readonly defaults?: Readonly<Record<string, () => Value>>;
  /**
   * Changes that force a new object although the schema does not mark the field, by path as in
   * {@link Rules}.
   */
  readonly forcesNew?: Readonly<Record<string, (before: Value, after: Value) => boolean>>;
  /**
   * Converts the read object to the state that the official provider would write: the complete new
   * state (start from `before` and overwrite what it reads). Absent = the engine's general rule
   * (fields that the configuration omits are mostly not read). `before` is the state, or the
   * planned values right after a write, or the attributes known from `importId`. `fresh`: the
   * object was just created or imported (then the general rule takes all read values).
   */
  toState?(
    remote: Remote,
    before: Attributes,
    why: "refresh" | "write" | "import",
    fresh: boolean,
  ): Attributes;
  create(api: Client, planned: Attributes, context: WriteContext): Promise<Written>;
  update?(
    api: Client,
    id: string,
    prior: Attributes,
    planned: Attributes,
    context: WriteContext,
  ): Promise<Written>;
  delete(api: Client, id: string, prior: Attributes, context: WriteContext): Promise<void>;
  /**
   * Writes the desired content back over REST without a new object: healing. Absent = cannot be
   * healed without a replacement.
   */
  restore?(api: Client, id: string, desired: Attributes, context: RestoreContext): Promise<void>;
  /** The state id for a `terraform import` argument, and the attributes derived from it. */
  importId?(argument: string): { readonly id: string; readonly attributes: Attributes };
}

/** A create whose response was lost. */
export interface Lost {
  /** Start of the create, in milliseconds of this machine's clock. */
  readonly started: number;
  /**
   * How far the workspace's clock was ahead of this machine's then; absent if there had been no
   * response yet.
   */
  readonly difference?: number | undefined;
  /** The id of the object, if known. */
  readonly id?: string;
}

/**
 * Remembers a create (or a rename that changes the id) until its result is known, beyond the end of
 * the process.
 */
export interface PendingCreate {
  /**
   * @param difference of the workspace's clock, if known
   * @param id of the object, if known before the answer
   * @returns an earlier lost create of the same object, if there is one
   */
  begin(what: string, difference?: number, id?: string): Promise<Lost | undefined>;
  /** Removes the note, because the workspace rejected the create. */
  refused(): void;
}

export interface WriteContext {
  /**
   * The folder that relative paths in the configuration are resolved against (Terraform's working
   * directory).
   */
  readonly directory: string;
  readonly signal?: AbortSignal;
  readonly pending?: PendingCreate;
  /** The authentication method (`pat`, `oauth-m2m`): for the data source that returns it. */
  readonly authType?: string;
}

export interface RestoreContext extends WriteContext {
  /**
   * Top-level fields that are set in the workspace and omitted in the code, with the deployed value
   * if known: a call that does not mention them would leave them unchanged.
   */
  readonly cleared?: Attributes;
}

export interface Written {
  readonly id: string;
  /**
   * Values revealed only by the write (a token's value), or computed by the kind (md5): merged into
   * the planned state before the read that follows.
   */
  readonly attributes?: Attributes;
  /**
   * False: the official provider does not read after this write; planned values and `attributes`
   * are the state. Default: true.
   */
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
  /**
   * The complete state of the data source, including `id`; null fields may be omitted.
   * @throws ApiError, LakeformError
   */
  read(api: ReadClient, config: Attributes, context: WriteContext): Promise<Attributes>;
}

export interface Problem {
  readonly path: string;
  readonly message: string;
}
