/**
 * Kinds for the securables of Unity Catalog at `/api/2.1/unity-catalog/<collection>/<full name>`.
 * A kind defines its fields and, if needed, further calls.
 */
import type { Client } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { defined } from "../../defined";
import type { Attributes, Kind, Remote, Rules } from "../kind";
import { clearingValues } from "../shape/cleared-fields";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText, type Json } from "../shape/json";
import { noRules, platformFields } from "../shape/rules";
import { blockOf, perSchema } from "../shape/schema";
import { fromWire, sameName, toWire, type WireNames } from "../shape/shape";
import { createOnce, ifCreatedSince } from "./create-once";
import {
  changedExcept,
  checkMetastore,
  unityCatalog,
  updateSecurable,
  explorePage,
} from "./metastore";
import { orMissing } from "./or-missing";
import { PartiallyCreated } from "./partially-created";
import { bindOwn, isIsolated, readBindings, restoreBindings } from "./workspace-bindings";

export interface Securable extends Pick<
  Kind,
  "validate" | "forcesNew" | "suppress" | "toState" | "traits"
> {
  readonly type: string;
  readonly title: string;
  /** The collection in the URL: `volumes`. */
  readonly collection: string;
  /** The name of the list's items on the wire. @default the collection */
  readonly items?: string;
  /** The fields of the full name, outermost first; the last one is the name itself. */
  readonly fullName: readonly string[];
  /** Fields of the POST. */
  readonly create: readonly string[];
  /** Fields of the PATCH in addition to `owner`. */
  readonly update: readonly string[];
  /** Fields that only healing (`restore`) sends. */
  readonly restoredFields?: readonly string[];
  /** Fields that a create does not accept. If the code sets one of them, a PATCH follows. */
  readonly afterCreate: readonly string[];
  /** The value of each field that the platform treats as not set. */
  readonly unset: Attributes;
  /** Set if the API renames in place (`new_name`). */
  readonly renamesInPlace?: boolean;
  /** Fields that an update also sends if they change from `true` to `false`. */
  readonly sentIfDisabled?: readonly string[];
  /** The attributes that set `force` in the update and delete requests. */
  readonly forceAttributes?: { readonly update?: string; readonly delete?: string };
  /**
   * Whether to check before each create, update and delete that the object is in the workspace's
   * metastore, or only before creates and updates (`exceptDeletes`).
   * @default true
   */
  readonly checksMetastore?: boolean | "exceptDeletes";
  /**
   * The type in the API of workspace bindings. An isolated object is bound to the workspace that
   * creates it. Otherwise, reads would not find it.
   */
  readonly bindingType?: string;
  /** Returns fields of an update that replace those in `update`, or are sent in addition. */
  readonly updateOverrides?: (planned: Attributes, prior: Attributes) => Json;
  /** Computed fields inside blocks, which no request contains: `aws_iam_role.external_id`. */
  readonly unsentFields?: readonly string[];
  /** Called after the create and before the PATCH. */
  readonly afterPost?: (
    api: Client,
    id: string,
    planned: Attributes,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Called before the object is deleted. */
  readonly beforeDelete?: (
    api: Client,
    id: string,
    prior: Attributes,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Attributes that the API returns under another name, or not at all. */
  readonly computed?: (item: Json, id: string) => Attributes;
  /**
   * Converts between state id and name, if they differ: a connection's id is `<metastore>|<name>`.
   */
  readonly stateId?: {
    readonly of: (item: Json) => string;
    readonly name: (id: string) => string;
  };
  readonly rules: Partial<Rules>;
  /** The path of the object's page in the browser, below `/explore/`. @default "data" */
  readonly page?: string;
}

/**
 * Fields that only the platform sets: who changed the object and when, ids, and values derived from
 * other fields. A report does not list them among the returned fields that the schema lacks.
 */
const bookkeeping = [
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "full_name",
  "metastore_id",
  "securable_type",
  "securable_kind",
  "securable_id",
  "catalog_type",
  "schema_id",
  "volume_id",
  "browse_only",
  "id",
  "delta_sharing_valid_through_timestamp",
  "effective_predictive_optimization_flag",
];

const auditFields = ["created_at", "created_by", "updated_at", "updated_by"];

export function securable(spec: Securable): Kind {
  const {
    type,
    title,
    collection,
    fullName,
    update,
    unset,
    items = collection,
    sentIfDisabled = [],
    forceAttributes = { delete: "force_destroy" },
  } = spec;
  const parents = fullName.slice(0, -1);
  const nameField = fullName.at(-1) ?? "name";
  const base = `${unityCatalog}/${collection}`;
  const reading = perSchema((_, { block }): WireNames => {
    const known = { ...block.attributes, ...block.blocks };
    const unknown = bookkeeping.filter((field) => known[field] === undefined);
    return { absent: new Set([...Object.keys(spec.rules.configOnly ?? {}), ...unknown]) };
  });
  const rules = perSchema((_, { block }) => ({
    ...noRules,
    ...spec.rules,
    backendDefaults: {
      ...platformFields(
        ...auditFields.filter((field) => block.attributes[field]?.optional === true),
      ),
      ...spec.rules.backendDefaults,
    },
    equivalent: { ...names, ...spec.rules.equivalent },
    keyed: {
      ...spec.rules.keyed,
      ...(spec.bindingType !== undefined && { workspace_bindings: "workspace_id" }),
    },
  }));
  const managed = Object.keys(spec.rules.unverifiable ?? {}).filter((path) =>
    path.endsWith(".managed_resource_id"),
  );
  const unsentFields = new Set([...managed, ...(spec.unsentFields ?? [])]);
  const body = (attributes: Attributes, fields: readonly string[]): Record<string, unknown> => {
    const sent = toWire(blockOf(type), attributes, { absent: unsentFields });
    return Object.fromEntries(
      fields.flatMap((field) => (sent[field] === undefined ? [] : [[field, sent[field]]])),
    );
  };
  const nameOf = spec.stateId?.name ?? ((id: string): string => id);
  const url = (id: string): string => `${base}/${encodeURIComponent(nameOf(id))}`;
  const fullNameOf = (attributes: Attributes): string =>
    fullName.map((field) => textOrEmpty(attributes, field)).join(".");
  const names = Object.fromEntries(fullName.map((field) => [field, sameName]));
  const checkMetastoreOf = async (
    api: Client,
    attributes: Attributes,
    signal?: AbortSignal,
  ): Promise<void> => {
    if (spec.checksMetastore !== false) await checkMetastore(api, attributes, signal);
  };
  const remote = (item: Json): Remote => {
    const name =
      optionalText(item.full_name) ??
      fullName.map((field) => optionalText(item[field]) ?? "").join(".");
    const id = spec.stateId?.of(item) ?? name;
    return {
      id,
      attributes: {
        ...fromWire(blockOf(type), item, reading(type)),
        id,
        ...spec.computed?.(item, id),
      },
    };
  };
  const bindToWorkspace = async (
    api: Client,
    id: string,
    planned: Attributes,
    signal?: AbortSignal,
  ): Promise<void> => {
    if (spec.bindingType === undefined || !isIsolated(planned.isolation_mode)) return;
    await bindOwn(api, spec.bindingType, nameOf(id), signal);
  };
  return {
    type,
    title,
    identity: {
      naturalKey: (attributes) =>
        fullName.some((field) => textOrEmpty(attributes, field) === "")
          ? undefined
          : `name:${fullNameOf(attributes)}`.toLowerCase(),
      link: (host, id) => explorePage(host, nameOf(id), spec.page),
    },
    get rules() {
      return rules(type) ?? noRules;
    },
    // A list returns the same fields as a read, except for the constraints and dependencies of
    // tables. Source: the documentation of the official SDKs.
    traits: { readFromList: parents, ...spec.traits },
    ...defined({ validate: spec.validate, forcesNew: spec.forcesNew, toState: spec.toState }),
    suppress: { ...names, ...spec.suppress },
    async read(api, id, { signal, deep }) {
      const remoteObject = await orMissing(api.get(url(id), { signal }), (response) =>
        remote(object(response)),
      );
      if (remoteObject === undefined || spec.bindingType === undefined || deep === false)
        return remoteObject;
      return {
        ...remoteObject,
        bindings: await readBindings(api, spec.bindingType, nameOf(id), signal),
      };
    },
    async *list(api, parentName, signal) {
      const parentNames = parentName?.split(".") ?? [];
      if (parentNames.length !== parents.length) return;
      const query = Object.fromEntries(
        parents.map((field, index) => [field, parentNames[index] ?? ""]),
      );
      for await (const wireObject of byToken<Json>(api, { path: base, query, items, signal })) {
        const remoteObject = remote(wireObject);
        // The bindings of an isolated object need a separate call.
        yield spec.bindingType !== undefined && isIsolated(remoteObject.attributes.isolation_mode)
          ? { ...remoteObject, omitted: ["workspace_bindings"] }
          : remoteObject;
      }
    },
    async create(api, planned, { signal, pending }) {
      await checkMetastoreOf(api, planned, signal);
      const name = fullNameOf(planned);
      const objectUrl = `${base}/${encodeURIComponent(name)}`;
      const response = await createOnce(
        {
          objectKey: `${title} ${name}`,
          create: (recover) => api.post(base, body(planned, spec.create), { recover, signal }),
          find: async (lostCreate) =>
            ifCreatedSince(
              api,
              await orMissing(api.get(objectUrl, { signal }), object),
              lostCreate,
            ),
        },
        api,
        pending,
      );
      const id = spec.stateId?.of(object(response)) ?? name;
      try {
        await spec.afterPost?.(api, id, planned, signal);
        if (spec.afterCreate.some((field) => textOrEmpty(planned, field) !== "")) {
          await api.patch(objectUrl, body(planned, [...update, "owner"]), {
            idempotent: true,
            signal,
          });
          await bindToWorkspace(api, id, planned, signal);
        }
      } catch (error) {
        throw new PartiallyCreated(id, error);
      }
      return { id };
    },
    async update(api, id, prior, planned, { signal, pending }) {
      await checkMetastoreOf(api, planned, signal);
      if (
        !changedExcept(
          prior,
          planned,
          forceAttributes.delete === undefined ? [] : [forceAttributes.delete],
        )
      )
        return { id };
      const name = textOrEmpty(planned, nameField);
      const isRenamed =
        spec.renamesInPlace === true &&
        name !== "" &&
        !sameName(name, nameOf(id).split(".").at(-1) ?? "");
      const disabledFields = sentIfDisabled.filter(
        (field) => prior[field] === true && planned[field] !== true,
      );
      const sent = {
        ...body(planned, update),
        ...Object.fromEntries(disabledFields.map((field) => [field, false])),
        ...spec.updateOverrides?.(planned, prior),
        ...(forceAttributes.update !== undefined &&
          planned[forceAttributes.update] === true && { force: true }),
        // The official provider does not send the new name of a catalog. Its plans therefore show the
        // difference again and again.
        ...(isRenamed && { new_name: name }),
      };
      const currentId = isRenamed ? fullNameOf(planned) : id;
      const rename = isRenamed
        ? { url: url(currentId), id: currentId, objectKey: `${title} ${currentId}`, pending }
        : undefined;
      await updateSecurable(api, url(id), { prior, planned, sent, rename }, signal);
      if (changedExcept(prior, planned, ["owner"]))
        await bindToWorkspace(api, currentId, planned, signal);
      return { id: currentId };
    },
    async delete(api, id, prior, { signal }) {
      if (spec.checksMetastore !== "exceptDeletes") await checkMetastoreOf(api, prior, signal);
      await spec.beforeDelete?.(api, id, prior, signal);
      await api.delete(url(id), {
        query:
          forceAttributes.delete !== undefined && prior[forceAttributes.delete] === true
            ? { force: true }
            : {},
        signal,
      });
    },
    async restore(api, id, desired, context) {
      const { signal } = context;
      const sent = {
        ...body(desired, [...update, ...(spec.restoredFields ?? []), "owner"]),
        ...clearingValues(context, unset),
      };
      await api.patch(url(id), sent, { idempotent: true, signal });
      if (spec.bindingType !== undefined && isIsolated(desired.isolation_mode))
        await restoreBindings(api, spec.bindingType, nameOf(id), desired, signal);
    },
    removal: (remoteObject) => apiCommand("DELETE", url(remoteObject.id)),
  };
}
