import type { Client, ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { byId, urls } from "../families/by-id";
import { unityCatalog } from "../families/metastore";
import { versionOf } from "../families/versions";
import type { Attributes, Kind, Value } from "../kind";
import { blocks, textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";
import { acceptAny, platformFields } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { wholeState } from "../shape/sdk-state";
import { inOrderOf, isZeroValue, toWire } from "../shape/shape";

const type = "databricks_share";
const path = `${unityCatalog}/shares`;
const urlOf = (name: string): string => `${path}/${encodeURIComponent(name)}`;
const names = {
  object: "objects",
  "object.partition": "partitions",
  "object.partition.value": "values",
};
/** Fields of an object that the platform sets if the code does not. */
const defaultedFields = [
  "cdf_enabled",
  "history_data_sharing_status",
  "shared_as",
  "start_version",
  "string_shared_as",
];
/** Fields of an object that only the platform sets. */
const platformSetFields = ["added_at", "added_by", "status"].concat(
  defaultedFields.map((field) => `effective_${field}`),
);
const wireNames = { names, absent: new Set(platformSetFields.map((field) => `object.${field}`)) };

const base = byId({
  type,
  title: "share",
  traits: {
    lostOnDestroy: "share and the access of its recipients",
    grantsPermissions: true,
    securable: "share",
    unmanagedTitle: "the shares",
    listedVersions: [],
  },
  calls: {
    ...urls(path),
    read: (name) => ({ path: urlOf(name), query: { include_shared_data: "true" } }),
  },
  idField: "name",
  nameField: "name",
  items: "shares",
  // The list omits the shared objects.
  omitted: ["object"],
  idOf: (planned) => textOrEmpty(planned, "name"),
  link: (host, name) => `${host}/explore/sharing/shares/${encodeURIComponent(name)}`,
  createdAt: (item) => item["created_at"],
  version: ({ updated_at, created_at }) => versionOf(updated_at, created_at),
  shape: { names },
  body: ({ name, comment, storage_root }) => ({
    name,
    ...defined({ comment, storage_root }),
  }),
  deletesIfIncomplete: true,
  afterCreate: async (api, name, planned, signal) => {
    const updates = objectsOf(planned).map((data_object) => ({ action: "ADD", data_object }));
    const owner = textOrEmpty(planned, "owner");
    if (updates.length === 0 && owner === "") return;
    await api.patch(
      urlOf(name),
      { ...(owner !== "" && { owner }), ...(updates.length > 0 && { updates }) },
      { idempotent: true, signal },
    );
  },
  rules: {
    keyed: { object: "name", "object.partition": "*", "object.partition.value": "*" },
    backendDefaults: {
      ...platformFields(
        "created_at",
        "created_by",
        "effective_owner",
        "storage_location",
        "updated_at",
        "updated_by",
      ),
      owner: acceptAny("the creator, if the code sets no owner"),
      ...Object.fromEntries(
        defaultedFields.map((field) => [`object.${field}`, acceptAny("the platform chooses it")]),
      ),
      ...Object.fromEntries(
        platformSetFields.map((field) => [`object.${field}`, acceptAny("set by the platform")]),
      ),
    },
  },
});

const objectsOf = (attributes: Attributes): readonly Json[] =>
  objects(toWire(blockOf(type), attributes, wireNames).objects);

/**
 * Whether an object differs in fields that the code sets or has set, or that the platform never
 * chooses.
 */
function isDifferent(desired: Json, before: Json | undefined, current: Json): boolean {
  const fields = new Set([
    ...Object.keys(desired),
    ...Object.keys(before ?? {}),
    "comment",
    "content",
    "partitions",
  ]);
  const serialized = (value: unknown): string =>
    isZeroValue(value as Value) ? "" : JSON.stringify(value);
  return [...fields].some((field) => serialized(desired[field]) !== serialized(current[field]));
}

/** Returns the changes to the share's objects in the form that the API expects. */
async function objectChanges(
  api: ReadClient,
  name: string,
  prior: Attributes,
  desired: Attributes,
  signal?: AbortSignal,
): Promise<readonly Json[]> {
  const currentObjects = objects(
    object(await api.get(urlOf(name), { query: { include_shared_data: "true" }, signal })).objects,
  );
  const [current, before] = [currentObjects, objectsOf(prior)].map(
    (list) => new Map(list.map((object) => [object.name, object])),
  );
  const after = objectsOf(desired);
  const keptNames = new Set(after.map((object) => object.name));
  return [
    ...currentObjects.flatMap(({ name: removedName, data_object_type }) =>
      keptNames.has(removedName)
        ? []
        : [{ action: "REMOVE", data_object: { name: removedName, data_object_type } }],
    ),
    ...after.flatMap((data_object) => {
      const currentObject = current?.get(data_object.name);
      if (currentObject === undefined) return [{ action: "ADD", data_object }];
      // The name that recipients see cannot be changed.
      const { shared_as: _alias, ...sent } = data_object;
      return isDifferent(data_object, before?.get(data_object.name), currentObject)
        ? [{ action: "UPDATE", data_object: sent }]
        : [];
    }),
  ];
}

/** @param clearsComment whether to send the comment even if it is empty before and after */
async function sendChanges(
  api: Client,
  name: string,
  prior: Attributes,
  desired: Attributes,
  clearsComment: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const updates = await objectChanges(api, name, prior, desired, signal);
  const [owner, previousOwner] = [textOrEmpty(desired, "owner"), textOrEmpty(prior, "owner")];
  if (owner !== "" && owner !== previousOwner)
    await api.patch(urlOf(name), { owner }, { idempotent: true, signal });
  const [comment, root] = [textOrEmpty(desired, "comment"), textOrEmpty(desired, "storage_root")];
  const body = {
    ...((comment !== textOrEmpty(prior, "comment") || clearsComment) && { comment }),
    ...(root !== "" && root !== textOrEmpty(prior, "storage_root") && { storage_root: root }),
    ...(updates.length > 0 && { updates }),
  };
  if (Object.keys(body).length > 0)
    await api.patch(urlOf(name), body, { idempotent: true, signal });
}

/**
 * Copies the value of each field to `effective_<field>`, as the official provider does. The field
 * itself keeps its value only if it was set before; otherwise the platform chose the value.
 */
function withEffective(
  fields: readonly string[],
  attributes: Attributes,
  before: Attributes | undefined,
): Attributes {
  const result: Attributes = { ...attributes };
  for (const field of fields) {
    result[`effective_${field}`] = attributes[field] ?? null;
    const previousValue = before?.[field] ?? null;
    result[field] =
      previousValue === null
        ? null
        : (attributes[field] ?? (isZeroValue(previousValue) ? previousValue : null));
  }
  return result;
}

/** Tables, views, volumes and notebooks that recipients can read. */
export const share: Kind = {
  ...base,
  async update(api, id, prior, planned, { signal }) {
    await sendChanges(api, id, prior, planned, false, signal);
    return { id };
  },
  restore: (api, id, desired, { signal, cleared = {} }) =>
    sendChanges(api, id, {}, desired, "comment" in cleared, signal),
  toState(remote, before) {
    const state = wholeState(blockOf(type), before, remote, ["provider_config"]);
    const known = new Map(blocks(before, "object").map((object) => [object.name, object]));
    const inState = inOrderOf(remote.attributes.object, before.object, "name").map(
      (element): Attributes => {
        const previousObject = known.get(optionalText(object(element).name) ?? null);
        return withEffective(defaultedFields, object(element) as Attributes, previousObject);
      },
    );
    return {
      ...withEffective(["owner"], { ...state, owner: remote.attributes.owner ?? null }, before),
      object: inState,
    };
  },
};
