/**
 * A *kind* describes one Terraform resource type. The embedded provider and the verifier are
 * generic and get everything specific to a type from its kind: the provider uses {@link Kind}, the
 * verifier only {@link KindReader}, which cannot write.
 */
import type { Client, ReadClient } from "../api/client";

/**
 * A value in Terraform's shape. Blocks are arrays of objects (a single block is an array of one);
 * an absent value is null or missing.
 */
export type Value = string | number | boolean | null | Value[] | { [field: string]: Value };
/** A resource, or a block of one, in Terraform's shape, by the field names of its schema. */
export type Attributes = Record<string, Value>;

/**
 * Rules are keyed by field path without indices, as in the Terraform schema:
 * `task.new_cluster.num_workers`. Properties in the schema (computed, sensitive, force_new,
 * default, list or set) are not repeated here: see `schema.ts`.
 */
export interface Rules {
  /**
   * The key field of each list that is compared by key instead of position: `task: "task_key"`.
   * `"*"` means that the list is compared as a set of complete values.
   */
  readonly keyed: Readonly<Record<string, string>>;
  /** Values that the platform sets if the configuration does not, and which are not a difference. */
  readonly backendDefaults: Readonly<Record<string, BackendDefault>>;
  /**
   * Fields that no REST call returns, with the reason. They are reported as unverifiable if the
   * configuration sets them.
   */
  readonly unverifiable: Readonly<Record<string, string>>;
  /**
   * Fields that exist only in the configuration (`source`, `no_wait`, `force_destroy`), with the
   * reason. They are never compared.
   */
  readonly configOnly: Readonly<Record<string, string>>;
  /**
   * Whether two values of a field are equivalent, such as JSON, SQL type names, or paths with and
   * without /Workspace.
   */
  readonly equivalent?: Readonly<Record<string, (a: Value, b: Value) => boolean>>;
  /**
   * Fields that the platform keeps if a write omits them, with the fix for the user, because
   * healing cannot clear them.
   */
  readonly cannotClear?: Readonly<Record<string, string>>;
  /**
   * Fields that no call can change, with the reason. A different value needs a new object, so
   * healing leaves it to Terraform.
   */
  readonly immutable?: Readonly<Record<string, string>>;
}

export interface BackendDefault {
  /** Why the platform sets the value, with the source. */
  readonly reason: string;
  /** Whether a remote value is accepted. `parent` is the block with the field. */
  readonly when: (remote: Value, parent: Attributes, remoteObject: Attributes) => boolean;
  /**
   * Set if more than one value is accepted. If the code does not set the field, a change from one of
   * them to another cannot be detected, which the report states.
   */
  readonly acceptsSeveral?: true;
  /**
   * Set if an absent value equals the accepted one: a documented default, whether or not the
   * workspace returns it.
   */
  readonly absentIsDefault?: true;
  /** Whether the value only repeats another field, where its change is reported. */
  readonly follows?: (remote: Value, parent: Attributes) => boolean;
}

export interface Identity {
  /**
   * Returns a key that identifies the object by its configuration alone: `name:daily-etl`,
   * `path:/Shared/x`, `scope+key:a|||b`. Undefined if a part is unknown.
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

/** What is compared of uploaded content. */
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
  /** The id in Terraform's state. */
  readonly id: string;
  /** Everything that REST returns, in Terraform's shape, without suppressing anything. */
  readonly attributes: Attributes;
  /** Set if the platform created the object, so that the code does not have to declare it. */
  readonly builtIn?: true;
  /** Paths of the omitted fields, if the object comes from a list that omits some. */
  readonly omitted?: readonly string[];
  /**
   * The time of the last change, in milliseconds, followed by other values that differ between
   * versions of the object (size, id). Absent if the platform returned no time. See `versionOf`.
   */
  readonly version?: string;
  /**
   * Fields that the workspace refused to return, with the reason (a secret's value without READ).
   * They count as unverifiable, not as different.
   */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** The content, or why it was not read; absent if the kind has no content. */
  readonly content?: Content | { readonly unread: string };
  /**
   * The workspaces that may use the object (`found`), or why they are unknown. No schema contains
   * them. `type` is the type in the URL; `workspace` is the id of the called workspace.
   */
  readonly bindings?:
    | { readonly type: string; readonly found: readonly Binding[]; readonly workspace: string }
    | { readonly unread: string };
  /** Further values of the response that are not attributes, such as the creator. */
  readonly extraState?: Readonly<Record<string, Value>>;
  /**
   * The values of the policies of its clusters. A map entry with such a value is not a difference if
   * the configuration lacks it.
   */
  readonly policies?: PolicyValues;
}

/**
 * The fixed and default values of cluster policies as strings, by the policy's id and by the path
 * in its definition (`custom_tags.team`).
 */
export type PolicyValues = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface ReadOptions {
  /**
   * Known attributes from state or code, because some kinds need more than the id to read an
   * object.
   */
  readonly known: Attributes;
  /**
   * Whether to also fetch data that needs a separate call (content, secret values, run_as). The
   * provider passes false, to make exactly the calls of the official provider.
   * @default true
   */
  readonly deep?: boolean;
  /** Set to omit the fields that need a further call, but not the content. */
  readonly brief?: boolean;
  /** Longer content is not read (`Remote.content.unread`). @default no limit */
  readonly maxContentBytes?: number;
  /** The object from a list, if only its content still has to be read. */
  readonly listed?: Remote;
  /**
   * The last deployer, if known. Permissions that a provider adds for the deployer are omitted,
   * like those of the caller.
   */
  readonly deployer?: string;
  readonly signal?: AbortSignal;
}

/** Properties of a kind that review, verify and deploy use. "It" is an object of the kind. */
export interface Traits {
  /** What a destroy loses, such as data or the objects inside it. Shown to reviewers. */
  readonly lostOnDestroy?: string;
  /** Set if it is a secret or contains secrets. */
  readonly secret?: true;
  /**
   * A field whose value REST may not return. `last_updated_timestamp`, the time of its last change,
   * is compared instead.
   */
  readonly comparedByTime?: string;
  /**
   * Set if it decides what others may do: permissions, bindings, network access, security settings
   * of the workspace. Reviewers see its changes among the permissions.
   */
  readonly grantsPermissions?: true;
  /**
   * Set if it uploads content; `exported` is the format in which the workspace exports deployed
   * content.
   */
  readonly content?: { readonly exported?: "SOURCE" | "AUTO" };
  /** Set if it has tasks and runs, whose history a destroy deletes. */
  readonly hasRuns?: true;
  /** Blocks that start it automatically. */
  readonly startBlocks?: readonly string[];
  /** Set if it has the tag `lakeform` with the stack's stamp. */
  readonly hasStamp?: true;
  /**
   * Set if its list returns complete settings and names are not unique: one pass over the list
   * compares all objects and finds unmanaged ones.
   */
  readonly comparedInList?: true;
  /**
   * Set if its list returns each object with all fields of a read by id (the kind cites the
   * source), so that several objects are read from the list. Contains the attributes that identify
   * the list's container; empty for a list of the complete workspace. `folder`: the list of the
   * folder with the object.
   */
  readonly readFromList?: readonly string[] | "folder";
  /**
   * Like `readFromList`, for a list that omits fields (`Remote.omitted`), which are then compared only
   * with `--deep`.
   */
  readonly listedPartly?: readonly string[];
  /**
   * Like `readFromList`, for a list whose objects have a `version`: an object with the version that
   * was recorded after the deploy is not read. `schema`: the list of the schema that its name
   * starts with.
   */
  readonly listedVersions?: readonly string[] | "folder" | "schema";
  /** Set if only its list shows its id; `container` is the attribute that narrows the list. */
  readonly foundInList?: { readonly container?: string };
  /** The attribute with the state id, if the schema has no `id`. */
  readonly idAttribute?: string;
  /** The attribute with the container in which the id is unique. */
  readonly idContainer?: string;
  /**
   * The access list at `/api/2.0/permissions/<request>/<id>`, if it has one. `byPath`: the id is a
   * path, but the URL needs the object id. `by`: the attribute that the URL contains instead of the
   * id.
   */
  readonly accessList?: { readonly request: string; readonly byPath?: true; readonly by?: string };
  /** The argument of `databricks_grants` for the object, if it has grants. */
  readonly securable?: string;
  /** The attribute that grants use as the object's name, if that is not the id. */
  readonly securableNameField?: string;
  /** Its `object_type` in `workspace/list`. */
  readonly treeType?: string;
  /** Types of objects inside it, listed with its id. */
  readonly contains?: readonly string[];
  /**
   * A block whose entries can also be separate resources, which have the object's id in `container`.
   */
  readonly separateEntries?: {
    readonly field: string;
    readonly type: string;
    readonly container: string;
  };
  /** The name of all objects of this type for messages, if `--unmanaged all` lists them. */
  readonly unmanagedTitle?: string;
  /** Set if a create adopts an existing object, so that such an object never prevents a create. */
  readonly createAdopts?: true;
}

/** The part of a kind that only reads, which the verifier uses. */
export interface KindReader {
  readonly type: string;
  /** The name for messages: `job`, `secret scope`. */
  readonly title: string;
  readonly identity: Identity;
  readonly rules: Rules;
  readonly traits?: Traits;
  /** Reads the object; undefined if it does not exist. @throws ApiError, LakeformError (bad id) */
  read(api: ReadClient, id: string, options: ReadOptions): Promise<Remote | undefined>;
  /**
   * Looks up the state id of a configured object, if neither its natural key nor a list contains
   * it.
   * @returns undefined if it does not exist
   */
  locate?(api: ReadClient, attributes: Attributes): Promise<string | undefined>;
  /**
   * Lists all objects of the kind with few calls; absent if REST has no such list. `container` is the
   * one (scope, folder) to list, if REST needs one.
   * @param skip objects that the caller ignores; the kind may leave them out
   */
  list?(
    api: ReadClient,
    container?: string,
    signal?: AbortSignal,
    skip?: (id: string) => boolean,
  ): AsyncIterable<Remote>;
  /** Lists the versions of the objects in a container, if `list` does not return them. */
  versions?(api: ReadClient, container?: string, signal?: AbortSignal): AsyncIterable<Remote>;
  /**
   * Hashes the content in a configuration like `Remote.content`; undefined if the kind has no
   * content. Paths are relative to `directory`.
   */
  desiredContent?(attributes: Attributes, directory: string): Promise<Content | undefined>;
  /** Returns the command that removes the object, which is printed for unmanaged objects. */
  removal(remote: Remote): string;
}

/** A complete kind, with the methods that the provider needs. */
export interface Kind extends KindReader {
  /**
   * Returns errors that the schema cannot express. A field whose value is not known yet is absent; a
   * field that is not set is null.
   */
  validate?(config: Attributes): readonly Problem[];
  /** Like `validate`, for errors that depend on files or the previous state; for a plan only. */
  validatePlan?(
    config: Attributes,
    prior: Attributes | undefined,
    context: WriteContext,
  ): Promise<readonly Problem[]>;
  /**
   * Whether the official provider suppresses a difference in a plan, so that the value of the state
   * is kept, by path as in {@link Rules}. Called only if the resource exists, and state and
   * configuration (after defaults) differ. Other fields with `diff_suppress` in the schema are
   * suppressed if the new value is empty.
   */
  readonly suppress?: Readonly<
    Record<
      string,
      (before: Value, after: Value, context: SuppressContext) => boolean | Promise<boolean>
    >
  >;
  /** Returns the configured value, completed from the state, by path as in {@link Rules}. */
  readonly adjust?: Readonly<
    Record<string, (before: Value, after: Value, config: Attributes) => Value>
  >;
  /** Defaults that depend on the machine or environment, by path as in {@link Rules}. */
  readonly defaults?: Readonly<Record<string, () => Value>>;
  /**
   * Whether a change forces a new object although the schema does not mark the field, by path as in
   * {@link Rules}.
   */
  readonly forcesNew?: Readonly<Record<string, (before: Value, after: Value) => boolean>>;
  /**
   * Converts the read object to the complete state that the official provider would write, starting
   * from `before`: the state, or the planned values right after a write, or the attributes from
   * `importId`. `fresh` is true if the object was just created or imported.
   * @default `stateOf`, which mostly does not read fields that the configuration omits
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
   * Heals an object: writes the desired values over REST without creating a new object. Absent if
   * that is impossible.
   */
  restore?(api: Client, id: string, desired: Attributes, context: RestoreContext): Promise<void>;
  /**
   * Returns the state id for an argument of `terraform import`, and the attributes derived from it.
   */
  importId?(argument: string): { readonly id: string; readonly attributes: Attributes };
}

/** A create, or a rename, whose response was lost. */
export interface LostCreate {
  /** Start of the create in milliseconds, by the local clock. */
  readonly started: number;
  /**
   * How many milliseconds the workspace's clock was ahead of the local clock at that time; absent
   * if there was no response yet.
   */
  readonly difference?: number | undefined;
  /** The id of the object, if known. */
  readonly id?: string;
}

/**
 * Remembers a create, or a rename that changes the id, until its result is known, even if this
 * process ends before.
 */
export interface PendingCreate {
  /**
   * Writes the note.
   * @param difference how far the workspace's clock is ahead, if known
   * @param id the id of the object, if known before the response
   * @returns an earlier lost create of the same object, if there is one
   */
  begin(objectKey: string, difference?: number, id?: string): Promise<LostCreate | undefined>;
  /** Removes the note, because the workspace rejected the create. */
  discard(): void;
}

export interface WriteContext {
  /**
   * The folder that relative paths in the configuration are resolved against (Terraform's working
   * directory).
   */
  readonly directory: string;
  readonly signal?: AbortSignal;
  readonly pending?: PendingCreate;
  /** The authentication method (`pat`, `oauth-m2m`), for the data source that returns it. */
  readonly authType?: string;
}

export interface RestoreContext extends WriteContext {
  /**
   * Top-level fields that the workspace sets and the code omits, with the deployed value if known.
   * A call without these fields would leave them unchanged.
   */
  readonly cleared?: Attributes;
}

export interface Written {
  readonly id: string;
  /**
   * Values that only the write returns (a token's value) or that the kind computes (md5). They are
   * merged into the planned state before the read that follows.
   */
  readonly attributes?: Attributes;
  /**
   * Whether the official provider reads the object after this write. If not, the planned values and
   * `attributes` become the state.
   * @default true
   */
  readonly readAfter?: boolean;
}

export interface SuppressContext extends WriteContext {
  readonly prior: Attributes;
  readonly config: Attributes;
  /** The workspace's host, for kinds whose state depends on it. */
  readonly host?: string;
}

/** A data source, which is only read. */
export interface DataKind {
  /** The type with the prefix `databricks_` and without `data.`: `databricks_current_user`. */
  readonly type: string;
  readonly title: string;
  validate?(config: Attributes): readonly Problem[];
  /**
   * Returns the complete state of the data source, including `id`. Null fields may be omitted.
   * @throws ApiError, LakeformError
   */
  read(api: ReadClient, config: Attributes, context: WriteContext): Promise<Attributes>;
}

export interface Problem {
  /** With indices: `task.0.task_key`. */
  readonly path: string;
  readonly message: string;
}
