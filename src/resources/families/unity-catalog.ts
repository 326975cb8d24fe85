/**
 * Kinds for the securables of Unity Catalog at `/api/2.1/unity-catalog/<collection>/<full name>`.
 * The kinds differ only in their fields.
 */
import type { Client } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { defined } from "../../defined";
import type { Attributes, Kind, Remote, Rules } from "../kind";
import { clearing } from "../shape/cleared-fields";
import { apiCommand, noRules, object, str, text, platformFields, type Json } from "../shape/json";
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
  /** Fields that only healing sends. */
  readonly alsoRestored?: readonly string[];
  /** Fields that a create does not accept. If the code sets one of them, a PATCH follows. */
  readonly afterCreate: readonly string[];
  /** The value of each field that the platform treats as not set. */
  readonly unset: Attributes;
  /** Set if the API renames in place (`new_name`). */
  readonly renames?: boolean;
  /** Fields that an update also sends if they change from `true` to `false`. */
  readonly alsoFalse?: readonly string[];
  /** Attributes that become the request's `force`. */
  readonly force?: { readonly update?: string; readonly delete?: string };
  /**
   * Whether to check before each write that the object is in the workspace's metastore.
   * @default true
   */
  readonly guarded?: boolean | "not deletes";
  /**
   * The type in the API of workspace bindings: an isolated object is bound to the workspace that
   * creates it, so that reads can find it.
   */
  readonly bound?: string;
  /** Additional fields of an update, and the fields that they replace. */
  readonly updateAlso?: (planned: Attributes, prior: Attributes) => Json;
  /** Computed fields inside blocks that no request takes: `aws_iam_role.external_id`. */
  readonly unsentFields?: readonly string[];
  /** Called after the create and before the PATCH. */
  readonly created?: (
    api: Client,
    id: string,
    planned: Attributes,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Called before the object is deleted. */
  readonly deleting?: (
    api: Client,
    id: string,
    prior: Attributes,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Attributes that the API returns under another name, or not at all. */
  readonly computed?: (found: Json, id: string) => Attributes;
  /**
   * Converts between state id and name, if they differ: a connection's id is `<metastore>|<name>`.
   */
  readonly stateId?: {
    readonly of: (found: Json) => string;
    readonly name: (id: string) => string;
  };
  readonly rules: Partial<Rules>;
  /** The page under `/explore/data/` in the browser. */
  readonly page?: string;
}

/**
 * Audit fields (who, when), and names derived from other fields. The code never sets them, so
 * reports do not list them as omitted.
 */
const bookkeeping = [
  ["created_at", "created_by", "updated_at", "updated_by", "full_name", "metastore_id", "securable_type", "securable_kind", "securable_id"],
  ["catalog_type", "schema_id", "volume_id", "browse_only", "id", "delta_sharing_valid_through_timestamp", "effective_predictive_optimization_flag"],
].flat(); // prettier-ignore

const notes = ["created_at", "created_by", "updated_at", "updated_by"];

export function securable(spec: Securable): Kind {
  const {
    type,
    title,
    collection,
    fullName,
    update,
    unset,
    items = collection,
    alsoFalse = [],
    force = { delete: "force_destroy" },
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
      ...platformFields(...notes.filter((field) => block.attributes[field]?.optional === true)),
      ...spec.rules.backendDefaults,
    },
    equivalent: { ...names, ...spec.rules.equivalent },
    keyed: {
      ...spec.rules.keyed,
      ...(spec.bound !== undefined && { workspace_bindings: "workspace_id" }),
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
  const named = (attributes: Attributes): string =>
    fullName.map((field) => str(attributes, field)).join(".");
  const names = Object.fromEntries(fullName.map((field) => [field, sameName]));
  const guard = async (
    api: Client,
    attributes: Attributes,
    signal?: AbortSignal,
  ): Promise<void> => {
    if (spec.guarded !== false) await checkMetastore(api, attributes, signal);
  };
  const remote = (found: Json): Remote => {
    const name =
      text(found.full_name) ?? fullName.map((field) => text(found[field]) ?? "").join(".");
    const id = spec.stateId?.of(found) ?? name;
    return {
      id,
      attributes: {
        ...fromWire(blockOf(type), found, reading(type)),
        id,
        ...spec.computed?.(found, id),
      },
    };
  };
  const bind = async (
    api: Client,
    id: string,
    planned: Attributes,
    signal?: AbortSignal,
  ): Promise<void> => {
    if (spec.bound === undefined || !isIsolated(planned.isolation_mode)) return;
    await bindOwn(api, spec.bound, nameOf(id), signal);
  };
  return {
    type,
    title,
    identity: {
      naturalKey: (attributes) =>
        fullName.some((field) => str(attributes, field) === "")
          ? undefined
          : `name:${named(attributes)}`.toLowerCase(),
      link: (host, id) => explorePage(host, nameOf(id), spec.page),
    },
    get rules() {
      return rules(type) ?? noRules;
    },
    // A list returns the same fields as a read, except for the constraints and dependencies of
    // tables. Source: the documentation of the official SDKs.
    traits: { listedWhole: parents, ...spec.traits },
    ...defined({ validate: spec.validate, forcesNew: spec.forcesNew, toState: spec.toState }),
    suppress: { ...names, ...spec.suppress },
    async read(api, id, { signal, deep }) {
      const found = await orMissing(api.get(url(id), { signal }), (answer) =>
        remote(object(answer)),
      );
      if (found === undefined || spec.bound === undefined || deep === false) return found;
      return { ...found, bindings: await readBindings(api, spec.bound, nameOf(id), signal) };
    },
    /** `within` is the parent's full name. */
    async *list(api, within, signal) {
      const parentNames = within?.split(".") ?? [];
      if (parentNames.length !== parents.length) return;
      const query = Object.fromEntries(
        parents.map((field, index) => [field, parentNames[index] ?? ""]),
      );
      for await (const found of byToken<Json>(api, { path: base, query, items, signal })) {
        const one = remote(found);
        // The bindings of an isolated object need a separate call.
        yield spec.bound !== undefined && isIsolated(one.attributes.isolation_mode)
          ? { ...one, omitted: ["workspace_bindings"] }
          : one;
      }
    },
    async create(api, planned, { signal, pending }) {
      await guard(api, planned, signal);
      const name = named(planned);
      const at = `${base}/${encodeURIComponent(name)}`;
      const created = await createOnce(
        {
          what: `${title} ${name}`,
          create: (recover) => api.post(base, body(planned, spec.create), { recover, signal }),
          find: async (lost) =>
            ifCreatedSince(api, await orMissing(api.get(at, { signal }), object), lost),
        },
        api,
        pending,
      );
      const id = spec.stateId?.of(object(created)) ?? name;
      try {
        await spec.created?.(api, id, planned, signal);
        if (spec.afterCreate.some((field) => str(planned, field) !== "")) {
          await api.patch(at, body(planned, [...update, "owner"]), { idempotent: true, signal });
          await bind(api, id, planned, signal);
        }
      } catch (error) {
        throw new PartiallyCreated(id, error);
      }
      return { id };
    },
    async update(api, id, prior, planned, { signal, pending }) {
      await guard(api, planned, signal);
      if (!changedExcept(prior, planned, force.delete === undefined ? [] : [force.delete]))
        return { id };
      const name = str(planned, nameField);
      const renamed =
        spec.renames === true && name !== "" && !sameName(name, nameOf(id).split(".").at(-1) ?? "");
      const disabledFields = alsoFalse.filter(
        (field) => prior[field] === true && planned[field] !== true,
      );
      const sent = {
        ...body(planned, update),
        ...Object.fromEntries(disabledFields.map((field) => [field, false])),
        ...spec.updateAlso?.(planned, prior),
        ...(force.update !== undefined && planned[force.update] === true && { force: true }),
        // The official provider does not send a catalog's new name, so every plan shows a diff.
        ...(renamed && { new_name: name }),
      };
      const now = renamed ? named(planned) : id;
      const renameOf = renamed
        ? { url: url(now), id: now, what: `${title} ${now}`, pending }
        : undefined;
      await updateSecurable(api, url(id), { prior, planned, sent, renamed: renameOf }, signal);
      if (changedExcept(prior, planned, ["owner"])) await bind(api, now, planned, signal);
      return { id: now };
    },
    async delete(api, id, prior, { signal }) {
      if (spec.guarded !== "not deletes") await guard(api, prior, signal);
      await spec.deleting?.(api, id, prior, signal);
      await api.delete(url(id), {
        query: force.delete !== undefined && prior[force.delete] === true ? { force: true } : {},
        signal,
      });
    },
    async restore(api, id, desired, context) {
      const { signal } = context;
      const sent = {
        ...body(desired, [...update, ...(spec.alsoRestored ?? []), "owner"]),
        ...clearing(context, unset),
      };
      await api.patch(url(id), sent, { idempotent: true, signal });
      if (spec.bound !== undefined && isIsolated(desired.isolation_mode))
        await restoreBindings(api, spec.bound, nameOf(id), desired, signal);
    },
    removal: (found) => apiCommand("DELETE", url(found.id)),
  };
}
