import type { Action, FieldChange, ResourceChange } from "./model";
import { diffFields, type DiffContext } from "./diff";
import { annotate, Unknown } from "./hidden";
import { isEmpty, isObject, object, text } from "./json";
import type { KeyRules } from "./keys";
import type { PlanChange } from "./plan";
import { expressionIn, valueAt, type StackResource } from "./stack";

/** What a kind's rules add to a comparison; see `rulesOf`. */
export interface TypeRules {
  readonly keyed: KeyRules;
  readonly equivalent?: (field: string, a: unknown, b: unknown) => boolean;
}

export function actionOf(change: PlanChange): Action | undefined {
  const actions = change.actions.join(",");
  if (actions === "create") return "create";
  if (actions === "delete") return "delete";
  if (actions === "update") return "update";
  if (actions === "read") return "read";
  if (actions === "forget") return "forget";
  if (actions === "delete,create" || actions === "create,delete") return "replace";
  if (change.importing) return "import";
  if (change.previousAddress !== undefined) return "move";
  return undefined;
}

/** @returns undefined for a resource that does not change */
export function readResourceChange(change: PlanChange, resource: StackResource | undefined, rules: TypeRules): ResourceChange | undefined {
  const action = actionOf(change);
  if (action === undefined) return undefined;
  const before = annotate(change.before, undefined, change.beforeSensitive, change.type);
  const after = annotate(change.after, change.afterUnknown, change.afterSensitive, change.type);
  const context: DiffContext = {
    rules: rules.keyed,
    expression: (path) => (resource === undefined ? undefined : expressionIn(valueAt(resource.config, path))),
    ...(rules.equivalent === undefined ? {} : { equivalent: rules.equivalent }),
  };
  const { set, computed } = split(object(before), isObject(after) ? after : {}, resource);
  const forced = change.replacePaths.map((path) => path.filter((part) => typeof part === "string").join("."));
  // A destroyed object needs no list of all that it was: the id and the title say what goes.
  const fields = action === "delete" || action === "forget" ? [] : diffFields(before, set, context).map((field) => force(field, forced));
  const id = text(object(change.before).id);
  const title = titleOf(object(change.after)) ?? titleOf(object(change.before));
  const reason = reasonOf(change.reason);
  return {
    address: change.address,
    type: change.type,
    path: resource?.path ?? change.address,
    ...(resource?.source === undefined ? {} : { source: resource.source }),
    ...(title === undefined ? {} : { title }),
    action,
    ...(change.previousAddress === undefined ? {} : { movedFrom: change.previousAddress }),
    ...(id === undefined ? {} : { id }),
    ...(reason === undefined ? {} : { reason }),
    forcedBy:
      forced.length === 0
        ? []
        : [
            ...new Set(
              fields
                .filter((field) => field.forces)
                .map((field) => field.path)
                .concat(unseen(forced, fields)),
            ),
          ],
    fields,
    computed,
  };
}

/** Unknown top-level values that the code does not set are the provider's to fill in (`id`, `url`): names, not changes. */
function split(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  resource: StackResource | undefined,
): { set: unknown; computed: string[] } {
  const set: Record<string, unknown> = {};
  const computed: string[] = [];
  for (const [key, value] of Object.entries(after)) {
    const said = resource?.config[key];
    const provider =
      value instanceof Unknown && (resource === undefined ? isEmpty(before[key]) || key === "id" : said === undefined || said === null);
    if (provider) {
      computed.push(key);
      // Not compared: what it was is not what the change is about.
      if (key in before) set[key] = before[key];
    } else set[key] = value;
  }
  return { set, computed: computed.sort() };
}

function force(field: FieldChange, forced: readonly string[]): FieldChange {
  const hit = forced.some((path) => field.field === path || field.field.startsWith(`${path}.`) || path.startsWith(`${field.field}.`));
  return hit ? { ...field, forces: true } : field;
}

/** A forcing field whose difference is not visible (it depends on something unknown) is named all the same. */
function unseen(forced: readonly string[], fields: readonly FieldChange[]): string[] {
  return forced.filter(
    (path) =>
      !fields.some(
        (field) => field.forces && (field.field === path || field.field.startsWith(`${path}.`) || path.startsWith(`${field.field}.`)),
      ),
  );
}

export function titleOf(attributes: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of ["name", "cluster_name", "instance_pool_name", "path", "key", "schema", "catalog", "table", "scope"]) {
    const value = attributes[key];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: "the object is marked as tainted: the last apply left it half made",
  replace_because_cannot_update: "a field changes that cannot be updated in place",
  replace_by_request: "asked for with -replace",
  replace_by_triggers: "something in its replace_triggered_by changes",
  delete_because_no_resource_config: "it is not in the code any more",
  delete_because_wrong_repetition: "count and for_each were exchanged",
  delete_because_count_index: "count is smaller now",
  delete_because_each_key: "for_each does not have its key any more",
  delete_because_no_module: "its module is not in the code any more",
  delete_because_no_move_target: "a moved block leads nowhere",
  read_because_config_unknown: "its arguments are known only after the apply",
  read_because_dependency_pending: "it depends on something that changes",
};
const reasonOf = (reason: string | undefined): string | undefined =>
  reason === undefined ? undefined : (reasons[reason] ?? reason.replaceAll("_", " "));
