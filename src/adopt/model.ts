/** The data of an adoption, from selection to report. */
import type { Remote } from "../resources/kind";
import type { AdoptedObject, ArtifactType } from "./code/context";

/** The values of `--follow`: types of objects that a job can use. */
export const followable = [
  "catalogs",
  "clusters",
  "dbfs",
  "files",
  "grants",
  "notebooks",
  "permissions",
  "policies",
  "pools",
  "repos",
  "schemas",
  "scopes",
  "volumes",
  "warehouses",
] as const;
export type Followed = (typeof followable)[number];

/** A job as read from the API. `raw` also has the fields that Terraform's schema lacks. */
export interface FoundJob {
  readonly id: string;
  readonly name: string;
  /** The settings in the format of the API. */
  readonly raw: Readonly<Record<string, unknown>>;
  /** The job in the format of Terraform. */
  readonly remote: Remote;
  /** The value by which other objects refer to the job, if it is not `id`. */
  readonly reference?: string;
  /** The name in the code, if it is not `name`. */
  readonly key?: string;
  /**
   * The access list, if the source contains it. The list's id is "" if the workspace does not have
   * the list yet.
   */
  readonly access?: AdoptedObject["access"];
}

/** A notebook or file that exists locally. */
export interface LocalArtifact {
  readonly type: ArtifactType;
  /** Path in the workspace without /Workspace. */
  readonly path: string;
  /** The path in the adopted folder, from which the name in the code is derived. */
  readonly key: string;
  /** Absolute path of the local file. */
  readonly file: string;
  /** Whether the workspace already has the notebook or file. */
  readonly exists: boolean;
}

/** The objects that the project already has, so that a second run adds only new ones. */
export interface Known {
  /** The stack that has the object in its code or state, by `type id`. */
  readonly owners: ReadonlyMap<string, string>;
  /** Construct ids of the stack to extend. */
  readonly constructIds: readonly string[];
  /** File names in the stack's folder, without extension. */
  readonly files: readonly string[];
  /** Members of the stack's class. */
  readonly members: readonly string[];
}

/** A remark in the report of an adoption. */
export interface Note {
  /** The object that the note is about: `job nightly`. */
  readonly object: string;
  readonly text: string;
}

export interface GeneratedFile {
  /** Path relative to the project. */
  readonly path: string;
  readonly content: string | Buffer;
}

/** A member of the stack's class, which creates one adopted object. */
export interface Member {
  readonly name: string;
  /** The module, relative to the stack's file: `./daily-etl`. */
  readonly module: string;
  /** The names of the members that are passed to the function of this member. */
  readonly parameters: readonly string[];
}

export interface Generated {
  readonly files: readonly GeneratedFile[];
  readonly members: readonly Member[];
  /** Number of objects with an import block. */
  readonly imports: number;
  readonly notes: readonly Note[];
}
