/** The input and output types of a comparison, shared by the files of this folder. */
import type { PolicyValues, Rules } from "../../resources/kind";
import type { Desired, DesiredObject } from "../expressions/values";
import type { FieldNode } from "../fields/field-node";
import type { Fields } from "../fields/field-rules";
import type { Finding } from "../model";
import type { InheritedValues } from "../deployed/record";
import type { LabelledPath, Sentence, Shown } from "../redactor";

export interface Comparison {
  readonly fields: Fields;
  readonly rules: Rules;
  /** The current code. */
  readonly desired: DesiredObject;
  /** The last deployed version; undefined if unknown (found by name). */
  readonly deployed: DesiredObject | undefined;
  /**
   * True if `deployed` is the code of the last deploy (from the record), not the content of the
   * state.
   */
  readonly fromRecord?: boolean;
  /** Values that a deploy gave an element only because another one was at its position, by path. */
  readonly inherited?: InheritedValues[string];
  /** Terraform's state, which also has values that the backend filled in. */
  readonly state: DesiredObject | undefined;
  readonly remote: DesiredObject;
  /** True if nothing in `remote` is wrapped. @default determined from `remote` */
  readonly plainRemote?: boolean;
  /** Fields that the read skipped because they cost a call of their own. */
  readonly omitted?: readonly string[];
  /** Fields that the workspace refused to return, with the reason. */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** Values supplied by the clusters' policies. */
  readonly policies?: PolicyValues;
  readonly trace?: (decision: Decision) => void;
}

/** The reason for a field's result, for `--explain`. */
export interface Decision extends LabelledPath {
  readonly outcome: "equal" | "accepted" | "skipped" | Finding["status"];
  readonly why: Sentence;
}

/** A decision without secrets. */
export interface ShownDecision extends Pick<Decision, "outcome"> {
  readonly path: Shown;
  readonly why: Shown;
}

export interface Compared {
  readonly findings: readonly Finding[];
  /** Fields that the code does not set and that were not read. */
  readonly unreadFields: readonly string[];
  /** Set fields that a rule excludes from the comparison, with the rule's reason. */
  readonly excludedFields: ReadonlyMap<string, string>;
}

/** The current position: the field and its readable path. */
export interface FieldPosition extends LabelledPath {
  readonly node: FieldNode;
}

/** One field on all four sides: desired, previously deployed, state, remote. */
export interface Sides {
  readonly desired: Desired | undefined;
  readonly deployed: Desired | undefined;
  readonly state: Desired | undefined;
  readonly remote: Desired | undefined;
}

export const notReadReason = "not checked: needs one API call per object (use --deep)";

/** True if a path is the field or a block around it. */
export function covers(path: string, field: string): boolean {
  return field.startsWith(path) && (field.length === path.length || field[path.length] === ".");
}
