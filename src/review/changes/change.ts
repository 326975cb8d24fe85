/**
 * This folder lists the differences of each resource by field, including those that Terraform does
 * not see. `scripts/import-order.cjs` lists what it may import.
 */
import { defined } from "../../defined";
import { traitsOf } from "../../resources";
import { LakeformError } from "../../errors";
import type { Action, FieldChange, ResourceChange } from "../model";
import { diffFields, type DiffContext } from "./diff";
import { annotateBoth, Sensitive, Unknown, type Origin } from "./unknown-and-sensitive";
import { isEmpty, isList, isObject, object, text, type JsonObject } from "../plan/json";
import { keysOf, type KeyRules } from "./list-keys";
import { fieldsOf, type Fields } from "../../verify/fields/field-rules";
import type { PlanChange } from "../plan/plan";
import { expressionIn, valueAt, type StackResource } from "../plan/stack";

/** Additional comparison rules of a kind; see `rulesOf`. */
export interface TypeRules {
  readonly keyed: KeyRules;
  readonly equivalent?: (field: string, a: unknown, b: unknown) => boolean;
}

/**
 * Returns the action of a change; undefined for no change.
 * @throws LakeformError PLAN_UNREADABLE for an unknown action
 */
export function actionOf(change: PlanChange): Action | undefined {
  const actions = [...change.actions].sort().join(",");
  const action = actionNames[actions];
  if (action !== undefined) return action;
  if (actions !== "no-op") {
    throw new LakeformError("PLAN_UNREADABLE", "the plan has an unsupported change", {
      path: change.address,
      value: actions,
      allowed: "no-op, create, update, delete, read, forget, and a delete or forget with a create",
      fix: "use a Terraform version that this lakeform supports",
    });
  }
  if (change.importing) return "import";
  return change.previousAddress === undefined ? undefined : "move";
}

/** Returns the expression that a value in the code comes from, if it is an expression. */
export function originOf(value: unknown): Origin {
  const from = expressionIn(value);
  return from === undefined ? {} : { from };
}

const actionNames: Readonly<Record<string, Action>> = {
  create: "create",
  delete: "delete",
  update: "update",
  read: "read",
  forget: "forget",
  "create,delete": "replace",
  "create,forget": "replace",
};

/**
 * Lists the differences of one planned change.
 * @param formerPath the construct path of a resource that is no longer in the code
 * @param readable returns the origin of a value in the code, in readable form
 * @returns undefined for a resource that does not change
 */
export function readResourceChange(
  change: PlanChange,
  resource: StackResource | undefined,
  rules: TypeRules,
  formerPath?: string,
  readable: (value: unknown) => Origin = (value) => originOf(value),
): ResourceChange | undefined {
  const action = actionOf(change);
  if (action === undefined) return undefined;
  const { before, after } = annotateBoth(
    change.type,
    { value: change.before, sensitive: change.beforeSensitive },
    { value: change.after, unknown: change.afterUnknown, sensitive: change.afterSensitive },
  );
  const fieldInfos = fieldsOf(change.type);
  const context: DiffContext = {
    rules: rules.keyed,
    fields: fieldInfos,
    origin: (path) => (resource === undefined ? {} : readable(valueAt(resource.config, path))),
    ...defined({ equivalent: rules.equivalent }),
  };
  const { planned, computed } = separateComputed(before, after, {
    resource,
    rules: rules.keyed,
    readable,
    fields: fieldInfos,
  });
  const forcedPaths = change.replacePaths.map((path) =>
    path.filter((part) => typeof part === "string").join("."),
  );
  // A deleted or forgotten object is shown with its id and title, without its fields.
  const fields =
    action === "delete" || action === "forget"
      ? []
      : diffFields(before, planned, context).map((field) => markForced(field, forcedPaths));
  const id = text(object(change.before).id);
  // A replaced object is shown with its current name.
  const [first, second] =
    action === "replace" ? [change.before, change.after] : [change.after, change.before];
  const title =
    titleOf(object(first)) ??
    titleOf(object(second)) ??
    describeTarget(change.type, object(first), resource, readable);
  const reason =
    change.deposed === undefined
      ? reasonOf(change.reason)
      : `it is left over from a failed replacement (${change.deposed})`;
  return {
    address: change.address,
    type: change.type,
    // Instances of `count` and `for_each` are distinguished by their index.
    path:
      resource === undefined
        ? (formerPath ?? change.address)
        : `${resource.path}${change.address.slice(resource.address.length)}`,
    ...defined({ source: resource?.source, title }),
    action,
    ...defined({ movedFrom: change.previousAddress }),
    ...(change.importing && action !== "import" ? { imported: true as const } : {}),
    ...defined({ id, reason }),
    forcedBy:
      forcedPaths.length === 0
        ? []
        : [
            ...new Set(
              fields
                .filter((field) => field.forces)
                .map((field) => field.path)
                .concat(invisibleForces(forcedPaths, fields)),
            ),
          ],
    fields,
    computed,
  };
}

/**
 * Separates the unknown values that the provider fills in, because the code does not set them
 * (`id`, `url`, `job_cluster.new_cluster.driver_node_type_id`). The review lists them by name only:
 * the previous value replaces them, so that they do not count as changes. If the code is not
 * available, this applies only to `id` and to unknown values without a previous value.
 * @returns the planned values with these replaced, and their paths
 */
function separateComputed(
  before: unknown,
  after: unknown,
  {
    resource,
    rules,
    readable,
    fields,
  }: {
    resource: StackResource | undefined;
    rules: KeyRules;
    readable: (value: unknown) => Origin;
    fields: Fields;
  },
): { planned: unknown; computed: string[] } {
  const computed = new Set<string>();
  const walk = (
    previous: unknown,
    planned: unknown,
    configured: unknown,
    field: string,
    isEntry = false,
  ): unknown => {
    if (planned instanceof Unknown) {
      if (resource === undefined ? isEmpty(previous) || field === "id" : isEmpty(configured)) {
        computed.add(field);
        return previous ?? null;
      }
      const origin = readable(configured);
      return origin.after === undefined ? planned : new Unknown(origin);
    }
    if (isList(planned)) {
      if (planned.length === 0) return planned;
      const [previousList, code] = [
        isList(previous) ? previous : [],
        isList(configured) ? configured : isEmpty(configured) ? [] : [configured],
      ];
      const key = keysOf(field, [planned], rules);
      const counterpart = (list: readonly unknown[], element: unknown, index: number): unknown =>
        typeof key === "function"
          ? list.find((candidate) => isObject(candidate) && key(candidate) === key(element))
          : list.length === planned.length
            ? list[index]
            : undefined;
      return planned.map((element, index) =>
        walk(
          counterpart(previousList, element, index),
          element,
          counterpart(code, element, index),
          field,
        ),
      );
    }
    // In a new block, providers plan "", 0 and false for omitted fields. The review hides these,
    // except in maps, where they are real values.
    if (
      resource !== undefined &&
      !isEntry &&
      (planned === 0 || planned === false || planned === "") &&
      isEmpty(previous) &&
      isEmpty(configured)
    )
      return null;
    if (!isObject(planned) || planned instanceof Sensitive) return planned;
    const [previousObject, code] = [
      object(previous),
      object(isList(configured) ? configured[0] : configured),
    ];
    const isMap =
      fields.get(field)?.is === "map" || (fields.size === 0 && text(configured) !== undefined);
    let copy: Record<string, unknown> | undefined;
    for (const key in planned) {
      const inner = planned[key];
      // Absent fields stay absent, and a nonempty string is never computed.
      if (inner === null || inner === undefined || (typeof inner === "string" && inner !== ""))
        continue;
      const result = walk(
        previousObject[key],
        inner,
        code[key],
        field === "" ? key : `${field}.${key}`,
        isMap,
      );
      if (result !== inner) (copy ??= { ...planned })[key] = result;
    }
    return copy ?? planned;
  };
  return { planned: walk(before, after, resource?.config, ""), computed: [...computed].sort() };
}

function markForced(field: FieldChange, forcedPaths: readonly string[]): FieldChange {
  return forcedPaths.some((path) => isAtPath(field, path)) ? { ...field, forces: true } : field;
}

/** True if the field is at the path, or one contains the other. */
const isAtPath = ({ field }: FieldChange, path: string): boolean =>
  field === path || field.startsWith(`${path}.`) || path.startsWith(`${field}.`);

/**
 * Returns the fields that force a replacement without a visible difference, because they depend on
 * an unknown value.
 */
function invisibleForces(forcedPaths: readonly string[], fields: readonly FieldChange[]): string[] {
  return forcedPaths.filter(
    (path) => !fields.some((field) => field.forces && isAtPath(field, path)),
  );
}

/** Names the object that permissions or grants apply to: `on job 12`. */
function describeTarget(
  type: string,
  values: JsonObject,
  resource: StackResource | undefined,
  readable: (value: unknown) => Origin,
): string | undefined {
  if (traitsOf(type).grantsPermissions !== true) return undefined;
  for (const field of Object.keys({ ...resource?.config, ...values }).sort()) {
    if (nonTargetFields.has(field)) continue;
    const value = text(values[field]) ?? readable(resource?.config[field]).from;
    if (value !== undefined && value !== "")
      return `on ${field.replace(/_(id|name)$/, "").replaceAll("_", " ")} ${value}`;
  }
  return undefined;
}
const nonTargetFields = new Set([
  "id",
  "object_type",
  "access_control",
  "grant",
  "principal",
  "privileges",
  "permission",
  "owner",
]);

/** Returns the name that identifies an object for a reader, from the first field that has one. */
export function titleOf(attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of [
    "name",
    "cluster_name",
    "instance_pool_name",
    "path",
    "key",
    "schema",
    "catalog",
    "table",
    "scope",
  ]) {
    const value = attributes[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: "the object is tainted: the last apply did not complete it",
  replace_because_cannot_update: "a field changes that cannot be updated in place",
  replace_by_request: "requested with -replace",
  replace_by_triggers: "its replace_triggered_by changes",
  delete_because_no_resource_config: "it was removed from the code",
  delete_because_wrong_repetition: "count and for_each were swapped",
  delete_because_count_index: "count was reduced",
  delete_because_each_key: "its key was removed from for_each",
  delete_because_no_module: "its module was removed from the code",
  delete_because_no_move_target: "a moved block has no target",
  read_because_config_unknown: "its arguments are known only after the apply",
  read_because_dependency_pending: "a dependency changes",
};
const reasonOf = (reason: string | undefined): string | undefined =>
  reason === undefined ? undefined : (reasons[reason] ?? reason.replaceAll("_", " "));
