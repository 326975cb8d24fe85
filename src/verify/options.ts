import type { ReadClient } from "../api/client";
import type { Decision } from "./compare/comparison";
import type { SourcedRule } from "./compare/ignore";
import type { FindReader } from "./desired/expected";
import type { VerifyTarget } from "./target";

export interface VerifyOptions {
  readonly targets: readonly VerifyTarget[];
  readonly api: ReadClient;
  /** Also ask what costs a call for each object (run_as, access lists). @default false */
  readonly deep?: boolean;
  /** Also compare the workspace with the state, for {@link whyStale}. @default false */
  readonly compareState?: boolean;
  /** Addresses of which {@link desiredOf} is to know even if they match. */
  readonly keep?: ReadonlySet<string>;
  /** Find objects by their names instead of a state. @default false */
  readonly byName?: boolean;
  /** `pending` alone is exit code 0. @default false */
  readonly allowPending?: boolean;
  /** `ours`: what carries our stamp or name, or lies in our scopes and folders; `all`: the whole workspace, by kind. @default "ours" */
  readonly unmanaged?: "ours" | "all" | "none";
  /** Rules of the ignore file; those of the stacks come on top. */
  readonly ignore?: readonly SourcedRule[];
  /** Objects read at the same moment. @default 16 */
  readonly concurrency?: number;
  /** Content over this is unverifiable. Bytes. @default 67,108,864 */
  readonly maxContentBytes?: number;
  /** With `unmanaged: "all"`: folders listed in each tree (workspace, DBFS, a volume). @default 2,000 */
  readonly maxFolders?: number;
  /** What the other stacks beside these own, asked when something belongs to none of these. */
  readonly others?: () => Promise<OtherStacks>;
  readonly now?: () => Date;
  /** Values that no report shows, besides those that the stacks themselves call sensitive. */
  readonly secrets?: () => readonly string[];
  readonly signal?: AbortSignal;
  /** Called after each resource. */
  readonly progress?: (done: number, total: number) => void;
  /** Called with each decision about each field (`--explain`). */
  readonly explain?: (subject: { readonly address: string; readonly path: string; readonly stack: string }, decision: Decision) => void;
  /** For tests. @default the kinds of lakeform */
  readonly findReader?: FindReader;
}

/** Objects in the states of stacks that are not verified, by `ownedKeyOf`. */
export interface OtherStacks {
  readonly owned: readonly string[];
  /** Stacks whose state could not be had, with the reason. */
  readonly failed: readonly { readonly stack: string; readonly reason: string }[];
}
