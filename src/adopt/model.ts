/** What an adoption is made of, from the question to the report. */
import type { Remote } from "../resources/kind";

/** Kinds of objects that a job uses, as `--follow` names them. */
export const followable = ["clusters", "files", "notebooks", "permissions", "policies", "pools", "warehouses"] as const;
export type Followed = (typeof followable)[number];

/** A job as it was read: `raw` has what Terraform's schema has no place for. */
export interface FoundJob {
  readonly id: string;
  readonly name: string;
  readonly raw: Readonly<Record<string, unknown>>;
  readonly remote: Remote;
}

/** What the project has already, so that a second run adds only what is new. */
export interface Known {
  /** By `type id`: the stack that has the object in its code or in its state. */
  readonly owners: ReadonlyMap<string, string>;
  /** Construct ids of the stack that is written to. */
  readonly constructIds: readonly string[];
  /** Names of files in its folder, without extension. */
  readonly files: readonly string[];
  /** Members of its class. */
  readonly members: readonly string[];
}

export interface Note {
  readonly object: string;
  readonly text: string;
}

export interface GeneratedFile {
  /** Relative to the project. */
  readonly path: string;
  readonly content: string | Buffer;
}

/** A member of the stack's class: an adopted object. */
export interface Member {
  readonly name: string;
  /** The module, relative to the stack's file: `./daily-etl`. */
  readonly module: string;
  readonly parameters: readonly string[];
}

export interface Generated {
  readonly files: readonly GeneratedFile[];
  readonly members: readonly Member[];
  /** Objects with an import block. */
  readonly imports: number;
  readonly notes: readonly Note[];
}
