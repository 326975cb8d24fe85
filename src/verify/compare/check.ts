/**
 * This folder compares the desired, deployed and remote values of a resource, and derives its
 * status. `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import { separateSettingReasons } from "../remote/not-read";
import { traitsOf } from "../../resources";
import type { KindReader, Remote } from "../../resources/kind";
import { compare } from "./compare";
import { covers, notReadReason, type Comparison, type Decision } from "./comparison";
import { compareContent } from "../remote/content";
import { staleReason } from "./state-is-current";
import type { Expected } from "../desired/expected";
import { unknownIn } from "../../resources/shape/shape";
import { fieldsOf, markSensitive } from "../fields/field-rules";
import type { IgnoreRules } from "./ignore";
import type { Finding, ResourceResult, Status } from "../model";
import { worst } from "../model";
import { compareTimestamp } from "../remote/secret";
import type { Sentence } from "../redactor";
import { taskGraph } from "./task-graph";
import type { DesiredObject } from "../expressions/values";
import { isFullyKnown, shallow } from "../expressions/values";

export interface CheckContext {
  readonly host: string;
  readonly rules: IgnoreRules;
  readonly trace?: (expected: Expected, decision: Decision) => void;
  /** Also compare the workspace with the state. */
  readonly compareState?: boolean;
}

export interface Checked {
  readonly result: ResourceResult;
  /** Fields that were not read and that the code does not set. */
  readonly unreadFields: readonly string[];
  /** Fields and separate settings that were not compared, with the reason. */
  readonly excludedFields: ReadonlyMap<string, string>;
  /** The complete remote object with its secrets wrapped; absent if it has no secrets. */
  readonly remoteWithSecrets?: DesiredObject;
  /**
   * With `compareState`: why the state may differ from the workspace; undefined if they are equal.
   */
  readonly stale?: string;
}

/** Returns the result of a resource whose status does not come from comparing fields. */
export function resultWithStatus(
  expected: Expected,
  status: Status,
  reason: Sentence,
  context: CheckContext,
): ResourceResult {
  const ruleIndex =
    status === "missing" || status === "pending"
      ? context.rules.find(queryForWholeObject(expected))
      : undefined;
  const ignored = ruleIndex === undefined ? undefined : context.rules.get(ruleIndex);
  context.trace?.(expected, {
    path: "",
    outcome: status === "pending" ? "pending" : "skipped",
    why: reason,
  });
  return {
    ...resultHead(expected, context),
    status: ignored === undefined ? status : "ignored",
    reason:
      ignored === undefined
        ? reason
        : [
            `${status}: `,
            ...[reason].flat(),
            `; ignored: ${ignored.reason} (until ${ignored.expires})`,
          ],
    findings: [],
    restorable: false,
  };
}

/**
 * Compares a resource with its object in the workspace.
 * @throws LakeformError if a local file with desired content cannot be read
 */
export async function check(
  expected: Expected,
  remote: Remote,
  context: CheckContext,
): Promise<Checked> {
  const { reader, desired } = expected;
  if (reader === undefined || desired === undefined)
    throw new Error(`nothing to compare ${expected.address} with`);
  const markedRemote = wrapSecrets(expected.type, remote);
  const unreadable = { ...remote.unreadable };
  const secretField = traitsOf(expected.type).comparedByTime;
  const isComparedByTime =
    secretField !== undefined &&
    (unreadable[secretField] !== undefined || omits(remote, secretField));
  const comparisonInput = {
    fields: fieldsOf(expected.type),
    rules: isComparedByTime
      ? {
          ...reader.rules,
          configOnly: { ...reader.rules.configOnly, [secretField]: "compared by write time" },
        }
      : reader.rules,
    fromRecord: expected.record !== undefined,
    ...inheritedValuesOf(expected),
    state: expected.state,
    remote: markedRemote,
    plainRemote: markedRemote === remote.attributes,
    ...defined({ policies: remote.policies }),
    unreadable,
    ...defined({ omitted: remote.omitted }),
    ...(context.trace === undefined
      ? {}
      : { trace: (decision: Decision) => context.trace?.(expected, decision) }),
  };
  const compared = compare({ ...comparisonInput, desired, deployed: expected.deployed });
  const contentFinding = isComparedByTime
    ? compareTimestamp(expected, remote)
    : await compareContent(expected, remote.content);
  if (contentFinding !== undefined)
    context.trace?.(expected, {
      path: contentFinding.path,
      outcome: contentFinding.status,
      why: contentFinding.reason,
    });
  const findings = [
    ...compared.findings,
    ...(contentFinding === undefined ? [] : [contentFinding]),
  ].map((finding) => applyRules(expected, finding, context));
  const status = worst(findings.map((finding) => finding.status));
  const tasks =
    traitsOf(expected.type).hasRuns === true && findings.length > 0
      ? taskGraph(desired, markedRemote, findings)
      : undefined;
  const result: ResourceResult = {
    ...resultHead(expected, context),
    id: remote.id,
    status,
    findings,
    ...restorability(reader, desired, findings),
    ...defined({ tasks }),
  };
  const unreadFields = compared.unreadFields.filter(
    (field) =>
      !findings.some((finding) => finding.reason === notReadReason && covers(field, finding.field)),
  );
  const stale =
    context.compareState === true ? staleReason(result, unreadFields, comparisonInput) : undefined;
  return {
    result,
    unreadFields,
    excludedFields: excludedFieldsOf(
      expected,
      compared.excludedFields,
      unknownIn(remote.attributes),
    ),
    ...(markedRemote === remote.attributes ? {} : { remoteWithSecrets: markedRemote }),
    ...defined({ stale }),
  };
}

/**
 * File content is compared by hash, and a secret by its time of writing: these fields do not count
 * as skipped.
 */
const comparedOtherwise: ReadonlySet<string> = new Set([
  "source",
  "content_base64",
  "md5",
  "string_value",
]);

function excludedFieldsOf(
  { type }: Expected,
  fields: ReadonlyMap<string, string>,
  unknown: readonly string[],
): ReadonlyMap<string, string> {
  return new Map([
    ...[...fields].filter(([field]) => !comparedOtherwise.has(field)),
    ...Object.entries(separateSettingReasons[type] ?? {}),
    ...(unknown.length === 0
      ? []
      : [
          [
            unknown.join(", "),
            "the workspace returns it, but the provider has no field for it",
          ] as const,
        ]),
  ]);
}

/**
 * Whether the kind has a `restore` operation. The type `KindReader` declares only the operations
 * that read, so this is determined at run time.
 */
function canRestore(reader: KindReader): boolean {
  return "restore" in reader && typeof reader.restore === "function";
}

/** Whether healing can write the object, and if not, why. */
function restorability(
  reader: KindReader,
  desired: DesiredObject,
  findings: readonly Finding[],
): Pick<ResourceResult, "restorable" | "notRestorable"> {
  const different = findings.filter(({ status }) => status === "drift" || status === "pending");
  if (different.length === 0) return { restorable: false };
  const refusal = (reason: string): Pick<ResourceResult, "restorable" | "notRestorable"> => ({
    restorable: false,
    notRestorable: reason,
  });
  if (!canRestore(reader)) return refusal(`a ${reader.title} cannot be updated`);
  const reasons = different.map(({ field }) => reader.rules.immutable?.[field]);
  if (reasons.every((reason) => reason !== undefined))
    return refusal(`the field can only be set when the object is created: ${reasons[0] ?? ""}`);
  if (!isFullyKnown(desired))
    return refusal(
      "verify cannot determine a value of the code (an expression, a secret), and writing the object without it would remove it",
    );
  return { restorable: true };
}

function omits(remote: Remote, field: string): boolean {
  return remote.omitted?.includes(field) === true;
}

/**
 * Returns the values that list elements got only because of their position. Those of the plan or
 * the latest apply take precedence over those of the record, which may be older.
 */
function inheritedValuesOf({
  record,
  address,
  inherited: latest,
}: Expected): Pick<Comparison, "inherited"> {
  const inherited = latest ?? record?.inherited?.[address];
  return inherited === undefined ? {} : { inherited };
}

/** Returns the attributes of a remote object with the sensitive ones wrapped. */
export function wrapSecrets(type: string, remote: Pick<Remote, "attributes">): DesiredObject {
  return markSensitive(type, remote.attributes);
}

function resultHead(
  expected: Expected,
  context: CheckContext,
): Pick<ResourceResult, "stack" | "address" | "kind" | "title" | "path"> & Partial<ResourceResult> {
  const { reader, desired, state, id, source } = expected;
  const attributes = shallow(state, desired);
  const name = reader?.identity.naturalKey(attributes);
  const link = id === undefined ? undefined : reader?.identity.link?.(context.host, id, attributes);
  return {
    stack: expected.target.name,
    address: expected.address,
    kind: expected.type,
    title: reader?.title ?? expected.type.replace(/^databricks_/, "").replaceAll("_", " "),
    path: expected.path,
    ...defined({ source }),
    ...(name === undefined ? {} : { name: displayName(name) }),
    ...defined({ id, link }),
  };
}

/** `name:daily-etl` → `daily-etl`; `scope+key:a|||b` → `a/b`. */
export function displayName(naturalKey: string): string {
  return naturalKey.slice(naturalKey.indexOf(":") + 1).replaceAll("|||", "/");
}

function queryForWholeObject(expected: Expected): {
  path: string;
  kind: string;
  fields: readonly string[];
} {
  return { path: expected.path, kind: expected.type, fields: [] };
}

function applyRules(expected: Expected, finding: Finding, context: CheckContext): Finding {
  if (finding.status !== "drift" && finding.status !== "pending") return finding;
  const { ignoreChanges } = expected;
  const isIgnored =
    ignoreChanges === "all" ||
    ignoreChanges.some((field) => covers(field.replaceAll(/\[[^\]]*\]/g, ""), finding.field));
  if (isIgnored)
    return {
      ...finding,
      status: "ignored",
      reason: [...[finding.reason].flat(), "; ignored by lifecycle.ignore_changes"],
    };
  const rule = context.rules.find({
    path: expected.path,
    kind: expected.type,
    fields: [finding.path, finding.field],
  });
  return rule === undefined
    ? finding
    : { ...finding, status: "ignored", ignored: { status: finding.status, rule } };
}
