/** What a comparison is given and what comes out of it: the words that the files of this room share. */
import type { PolicyValues, Rules } from "../../resources/kind";
import type { Desired, DesiredObject } from "../expressions/values";
import type { FieldNode } from "../fields/field-node";
import type { Fields } from "../fields/field-rules";
import type { Finding } from "../model";
import type { InheritedValues } from "../deployed/record";
import type { Shower } from "./redactor";

export interface Comparison {
  readonly fields: Fields;
  readonly rules: Rules;
  /** What the code says now. */
  readonly desired: DesiredObject;
  /** What was last deployed; undefined when nobody knows (found by name). */
  readonly deployed: DesiredObject | undefined;
  /** True when `deployed` is what the code said at the last deploy (record), and not what the state has. */
  readonly said?: boolean;
  /** Values that a deploy gave an element only because another one stood at its position, by path. */
  readonly inherited?: InheritedValues[string];
  /** Terraform's state, which also holds what the backend filled in. */
  readonly state: DesiredObject | undefined;
  readonly remote: DesiredObject;
  /** True when it is known that nothing in `remote` is wrapped. @default it is looked at */
  readonly plainRemote?: boolean;
  /** Fields that the read left out because they cost a call of their own. */
  readonly omitted?: readonly string[];
  /** Fields that the workspace refused to tell, with the reason. */
  readonly unreadable?: Readonly<Record<string, string>>;
  /** What the policies of the clusters supply. */
  readonly policies?: PolicyValues;
  readonly shower: Shower;
  readonly trace?: (decision: Decision) => void;
}

/** Why a field is what it is, for `--explain`. */
export interface Decision {
  readonly path: string;
  readonly outcome: "equal" | "accepted" | "skipped" | Finding["status"];
  readonly why: string;
}

export interface Compared {
  readonly findings: readonly Finding[];
  /** Fields that the code does not set and that were not asked for. */
  readonly notAsked: readonly string[];
  /** Fields that are set and that a rule leaves out of the comparison, with the rule's reason. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/** Where the walk is: the field, and the path that a person reads. */
export interface Place {
  readonly node: FieldNode;
  readonly path: string;
}

/** One field on all four sides: desired, previously deployed, state, remote. */
export interface Sides {
  readonly d: Desired | undefined;
  readonly p: Desired | undefined;
  readonly s: Desired | undefined;
  readonly r: Desired | undefined;
}

export const notAskedReason = "not checked: needs one API call per object (use --deep)";

/** True when a path is the field or a block around it. */
export function covers(path: string, field: string): boolean {
  return field.startsWith(path) && (field.length === path.length || field[path.length] === ".");
}
