/**
 * Simple objects with an id: clients create, read, list, change and delete them, and no other part
 * of the workspace uses them.
 */
import { createHash, randomUUID } from "node:crypto";
import { exists, missing, WorkspaceError, type JsonObject, type JsonValue } from "./errors";
import type { Fields } from "./fields";
import { page } from "./paging";
import type { Principal } from "./principal-records";
import type { Call, Method, WorkspaceApp } from "./routes";

export interface Stored {
  readonly id: string;
  readonly settings: JsonObject;
  readonly creator: string;
  readonly created: number;
  readonly updated: number;
}

export interface RestObjects {
  readonly title: string;
  /** The path below `/api/<version>`. */
  readonly path: string;
  /** @default 2.0 */
  readonly version?: string;
  readonly collection: string;
  /** The fields that a request may contain. All others are dropped and reported. */
  readonly fields: readonly string[];
  /** Additional fields that a request may contain, which are not stored. */
  readonly parameters?: readonly string[];
  readonly required: readonly string[];
  /** A field that must be unique. */
  readonly unique?: string;
  /** Returns the checked settings of a request. @default the known fields, unchanged */
  readonly settings?: (input: Fields, before: JsonObject | undefined) => JsonObject;
  readonly newId?: (settings: JsonObject) => string;
  /** If set: a change with another `etag` is rejected. */
  readonly etagOf?: (settings: JsonObject) => string;
  /** Returns the fields of an object in responses. */
  readonly shown: (stored: Stored) => JsonObject;
  /** Returns the response for one object. @default the object itself */
  readonly one?: (shown: JsonObject) => JsonObject;
  readonly created?: (shown: JsonObject) => JsonObject;
  readonly items: string;
  readonly listed?: (shown: JsonObject) => JsonObject;
  readonly admin?: boolean;
  /** The permission type of the objects, and the levels needed to read and to change them. */
  readonly permissions?: { readonly type: string; readonly read: string; readonly change: string };
}

/**
 * The operations on a collection of objects. {@link restRoutes} registers them at the usual paths.
 */
export class RestStore {
  private readonly stored;

  constructor(
    private readonly app: WorkspaceApp,
    private readonly spec: RestObjects,
  ) {
    this.stored = app.store.collection<Stored>(spec.collection);
  }

  need(id: string | undefined): Stored {
    const found =
      id === undefined || id === "" || id.length > 500 ? undefined : this.stored.get(id);
    if (found === undefined)
      throw missing(`${this.spec.title} ${(id ?? "").slice(0, 200)} does not exist.`);
    return found;
  }

  async create(call: Call): Promise<JsonObject> {
    const { spec, app } = this;
    const { caller } = call;
    if (spec.admin === true)
      app.permissions.requireAdmin(caller, `create a ${spec.title.toLowerCase()}`);
    const settings = this.settings(call, undefined);
    const createdObject = await app.store.write(() => {
      this.refuseTaken(settings, undefined);
      const id = spec.newId?.(settings) ?? randomUUID();
      if (this.stored.has(id)) throw exists(`${spec.title} ${id} already exists.`);
      const now = app.clock.now();
      const created: Stored = { id, settings, creator: caller.name, created: now, updated: now };
      this.stored.put(id, created);
      if (spec.permissions !== undefined)
        app.permissions.created(spec.permissions.type, id, caller);
      return created;
    });
    return (spec.created ?? spec.one ?? ((shown) => shown))(spec.shown(createdObject));
  }

  read(id: string | undefined, caller: Principal): JsonObject {
    const found = this.need(id);
    this.require(caller, found.id, "read");
    return (this.spec.one ?? ((shown) => shown))(this.spec.shown(found));
  }

  list({ input, caller }: Pick<Call, "input" | "caller">): JsonObject {
    const { permissions, listed = (shown) => shown } = this.spec;
    const visible = this.stored
      .values()
      .filter(
        (stored) =>
          permissions === undefined ||
          this.app.permissions.allows(caller, permissions.type, stored.id, permissions.read),
      );
    const { items, next_page_token } = page(input, visible, {
      byDefault: 1000,
      most: 10_000,
      size: "page_size",
    });
    return {
      [this.spec.items]: items.map((stored) => listed(this.spec.shown(stored))),
      next_page_token,
    };
  }

  async change(
    id: string | undefined,
    call: Pick<Call, "caller" | "input" | "dropped">,
  ): Promise<JsonObject> {
    const next = await this.app.store.write(() => {
      const found = this.need(id);
      this.require(call.caller, found.id, "change");
      this.refuseOutdated(call, found);
      const settings = this.settings(call, found.settings);
      this.refuseTaken(settings, found.id);
      const changed = { ...found, settings, updated: this.app.clock.now() };
      this.stored.put(found.id, changed);
      return changed;
    });
    return (this.spec.one ?? ((shown) => shown))(this.spec.shown(next));
  }

  async remove(id: string | undefined, { caller }: Pick<Call, "caller">): Promise<undefined> {
    await this.app.store.write(() => {
      const found = this.need(id);
      this.require(caller, found.id, "change");
      this.stored.remove(found.id);
      if (this.spec.permissions !== undefined)
        this.app.permissions.forget(this.spec.permissions.type, found.id);
    });
    return undefined;
  }

  private settings(
    call: Pick<Call, "input" | "dropped">,
    before: JsonObject | undefined,
  ): JsonObject {
    const { input } = call;
    const { fields, required, settings } = this.spec;
    if (settings !== undefined) return settings(input, before);
    const unknown = Object.keys(input.values).filter(
      (name) => !fields.includes(name) && !this.spec.parameters?.includes(name),
    );
    if (unknown.length > 0) call.dropped(unknown);
    if (before === undefined) for (const name of required) if (!input.has(name)) input.string(name);
    return { ...before, ...keep(input.values, fields) };
  }

  /** The documentation of the etag does not contain the error: this is the one of settings. */
  private refuseOutdated({ input }: Pick<Call, "input">, { id, settings }: Stored): void {
    const { etagOf, title } = this.spec;
    const etag = etagOf === undefined ? "" : (input.optionalString("etag") ?? "");
    if (etag !== "" && etag !== etagOf?.(settings))
      throw new WorkspaceError(
        "RESOURCE_CONFLICT",
        `${title} ${id} was modified since it was read.`,
      );
  }

  private refuseTaken(settings: JsonObject, ownId: string | undefined): void {
    const { unique, title } = this.spec;
    if (unique === undefined) return;
    const name = settings[unique];
    if (
      this.stored.values().some((stored) => stored.id !== ownId && stored.settings[unique] === name)
    )
      throw exists(`${title} with ${unique} ${name as string} already exists.`);
  }

  private require(caller: Principal, id: string, access: "read" | "change"): void {
    const { permissions, admin, title } = this.spec;
    if (permissions !== undefined)
      this.app.permissions.require(caller, permissions.type, id, permissions[access]);
    else if (admin === true && access === "change")
      this.app.permissions.requireAdmin(caller, `change a ${title.toLowerCase()}`);
  }
}

/** Returns the id of an object that is stored by name; permissions and references use the id. */
export const idOfName = (name: string): string =>
  createHash("sha256").update(name).digest("hex").slice(0, 32);

export function keep(values: JsonObject, fields: readonly string[]): JsonObject {
  const given = (value: JsonValue | undefined): boolean => value !== undefined && value !== null;
  return Object.fromEntries(
    fields.flatMap((name) => (given(values[name]) ? [[name, values[name]]] : [])),
  );
}

/** Registers POST and GET of the path, and GET, PATCH or PUT, and DELETE of the path with an id. */
export function restRoutes(
  app: WorkspaceApp,
  spec: RestObjects,
  changes: readonly Extract<Method, "PUT" | "PATCH">[] = ["PATCH"],
): void {
  const store = new RestStore(app, spec);
  const at = `${spec.path}/:id`;
  const versions = [spec.version ?? "2.0"];
  app.post(versions, spec.path, (call) => store.create(call));
  app.get(versions, spec.path, (call) => store.list(call));
  app.get(versions, at, ({ params, caller }) => store.read(params.id, caller));
  for (const method of changes)
    app.route(method, versions, at, (call) => store.change(call.params.id, call));
  app.delete(versions, at, (call) => store.remove(call.params.id, call));
}
