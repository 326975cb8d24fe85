/**
 * Kinds whose ids are assigned by the platform. A kind defines its fields and endpoints:
 * `…/create`, `…/get`, `…/edit`, `…/delete` with the id as a field ({@link verbs}), or one URL for
 * each object ({@link urls}).
 */
import type { Me } from "../../api/families/me";
import type { Client, ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { defined } from "../../defined";
import type {
  Attributes,
  Kind,
  LostCreate,
  ReadOptions,
  Remote,
  Rules,
  WriteContext,
} from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { idText, object, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";
import { blockOf, perSchema } from "../shape/schema";
import { fromWire, toWire, type WireNames } from "../shape/shape";
import { contradicts, createById, createOnce, createdSince } from "./create-once";
import { orMissing } from "./or-missing";
import { PartiallyCreated } from "./partially-created";
import { untilReady } from "./until-ready";

type Method = "POST" | "PUT" | "PATCH" | "DELETE";

interface Request {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
}

export interface Calls {
  /** The path of the create call. */
  readonly create: string | ((planned: Attributes) => string);
  /** The read call; absent if REST has only a list. */
  readonly read?: (id: string) => Request;
  readonly list: string;
  readonly update: (
    id: string,
  ) => Request & { readonly method: Exclude<Method, "DELETE">; readonly body: Json };
  readonly delete: (
    id: string,
  ) => Request & { readonly method: "POST" | "DELETE"; readonly body?: Json };
}

/**
 * Calls with one URL for each operation, and the id as a field: `<path>/create`, `<path>/get`,
 * `<path>/edit`, `<path>/delete`, `<path>/list`.
 */
export function verbs(path: string, idField: string, edit = "edit"): Calls {
  return {
    create: `${path}/create`,
    read: (id) => ({ path: `${path}/get`, query: { [idField]: id } }),
    list: `${path}/list`,
    update: (id) => ({ method: "POST", path: `${path}/${edit}`, body: { [idField]: id } }),
    delete: (id) => ({ method: "POST", path: `${path}/delete`, body: { [idField]: id } }),
  };
}

/** Calls with one URL for each object, `<path>/<id>`, which PATCH or the given method changes. */
export function urls(path: string, method: "PUT" | "PATCH" = "PATCH"): Calls {
  const urlOf = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    create: path,
    read: (id) => ({ path: urlOf(id) }),
    list: path,
    update: (id) => ({ method, path: urlOf(id), body: {} }),
    delete: (id) => ({ method: "DELETE", path: urlOf(id) }),
  };
}

/** Parts of a kind that are passed on unchanged. */
type Passed = Pick<
  Kind,
  | "validate"
  | "validatePlan"
  | "suppress"
  | "adjust"
  | "defaults"
  | "forcesNew"
  | "toState"
  | "traits"
  | "versions"
>;

export interface ById extends Passed {
  readonly type: string;
  readonly title: string;
  readonly calls: Calls;
  /** The id's name on the wire; also its attribute, if the schema has one. */
  readonly idField: string;
  readonly nameField: string;
  /** The name of the list's items on the wire; absent if REST has no list. */
  readonly items?: string;
  /** Paths of the fields that the list omits. */
  readonly omitted?: readonly string[];
  readonly link?: (host: string, id: string, attributes: Attributes) => string | undefined;
  /** Different names on the wire, and fields that requests omit. */
  readonly shape?: WireNames;
  /**
   * Fields that only responses contain and that are never sent.
   * @default those that are computed and not optional in the schema
   */
  readonly readOnly?: readonly string[];
  /** Changes the request's body. `prior` is absent for a create. */
  readonly body?: (
    fields: Record<string, unknown>,
    planned: Attributes,
    prior?: Attributes,
  ) => Record<string, unknown>;
  /** Returns the object in a response. @default the response itself */
  readonly unwrap?: (response: Json) => Json;
  /**
   * Returns an object in the form of the create request, to compare them after a lost response.
   * @default the complete object
   */
  readonly asCreateRequest?: (item: Json, request: Json) => Json;
  /** The id, if the code sets it. */
  readonly idOf?: (planned: Attributes) => string;
  /** The version of an object: `versionOf` of its fields. */
  readonly version?: (item: Json) => Pick<Remote, "version">;
  /** Additional attributes from a response. */
  readonly computed?: (item: Json, id: string, host: string) => Attributes;
  /** Whether a returned object is deleted. */
  readonly isGone?: (item: Json) => boolean;
  /** Whether the platform created a returned object ({@link Remote.builtIn}). */
  readonly isBuiltIn?: (item: Json) => boolean;
  /** Whether the caller created an object; used after a lost response. */
  readonly isCreatedBy?: (item: Json, caller: Me) => boolean;
  /** Returns the creation time; used after a lost response. */
  readonly createdAt?: (item: Json) => unknown;
  /** Whether an object has this name, if the platform returns names in a different form. */
  readonly isSameName?: (listedName: string, name: string) => boolean;
  /** Set if the list contains only ids and names, so that each object must be read to compare it. */
  readonly listHasNamesOnly?: true;
  /**
   * Whether the object has the values of an update with an e-tag. Used after a lost response,
   * because the platform rejects the same e-tag again. An update without an e-tag is repeated.
   */
  readonly hasTakenEffect?: (item: Json, request: Json) => boolean;
  /** Query parameters of create and update, for fields that are not in the body. */
  readonly query?: (planned: Attributes) => Readonly<Record<string, string>> | undefined;
  /**
   * Further calls after the create. If one of them fails, the object is tainted in the state, or
   * deleted if `deletesIfIncomplete` is set.
   */
  readonly afterCreate?: (
    api: Client,
    id: string,
    planned: Attributes,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Further calls after each create, update and restore. */
  readonly afterWrite?: ById["afterCreate"];
  /** Set if the official provider deletes an object whose further calls fail after the create. */
  readonly deletesIfIncomplete?: true;
  /**
   * Whether a created object is ready, or why it failed. The object is read repeatedly until then.
   */
  readonly readiness?: (item: Json) => boolean | string;
  /** Waits until the object is deleted. */
  readonly waitUntilDeleted?: (api: Client, id: string, signal?: AbortSignal) => Promise<void>;
  /** Adds fields for deep reads: content, and fields that need a separate call. */
  readonly readDetails?: (
    api: ReadClient,
    item: Json,
    remote: Remote,
    options: ReadOptions,
  ) => Promise<Partial<Remote>>;
  /** Set if no call can change an object. */
  readonly isImmutable?: boolean;
  readonly rules: Partial<Rules>;
}

export function byId(spec: ById): Kind {
  const {
    type,
    title,
    calls,
    idField,
    nameField,
    items,
    unwrap = (response) => response,
    body = (fields) => fields,
  } = spec;
  const fieldsNotOnWire = [
    "id",
    ...Object.keys(spec.rules.configOnly ?? {}),
    ...(spec.shape?.absent ?? []),
  ];
  const wireNamesForReads: WireNames = {
    ...spec.shape,
    absent: new Set([...fieldsNotOnWire, idField]),
  };
  const wireNamesForWrites = perSchema((_, { block: { attributes } }): WireNames => {
    const computed =
      spec.readOnly ??
      Object.entries(attributes).flatMap(([name, { computed, optional }]) =>
        computed === true && optional !== true ? [name] : [],
      );
    return {
      ...spec.shape,
      absent: new Set([
        ...fieldsNotOnWire,
        ...computed,
        ...(spec.idOf === undefined ? [idField] : []),
      ]),
    };
  });
  const requestBody = (planned: Attributes, prior?: Attributes): Record<string, unknown> =>
    body(toWire(blockOf(type), planned, wireNamesForWrites(type)), planned, prior);
  const idAttributes = (id: string): Attributes =>
    blockOf(type).attributes[idField] === undefined ? {} : { [idField]: id };
  const remote = (item: Json, known: string | undefined, host: string): Remote => {
    const id = known ?? optionalText(item[idField]) ?? idText(item[idField], idField);
    const attributes = {
      ...fromWire(blockOf(type), item, wireNamesForReads),
      id,
      ...idAttributes(id),
      ...spec.computed?.(item, id, host),
    };
    return {
      id,
      attributes,
      ...(spec.isBuiltIn?.(item) === true && { builtIn: true }),
      ...spec.version?.(item),
    };
  };
  const createPath = (planned: Attributes): string =>
    typeof calls.create === "string" ? calls.create : calls.create(planned);
  const listItems = async function* (api: ReadClient, signal?: AbortSignal): AsyncIterable<Json> {
    if (items === undefined) return;
    yield* byToken<Json>(api, { path: calls.list, items, signal });
  };
  const write = async (
    api: Client,
    id: string,
    planned: Attributes,
    fields: Record<string, unknown>,
  ): Promise<void> => {
    const { method, path, query = spec.query?.(planned), body: idFields } = calls.update(id);
    const request = { ...fields, ...idFields };
    const { hasTakenEffect } = spec;
    const repetition =
      hasTakenEffect === undefined || !("etag" in request)
        ? { idempotent: true }
        : {
            recover: async () => {
              const wireObject = await readWhole(api, id);
              return wireObject !== undefined && hasTakenEffect(wireObject, request)
                ? wireObject
                : undefined;
            },
          };
    const options = { ...repetition, ...defined({ query }) };
    if (method === "POST") await api.post(path, request, options);
    else if (method === "PUT") await api.put(path, request, options);
    else await api.patch(path, request, options);
  };
  const findCandidates = async (api: ReadClient, name: string): Promise<readonly Json[]> => {
    const matches: Json[] = [];
    for await (const item of listItems(api)) {
      if (
        item[nameField] !== name &&
        spec.isSameName?.(textOrEmpty(item as Attributes, nameField), name) !== true
      )
        continue;
      const complete =
        spec.listHasNamesOnly === true
          ? await readWhole(api, optionalText(item[idField]) ?? idText(item[idField], idField))
          : item;
      if (complete !== undefined && spec.isGone?.(complete) !== true)
        matches.push({ ...complete, [nameField]: name });
    }
    return matches;
  };
  const createNamed = async (
    api: Client,
    { id, path, settings }: { id: string; path: string; settings: Json },
    { signal, pending }: Pick<WriteContext, "signal" | "pending">,
  ): Promise<string> => {
    const create = (recover: () => Promise<unknown>): Promise<unknown> =>
      api.post(path, settings, { recover, signal });
    const find = async (lostCreate: LostCreate): Promise<unknown> => {
      const wireObject = await readWhole(api, id, signal);
      if (
        wireObject === undefined ||
        contradicts(settings, spec.asCreateRequest?.(wireObject, settings) ?? wireObject)
      )
        return undefined;
      return spec.createdAt === undefined ||
        createdSince(api, spec.createdAt(wireObject), lostCreate)
        ? wireObject
        : undefined;
    };
    await createOnce({ objectKey: `${title} ${id}`, create, find }, api, pending);
    return id;
  };
  const readWhole = async (
    api: ReadClient,
    id: string,
    signal?: AbortSignal,
  ): Promise<Json | undefined> => {
    if (calls.read === undefined) {
      for await (const item of listItems(api, signal))
        if (String(item[idField]) === id) return item;
      return undefined;
    }
    const { path, query } = calls.read(id);
    return orMissing(api.get(path, { ...defined({ query }), signal }), (response) =>
      unwrap(object(response)),
    );
  };
  const read = async (
    api: ReadClient,
    id: string,
    options: ReadOptions,
  ): Promise<Remote | undefined> => {
    const item = await readWhole(api, id, options.signal);
    if (item === undefined || spec.isGone?.(item) === true) return undefined;
    const remoteObject = remote(item, id, api.host);
    return options.deep === false || spec.readDetails === undefined
      ? remoteObject
      : { ...remoteObject, ...(await spec.readDetails(api, item, remoteObject, options)) };
  };
  const remove = async (api: Client, id: string, signal?: AbortSignal): Promise<void> => {
    const { method, path, query, body } = calls.delete(id);
    if (method === "DELETE") await api.delete(path, query && { query });
    else await api.post(path, body, { removes: true });
    await spec.waitUntilDeleted?.(api, id, signal);
  };
  return {
    type,
    title,
    identity: {
      naturalKey: (attributes) =>
        textOrEmpty(attributes, nameField) === ""
          ? undefined
          : `name:${textOrEmpty(attributes, nameField)}`,
      ...defined({ link: spec.link }),
    },
    rules: { ...noRules, ...spec.rules },
    ...defined({
      validate: spec.validate,
      validatePlan: spec.validatePlan,
      suppress: spec.suppress,
      adjust: spec.adjust,
      defaults: spec.defaults,
      forcesNew: spec.forcesNew,
      toState: spec.toState,
      traits: spec.traits,
      versions: spec.versions,
    }),
    read,
    ...(items !== undefined && {
      async *list(api: ReadClient, _within?: string, signal?: AbortSignal): AsyncIterable<Remote> {
        for await (const wireObject of listItems(api, signal))
          if (spec.isGone?.(wireObject) !== true)
            yield {
              ...remote(wireObject, undefined, api.host),
              ...defined({ omitted: spec.omitted }),
            };
      },
    }),
    async create(api, planned, { signal, pending }) {
      const settings = requestBody(planned);
      const { isCreatedBy, createdAt, asCreateRequest } = spec;
      const create = {
        objectKey: `${title} ${textOrEmpty(planned, nameField)}`,
        path: createPath(planned),
        body: settings,
        idField,
      };
      const name = textOrEmpty(planned, nameField);
      const query = spec.query?.(planned);
      const creationChecks = defined({ query, isCreatedBy, createdAt, asCreateRequest });
      const id =
        spec.idOf === undefined
          ? await createById(
              api,
              {
                ...create,
                candidates: () => findCandidates(api, name),
                answer: unwrap,
                ...creationChecks,
              },
              pending,
            )
          : await createNamed(
              api,
              { id: spec.idOf(planned), path: createPath(planned), settings },
              { signal, pending },
            );
      try {
        await spec.afterCreate?.(api, id, planned, signal);
        const { readiness } = spec;
        if (readiness !== undefined && calls.read !== undefined)
          await untilReady(api, calls.read(id).path, readiness, `the ${title} ${id}`, signal);
        await spec.afterWrite?.(api, id, planned, signal);
      } catch (error) {
        const partiallyCreated = new PartiallyCreated(id, error);
        if (spec.deletesIfIncomplete !== true || signal?.aborted === true) throw partiallyCreated;
        await remove(api, id, signal).catch(() => Promise.reject(partiallyCreated));
        pending?.discard();
        throw error;
      }
      return { id, attributes: idAttributes(id) };
    },
    ...(spec.isImmutable !== true &&
      ({
        async update(api, id, prior, planned, { signal }) {
          await write(api, id, planned, requestBody(planned, prior));
          await spec.afterWrite?.(api, id, planned, signal);
          return { id };
        },
        async restore(api, id, desired, { signal }) {
          await write(api, id, desired, requestBody(desired, {}));
          await spec.afterWrite?.(api, id, desired, signal);
        },
      } satisfies Partial<Kind>)),
    delete: (api, id, _prior, { signal }) => remove(api, id, signal),
    removal: ({ id }) => {
      const { method, path, query, body } = calls.delete(id);
      return apiCommand(
        method,
        query === undefined ? path : `${path}?${new URLSearchParams(query).toString()}`,
        body,
      );
    },
  };
}
