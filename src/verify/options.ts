import type { ReadClient } from "../api/client";
import type { ShownDecision } from "./compare/comparison";
import type { SourcedRule } from "./compare/ignore";
import type { FindReader } from "./desired/expected";
import type { ResourceResult } from "./model";
import type { Shown } from "./redactor";
import type { VerifyTarget } from "./target";
import type { RemovedStack } from "./unmanaged/removed-stacks";

export interface VerifyOptions {
  readonly targets: readonly VerifyTarget[];
  readonly api: ReadClient;
  /**
   * Also read the fields that need one API call per object (run_as, access lists).
   * @default false
   */
  readonly deep?: boolean;
  /** Also compare the workspace with the state, for {@link Verification}. @default false */
  readonly compareState?: boolean;
  /**
   * Results of an earlier verification that are still valid: not read again, unless a list returns
   * the object anyway.
   */
  readonly known?: (stack: string, address: string) => ResourceResult | undefined;
  /** Determine the versions of matching objects, for {@link Verification}. @default false */
  readonly recordVersions?: boolean;
  /** Addresses whose values must be kept even if they match. */
  readonly keep?: ReadonlySet<string>;
  /** Find objects by their names instead of by a state. @default false */
  readonly byName?: boolean;
  /** Exit code 0 if `pending` is the worst status. @default false */
  readonly allowPending?: boolean;
  /**
   * `ours`: report unmanaged objects with the stamp or a name of a stack, or in its scopes and
   * folders; `all`: in the complete workspace.
   * @default "ours"
   */
  readonly unmanaged?: "ours" | "all" | "none";
  /** Rules of the ignore file, in addition to those of the stacks. */
  readonly ignore?: readonly SourcedRule[];
  /** Concurrent reads of objects. @default 16 */
  readonly concurrency?: number;
  /** Maximum size of content in bytes; larger content is unverifiable. @default 67,108,864 */
  readonly maxContentBytes?: number;
  /**
   * With `unmanaged: "all"`: maximum number of folders to list in each tree (workspace, DBFS, a
   * volume).
   * @default 2,000
   */
  readonly maxFolders?: number;
  /**
   * Loads the objects of other stacks. Called if an object belongs to none of the verified ones.
   */
  readonly others?: () => Promise<OtherStacks>;
  /** Deployed stacks that the code no longer has, and what could not be determined about them. */
  readonly removed?: {
    readonly stacks: readonly RemovedStack[];
    readonly unknown: readonly { readonly what: string; readonly reason: string }[];
  };
  readonly now?: () => Date;
  /** Values to hide in every report, in addition to those that the stacks declare as sensitive. */
  readonly secrets?: () => readonly string[];
  readonly signal?: AbortSignal;
  /** Remembers the result. @default it is not remembered */
  readonly memory?: MemoryOptions;
  /** Called after each resource. */
  readonly progress?: (done: number, total: number) => void;
  /** Called for each decision about a field (`--explain`). */
  readonly explain?: (
    subject: { readonly address: Shown; readonly path: Shown; readonly stack: string },
    decision: ShownDecision,
  ) => void;
  /** Only set by tests. @default the supported resource types */
  readonly findReader?: FindReader;
}

/** Objects in the states of stacks that are not verified, by `ownedKeyOf`. */
export interface OtherStacks {
  readonly owned: readonly string[];
  /** Stacks whose state could not be read, with the reason. */
  readonly failed: readonly { readonly stack: string; readonly reason: string }[];
}

/** Where a verification is remembered, and what it reads besides its options and the workspace. */
export interface MemoryOptions {
  /** A private folder of the project. */
  readonly folder: string;
  /**
   * Returns a digest of the states and local files; undefined if they cannot be determined without
   * verifying.
   */
  readonly localInputs: () => Promise<string | undefined>;
}
