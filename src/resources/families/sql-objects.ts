/**
 * Kinds for queries and alerts at `/api/2.0/sql/<collection>`. An update lists the fields that it
 * sets; after a create, a separate call sets the owner.
 */
import { defined } from "../../defined";
import type { Attributes, Kind } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object } from "../shape/json";
import { sameWorkspacePath, normalWorkspacePath } from "../shape/paths";
import type { Value } from "../kind";
import { byId, urls, type ById } from "./by-id";
import { restoreByUpdate } from "./restore-by-update";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { isZeroValue } from "../shape/shape";

type Spec = Pick<
  ById,
  "type" | "title" | "shape" | "rules" | "validate" | "link" | "omitted" | "traits"
> & {
  /** The collection in the URL. */
  readonly collection: string;
  /** The name of the object in a request. */
  readonly requestField: string;
  /** The fields in the mask of each update. */
  readonly alwaysSent: readonly string[];
  /** The fields that are in the mask only if they change. */
  readonly sentIfChanged: readonly string[];
};

/**
 * Like `sameWorkspacePath`, but also true if the code omits the folder, which is then the owner's home.
 */
const samePlace = (before: Value, after: Value): boolean =>
  after === null || after === "" || sameWorkspacePath(before, after);

export function sqlObject({
  collection,
  requestField,
  alwaysSent,
  sentIfChanged,
  ...spec
}: Spec): Kind {
  const path = `/api/2.0/sql/${collection}`;
  const wire = (field: string): string => spec.shape?.names?.[field] ?? field;
  const mask = (prior: Attributes, planned: Attributes): string => {
    const differs = sentIfChanged.filter(
      (field) =>
        !(isZeroValue(prior[field]) && isZeroValue(planned[field])) &&
        JSON.stringify(prior[field]) !== JSON.stringify(planned[field]),
    );
    return [...alwaysSent, ...differs].map(wire).join(",");
  };
  const base = byId({
    ...spec,
    calls: urls(path),
    idField: "id",
    nameField: "display_name",
    items: "results",
    isGone: ({ lifecycle_state }) => lifecycle_state === "TRASHED",
    body: (fields, planned, prior) => {
      const { owner_user_name, parent_path, ...rest } = fields;
      if (prior === undefined)
        return {
          [requestField]: { ...rest, ...defined({ parent_path }) },
          auto_resolve_display_name: false,
        };
      const completeFields = { ...rest, ...defined({ owner_user_name }) };
      return {
        [requestField]: completeFields,
        update_mask: mask(prior, planned),
        auto_resolve_display_name: false,
      };
    },
    // The platform adds the prefix /Workspace to a folder.
    asCreateRequest: (item, sent) => {
      const { parent_path } = object(sent[requestField]);
      const isSame =
        typeof parent_path === "string" &&
        normalWorkspacePath(parent_path) ===
          normalWorkspacePath(textOrEmpty(item as Attributes, "parent_path"));
      return { [requestField]: { ...item, ...(isSame && { parent_path }) } };
    },
    createdAt: (item) => item["create_time"],
    isCreatedBy: (item, caller) => item["owner_user_name"] === caller.userName,
    afterCreate: async (api, id, planned) => {
      const owner_user_name = textOrEmpty(planned, "owner_user_name");
      if (owner_user_name !== "")
        await api.patch(
          `${path}/${id}`,
          { [requestField]: { owner_user_name }, update_mask: "owner_user_name" },
          { idempotent: true },
        );
    },
    suppress: { parent_path: samePlace },
    // The state keeps the folder's spelling in the code.
    toState: (remote, before, _why, fresh) => {
      const state = stateOf(blockOf(spec.type), before, remote, fresh);
      const configured = before.parent_path ?? null;
      return configured !== null && samePlace(state.parent_path ?? null, configured)
        ? { ...state, parent_path: configured }
        : state;
    },
    rules: {
      ...spec.rules,
      backendDefaults: {
        parent_path: { reason: "the owner's home, if the code sets no folder", when: () => true },
        owner_user_name: { reason: "the creator, if the code sets no owner", when: () => true },
        ...spec.rules.backendDefaults,
      },
      equivalent: { parent_path: sameWorkspacePath, ...object(spec.rules.equivalent) },
    },
  });
  return { ...base, restore: restoreByUpdate(base) };
}
