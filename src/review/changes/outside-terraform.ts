import { defined } from "../../defined";
import { traitsOf } from "../../resources";
import type { Json, Overwritten, ResourceChange } from "../model";
import type * as model from "../model";
import { setsContent } from "./content";
import { diffFields } from "./diff";
import type { VerifiedResource, VerifyInput } from "./healing";
import { indexOf, PathIndex, untilUnkeyedList } from "./paths";
import { show } from "./unknown-and-sensitive";
import { list, object } from "../plan/json";
import type { PlanChange } from "../plan/plan";
import type { StackFacts } from "../plan/stack";
import type { LabelledPath } from "../../verify/redactor";
import { fieldsOf } from "../../verify/fields/field-rules";
import type { TypeRules } from "./change";

/**
 * A difference before it is known whether healing resolves it. The field is in clear text, because
 * it is compared with the plan. The values are without secrets.
 */
export type RawLeftOut = Omit<model.LeftOut, "heals"> & Pick<LabelledPath, "label">;
type RawOverwritten = Overwritten & Pick<LabelledPath, "label">;

/** Local paths and fields that only Terraform uses: changing them does not change the workspace. */
const configOnly = new Set([
  "source",
  "md5",
  "etag",
  "no_wait",
  "force_destroy",
  "force",
  "timeouts",
  "keep_on_destroy",
  "wait_for_resource",
]);

interface Sources {
  readonly stack: StackFacts;
  readonly previous?: StackFacts;
  readonly verify?: VerifyInput;
  readonly stackName: string;
  readonly plans: ReadonlyMap<string, PlanChange>;
  readonly changes: ReadonlyMap<string, ResourceChange>;
  readonly rules: (type: string) => TypeRules;
}

/**
 * Finds differences that Terraform's plan does not show. The official provider plans nothing when
 * `queue` or `run_as` is removed from the code, and does not read fields that the code omits. So
 * this function compares the stack with the deployed one (record) and the workspace (verify's
 * report) or, if there is neither, with the state.
 */
export function findLeftOut(sources: Sources): RawLeftOut[] {
  const entries = new Map<string, RawLeftOut>();
  const reported = new Map<string, PathIndex>();
  const add = (entry: RawLeftOut): void => {
    const change = sources.changes.get(entry.address);
    const type = sources.stack.resources.get(entry.address)?.type ?? change?.type ?? "";
    const place = placeOf(entry.field, type, sources);
    if (change !== undefined && (change.action !== "update" || covers(change, place))) return;
    // If the record shows that `queue` was removed and verify shows that `queue.enabled` differs,
    // report only one of them.
    const reportedPaths = reported.get(`${entry.cause} ${entry.address}`) ?? new PathIndex();
    reported.set(`${entry.cause} ${entry.address}`, reportedPaths);
    const key = `${entry.address} ${entry.field}`;
    if (entries.has(key) || reportedPaths.overlaps(place)) return;
    entries.set(key, entry);
    reportedPaths.add(place);
  };
  // The first difference at a place is kept. Verify's differences come first, because healing needs
  // their paths.
  addFromVerify(sources, add);
  addFromRecord(sources, add);
  addFromState(sources, add);
  return [...entries.values()].sort((a, b) =>
    `${a.address} ${a.field}` < `${b.address} ${b.field}` ? -1 : 1,
  );
}

function addFromRecord(
  { stack, previous, rules }: Sources,
  add: (entry: RawLeftOut) => void,
): void {
  if (previous === undefined) return;
  for (const [address, resource] of stack.resources) {
    const previousResource = previous.resources.get(address);
    if (
      previousResource === undefined ||
      JSON.stringify(previousResource.config) === JSON.stringify(resource.config)
    )
      continue;
    for (const field of diffFields(previousResource.config, resource.config, {
      rules: rules(resource.type).keyed,
      fields: fieldsOf(resource.type),
    })) {
      if (configOnly.has(field.field) || hasExpression(field.before) || hasExpression(field.after))
        continue;
      add({
        address,
        path: resource.path,
        field: field.path,
        cause: "code",
        ...definedSides(field.before, field.after),
      });
    }
  }
}

function addFromVerify(
  { verify, stackName, stack }: Sources,
  add: (entry: RawLeftOut) => void,
): void {
  if (verify === undefined) return;
  for (const resource of verify.resources) {
    if (resource.stack !== stackName) continue;
    const path = stack.resources.get(resource.address)?.path ?? resource.path;
    for (const finding of resource.findings) {
      if (finding.status !== "drift" && finding.status !== "pending") continue;
      const isDrift = finding.status === "drift";
      const [before, after] = shownSides(finding, isDrift ? "remote" : "deployed", verify);
      add({
        address: resource.address,
        path,
        field: finding.path,
        ...defined({ label: finding.label }),
        cause: isDrift ? "workspace" : "code",
        ...definedSides(before, after),
      });
    }
  }
}

/**
 * Finds omitted changes without a record or report. `queue` is in the state only if the code once
 * enabled or disabled it, so an enabled queue that is not in the code was removed.
 */
function addFromState(
  { stack, plans, previous, verify }: Sources,
  add: (entry: RawLeftOut) => void,
): void {
  if (previous !== undefined || verify !== undefined) return;
  for (const [address, resource] of stack.resources) {
    if (traitsOf(resource.type).hasRuns !== true || resource.config.queue !== undefined) continue;
    const queue = object(list(object(plans.get(address)?.before).queue)[0]);
    if (queue.enabled === true)
      add({
        address,
        path: resource.path,
        field: "queue",
        cause: "code",
        before: { enabled: true },
      });
  }
}

/** Finds changes made in the workspace that this plan reverts. */
export function findOverwritten(sources: Sources, drift: readonly PlanChange[]): RawOverwritten[] {
  const entries = new Map<string, RawOverwritten>();
  const { verify, stackName } = sources;
  for (const resource of verify?.resources ?? []) {
    if (verify === undefined || resource.stack !== stackName) continue;
    const change = sources.changes.get(resource.address);
    if (change === undefined || (change.action !== "update" && change.action !== "replace"))
      continue;
    for (const finding of resource.findings) {
      if (
        finding.status !== "drift" ||
        !covers(change, placeOf(finding.path, change.type, sources))
      )
        continue;
      const [remote, after] = shownSides(finding, "remote", verify);
      entries.set(`${change.address} ${finding.path}`, {
        address: change.address,
        path: change.path,
        field: finding.path,
        ...defined({ label: finding.label }),
        ...(remote === null ? {} : { remote }),
        ...(after === null ? {} : { after }),
      });
    }
  }
  for (const entry of drift) {
    const change = sources.changes.get(entry.address);
    if (change === undefined || (change.action !== "update" && change.action !== "replace"))
      continue;
    const driftedFields = indexOf(
      diffFields(entry.before, entry.after, {
        rules: sources.rules(entry.type).keyed,
        fields: fieldsOf(entry.type),
      }),
    );
    const placeIn = (path: string): string => placeOf(path, change.type, sources);
    const listedFields = new PathIndex(
      [...entries.values()]
        .filter(({ address }) => address === change.address)
        .map(({ field }) => placeIn(field)),
    );
    for (const field of change.fields) {
      const place = placeIn(field.path);
      if (!driftedFields.overlaps(field.path) || listedFields.overlaps(place)) continue;
      listedFields.add(place);
      entries.set(`${change.address} ${field.path}`, {
        address: change.address,
        path: change.path,
        field: field.path,
        ...defined({ remote: field.before, after: field.after }),
      });
    }
  }
  return [...entries.values()].sort((a, b) =>
    `${a.address} ${a.field}` < `${b.address} ${b.field}` ? -1 : 1,
  );
}

/** Returns the previous value and the value in the code, without secrets. */
function shownSides(
  finding: VerifiedResource["findings"][number],
  before: "remote" | "deployed",
  { redactor }: VerifyInput,
): readonly [Json, Json] {
  if (finding.sensitive) return [sensitiveMarker, sensitiveMarker];
  return [show(redactor.value(finding[before])), show(redactor.value(finding.desired))];
}

/** Returns the entries with their paths and fields without secrets. */
export const withoutSecrets = <Entry extends RawOverwritten>(
  entries: readonly Entry[],
  verify: VerifyInput | undefined,
): Omit<Entry, "label">[] =>
  entries.map(({ label, ...entry }) =>
    verify === undefined
      ? entry
      : {
          ...entry,
          path: verify.redactor.heading(entry.path),
          field: verify.redactor.path({ path: entry.field, ...defined({ label }) }),
        },
  );

const sensitiveMarker: Json = { $lakeform: "sensitive" };
const covers = (change: ResourceChange, place: string): boolean =>
  place === "content"
    ? change.fields.some(({ path }) => setsContent(change.type, path))
    : indexOf(change.fields).overlaps(place);
/** Returns a path for the comparison of review and verify, which calls all content `content`. */
const placeOf = (path: string, type: string, { rules }: Sources): string =>
  setsContent(type, path) ? "content" : untilUnkeyedList(path, fieldsOf(type), rules(type).keyed);
const hasExpression = (value: Json | undefined): boolean =>
  value !== undefined && JSON.stringify(value).includes("${");
const definedSides = (
  before: Json | undefined,
  after: Json | undefined,
): { before?: Json; after?: Json } => ({
  ...(before === undefined || before === null ? {} : { before }),
  ...(after === undefined || after === null ? {} : { after }),
});
