import type { Client, ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { byId, urls } from "../families/by-id";
import { unityCatalog } from "../families/metastore";
import { versionOf } from "../families/versions";
import type { Attributes, Kind, Value } from "../kind";
import { blocks, object, objects, str, text, platformFields, type Json } from "../shape/json";
import { blockOf } from "../shape/schema";
import { wholeState } from "../shape/sdk-state";
import { inOrderOf, isZeroValue, toWire } from "../shape/shape";

const type = "databricks_share";
const path = `${unityCatalog}/shares`;
const at = (name: string): string => `${path}/${encodeURIComponent(name)}`;
const names = {
  object: "objects",
  "object.partition": "partitions",
  "object.partition.value": "values",
};
const filled = (reason: string) => ({ reason, when: () => true });
/** Fields of an object that the platform fills in if the code does not set them. */
const chosen = [
  "cdf_enabled",
  "history_data_sharing_status",
  "shared_as",
  "start_version",
  "string_shared_as",
];
const platformNotes = ["added_at", "added_by", "status"].concat(
  chosen.map((field) => `effective_${field}`),
);
const sending = { names, absent: new Set(platformNotes.map((field) => `object.${field}`)) };

const base = byId({
  type,
  title: "share",
  traits: {
    holds: "share and the access of its recipients",
    rights: true,
    securable: "share",
    walked: "the shares",
    listedVersions: [],
  },
  calls: {
    ...urls(path),
    read: (name) => ({ path: at(name), query: { include_shared_data: "true" } }),
  },
  idField: "name",
  nameField: "name",
  items: "shares",
  // The list omits the shared objects.
  omitted: ["object"],
  idOf: (planned) => str(planned, "name"),
  link: (host, name) => `${host}/explore/sharing/shares/${encodeURIComponent(name)}`,
  made: (found) => found["created_at"],
  version: ({ updated_at, created_at }) => versionOf(updated_at, created_at),
  shape: { names },
  body: ({ name, comment, storage_root }) => ({
    name,
    ...defined({ comment, storage_root }),
  }),
  undone: true,
  created: async (api, name, planned, signal) => {
    const updates = objectsOf(planned).map((data_object) => ({ action: "ADD", data_object }));
    const owner = str(planned, "owner");
    if (updates.length === 0 && owner === "") return;
    await api.patch(
      at(name),
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
      owner: filled("the creator, if the code sets no owner"),
      ...Object.fromEntries(
        chosen.map((field) => [`object.${field}`, filled("the platform chooses it")]),
      ),
      ...Object.fromEntries(
        platformNotes.map((field) => [`object.${field}`, filled("set by the platform")]),
      ),
    },
  },
});

const objectsOf = (attributes: Attributes): readonly Json[] =>
  objects(toWire(blockOf(type), attributes, sending).objects);

/**
 * Whether an object differs in fields that the code sets or has set, or that the platform never
 * chooses.
 */
function differs(wanted: Json, before: Json | undefined, found: Json): boolean {
  const fields = new Set([
    ...Object.keys(wanted),
    ...Object.keys(before ?? {}),
    "comment",
    "content",
    "partitions",
  ]);
  const serialized = (value: unknown): string =>
    isZeroValue(value as Value) ? "" : JSON.stringify(value);
  return [...fields].some((field) => serialized(wanted[field]) !== serialized(found[field]));
}

/** Returns the changes to the share's objects in the form that the API expects. */
async function changes(
  api: ReadClient,
  name: string,
  prior: Attributes,
  wanted: Attributes,
  signal?: AbortSignal,
): Promise<readonly Json[]> {
  const found = objects(
    object(await api.get(at(name), { query: { include_shared_data: "true" }, signal })).objects,
  );
  const [current, before] = [found, objectsOf(prior)].map(
    (list) => new Map(list.map((object) => [object.name, object])),
  );
  const after = objectsOf(wanted);
  const keptNames = new Set(after.map((object) => object.name));
  return [
    ...found.flatMap(({ name: removedName, data_object_type }) =>
      keptNames.has(removedName)
        ? []
        : [{ action: "REMOVE", data_object: { name: removedName, data_object_type } }],
    ),
    ...after.flatMap((data_object) => {
      const now = current?.get(data_object.name);
      if (now === undefined) return [{ action: "ADD", data_object }];
      // The name that recipients see cannot be changed.
      const { shared_as: _alias, ...sent } = data_object;
      return differs(data_object, before?.get(data_object.name), now)
        ? [{ action: "UPDATE", data_object: sent }]
        : [];
    }),
  ];
}

async function send(
  api: Client,
  name: string,
  prior: Attributes,
  wanted: Attributes,
  cleared: boolean,
  signal?: AbortSignal,
): Promise<void> {
  const updates = await changes(api, name, prior, wanted, signal);
  const [owner, was] = [str(wanted, "owner"), str(prior, "owner")];
  if (owner !== "" && owner !== was)
    await api.patch(at(name), { owner }, { idempotent: true, signal });
  const [comment, root] = [str(wanted, "comment"), str(wanted, "storage_root")];
  const body = {
    ...((comment !== str(prior, "comment") || cleared) && { comment }),
    ...(root !== "" && root !== str(prior, "storage_root") && { storage_root: root }),
    ...(updates.length > 0 && { updates }),
  };
  if (Object.keys(body).length > 0) await api.patch(at(name), body, { idempotent: true, signal });
}

/**
 * Drops values that the platform chose and the code does not set, because the state has them in a
 * separate field for the effective value.
 */
function withEffective(
  fields: readonly string[],
  found: Attributes,
  before: Attributes | undefined,
): Attributes {
  const result: Attributes = { ...found };
  for (const field of fields) {
    result[`effective_${field}`] = found[field] ?? null;
    const was = before?.[field] ?? null;
    result[field] = was === null ? null : (found[field] ?? (isZeroValue(was) ? was : null));
  }
  return result;
}

/** Tables, views, volumes and notebooks that recipients can read. */
export const share: Kind = {
  ...base,
  async update(api, id, prior, planned, { signal }) {
    await send(api, id, prior, planned, false, signal);
    return { id };
  },
  restore: (api, id, desired, { signal, cleared = {} }) =>
    send(api, id, {}, desired, "comment" in cleared, signal),
  toState(found, before) {
    const state = wholeState(blockOf(type), before, found, ["provider_config"]);
    const known = new Map(blocks(before, "object").map((object) => [object.name, object]));
    const inState = inOrderOf(found.attributes.object, before.object, "name").map(
      (element): Attributes => {
        const was = known.get(text(object(element).name) ?? null);
        return withEffective(chosen, object(element) as Attributes, was);
      },
    );
    return {
      ...withEffective(["owner"], { ...state, owner: found.attributes.owner ?? null }, before),
      object: inState,
    };
  },
};
