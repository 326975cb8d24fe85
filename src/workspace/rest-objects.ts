/**
 * Collections of simple objects with an id, which clients create, read, list, change and delete.
 */
import { createHash, randomUUID } from "node:crypto";
import { changeTime } from "./clock";
import { exists, missing, WorkspaceError, type JsonObject, type JsonValue } from "./errors";
import type { Fields } from "./fields";
import { page } from "./paging";
import type { Principal } from "./principal-records";
import type { Call, Method, WorkspaceApp } from "./routes";

export interface StoredObject {
  readonly id: string;
  readonly settings: JsonObject;
  readonly creator: string;
  /** The last user who changed the object; absent before the first change. */
  readonly updater?: string;
  readonly created: number;
  readonly updated: number;
}

/** What a collection of objects stores and how its API represents it. */
export interface CollectionSpec {
  /** The name of an object in messages: "Query". */
  readonly title: string;
  /** The name of the collection in the store. */
  readonly collection: string;
  /**
   * The fields that a request may contain. All others are dropped and reported. Not used if
   * `parseSettings` is given; the same applies to `parameters` and `required`.
   */
  readonly fields?: readonly string[];
  /** Additional fields that a request may contain, which are not stored. */
  readonly parameters?: readonly string[];
  /** The fields that a request to create an object must contain. */
  readonly required?: readonly string[];
  /** A field that must be unique. */
  readonly unique?: string;
  /**
   * Checks a request and returns the settings to store. `previous` is absent for a create. Called
   * inside `store.write`.
   * @default the previous settings with the known fields of the request, unchecked
   */
  readonly parseSettings?: (input: Fields, previous: JsonObject | undefined) => JsonObject;
  /** @default a random UUID */
  readonly newId?: (settings: JsonObject) => string;
  /**
   * Returns the etag of the stored settings. If set, a change with a different `etag` is rejected.
   * A change without one is accepted.
   */
  readonly etagOf?: (settings: JsonObject) => string;
  /** Returns the fields of an object in responses. */
  readonly render: (object: StoredObject) => JsonObject;
  /** Returns the response for one object. @default the object itself */
  readonly renderOne?: (rendered: JsonObject) => JsonObject;
  /** Returns the response to a create. @default the result of `renderOne` */
  readonly renderCreated?: (rendered: JsonObject) => JsonObject;
  /** The field of the list response that contains the objects. */
  readonly items: string;
  /** Returns an item of the list response. @default the object itself */
  readonly renderListItem?: (rendered: JsonObject) => JsonObject;
  /** Whether only admins may create, change and delete objects. */
  readonly admin?: boolean;
  /** The permission type of the objects, the level to read, and the level to change and delete. */
  readonly permissions?: { readonly type: string; readonly read: string; readonly change: string };
}

/**
 * The operations on a collection of objects. {@link restRoutes} registers them at the usual paths.
 */
export class RestStore {
  private readonly objects;

  constructor(
    private readonly app: WorkspaceApp,
    private readonly spec: CollectionSpec,
  ) {
    this.objects = app.store.collection<StoredObject>(spec.collection);
  }

  requireObject(id: string | undefined): StoredObject {
    const object =
      id === undefined || id === "" || id.length > 500 ? undefined : this.objects.get(id);
    if (object === undefined)
      throw missing(`${this.spec.title} ${(id ?? "").slice(0, 200)} does not exist.`);
    return object;
  }

  async create(call: Call): Promise<JsonObject> {
    const { spec, app } = this;
    const { caller } = call;
    if (spec.admin === true)
      app.permissions.requireAdmin(caller, `create a ${spec.title.toLowerCase()}`);
    const createdObject = await app.store.write(() => {
      const settings = this.parseSettings(call, undefined);
      this.rejectDuplicate(settings, undefined);
      const id = spec.newId?.(settings) ?? randomUUID();
      if (this.objects.has(id)) throw exists(`${spec.title} ${id} already exists.`);
      const now = app.clock.now();
      const newObject: StoredObject = {
        id,
        settings,
        creator: caller.name,
        created: now,
        updated: now,
      };
      this.objects.put(id, newObject);
      if (spec.permissions !== undefined)
        app.permissions.grantToCreator(spec.permissions.type, id, caller);
      return newObject;
    });
    return (spec.renderCreated ?? spec.renderOne ?? ((rendered) => rendered))(
      spec.render(createdObject),
    );
  }

  read(id: string | undefined, caller: Principal): JsonObject {
    const object = this.requireObject(id);
    this.requirePermission(caller, object.id, "read");
    return (this.spec.renderOne ?? ((rendered) => rendered))(this.spec.render(object));
  }

  /** @param filter selects the objects to list. @default all objects */
  list(
    { input, caller }: Pick<Call, "input" | "caller">,
    filter: (object: StoredObject) => boolean = () => true,
  ): JsonObject {
    const { permissions, renderListItem: toListItem = (rendered) => rendered } = this.spec;
    const visibleObjects = this.objects
      .values()
      .filter(
        (object) =>
          filter(object) &&
          (permissions === undefined ||
            this.app.permissions.allows(caller, permissions.type, object.id, permissions.read)),
      );
    const { items, next_page_token } = page(input, visibleObjects, {
      defaultSize: 1000,
      maxSize: 10_000,
      sizeParameter: "page_size",
    });
    return {
      [this.spec.items]: items.map((object) => toListItem(this.spec.render(object))),
      next_page_token,
    };
  }

  async change(
    id: string | undefined,
    call: Pick<Call, "caller" | "input" | "reportDropped">,
  ): Promise<JsonObject> {
    const changedObject = await this.app.store.write(() => {
      const object = this.requireObject(id);
      this.requirePermission(call.caller, object.id, "change");
      this.rejectOutdated(call, object);
      const settings = this.parseSettings(call, object.settings);
      this.rejectDuplicate(settings, object.id);
      const updated = changeTime(this.app.clock, object.updated);
      const changedObject = { ...object, settings, updated, updater: call.caller.name };
      this.objects.put(object.id, changedObject);
      return changedObject;
    });
    return (this.spec.renderOne ?? ((rendered) => rendered))(this.spec.render(changedObject));
  }

  async remove(id: string | undefined, { caller }: Pick<Call, "caller">): Promise<undefined> {
    await this.app.store.write(() => {
      const object = this.requireObject(id);
      this.requirePermission(caller, object.id, "change");
      this.objects.remove(object.id);
      if (this.spec.permissions !== undefined)
        this.app.permissions.removeGrants(this.spec.permissions.type, object.id);
    });
    return undefined;
  }

  private parseSettings(
    call: Pick<Call, "input" | "reportDropped">,
    previous: JsonObject | undefined,
  ): JsonObject {
    const { input } = call;
    const { fields = [], required = [], parseSettings } = this.spec;
    if (parseSettings !== undefined) return parseSettings(input, previous);
    const unknown = Object.keys(input.values).filter(
      (name) => !fields.includes(name) && !this.spec.parameters?.includes(name),
    );
    if (unknown.length > 0) call.reportDropped(unknown);
    if (previous === undefined) for (const name of required) input.requireField(name);
    return { ...previous, ...pickFields(input.values, fields) };
  }

  /**
   * The platform documents no error for an outdated etag. This error is the one of the settings
   * API.
   */
  private rejectOutdated({ input }: Pick<Call, "input">, { id, settings }: StoredObject): void {
    const { etagOf, title } = this.spec;
    const etag = etagOf === undefined ? "" : (input.optionalString("etag") ?? "");
    if (etag !== "" && etag !== etagOf?.(settings))
      throw new WorkspaceError(
        "RESOURCE_CONFLICT",
        `${title} ${id} was modified since it was read.`,
      );
  }

  private rejectDuplicate(settings: JsonObject, ownId: string | undefined): void {
    const { unique, title } = this.spec;
    const name = unique === undefined ? undefined : settings[unique];
    if (unique === undefined || name === undefined) return;
    if (
      this.objects
        .values()
        .some((object) => object.id !== ownId && object.settings[unique] === name)
    )
      throw exists(`${title} with ${unique} ${name as string} already exists.`);
  }

  private requirePermission(caller: Principal, id: string, access: "read" | "change"): void {
    const { permissions, admin, title } = this.spec;
    if (permissions !== undefined)
      this.app.permissions.require(caller, permissions.type, id, permissions[access]);
    else if (admin === true && access === "change")
      this.app.permissions.requireAdmin(caller, `change or delete a ${title.toLowerCase()}`);
  }
}

/**
 * Derives an id from the name of an object, for objects that the API addresses by name, but their
 * permissions by id.
 */
export const idOfName = (name: string): string =>
  createHash("sha256").update(name).digest("hex").slice(0, 32);

/** Returns the last user who changed an object, or its creator. */
export const updaterOf = ({ creator, updater = creator }: StoredObject): string => updater;

/** Renders who created an object and who last changed it, and when. */
export const renderChanges = (object: StoredObject): JsonObject => ({
  created_at: object.created,
  created_by: object.creator,
  updated_at: object.updated,
  updated_by: updaterOf(object),
});

/** A collection with routes at the usual paths. */
export interface RoutedCollectionSpec extends CollectionSpec {
  /** The path below `/api/<version>`. */
  readonly path: string;
  /** Returns the id for the last segment of an object's path. @default the segment itself */
  readonly toId?: (segment: string) => string;
  /** @default 2.0 */
  readonly version?: string;
}

/** Returns the given fields, except those without a value. */
export function pickFields(values: JsonObject, fields: readonly string[]): JsonObject {
  const isPresent = (value: JsonValue | undefined): boolean =>
    value !== undefined && value !== null;
  return Object.fromEntries(
    fields.flatMap((name) => (isPresent(values[name]) ? [[name, values[name]]] : [])),
  );
}

/**
 * Registers POST (create) and GET (list) of the path, and GET, DELETE and the methods that change an
 * object for the path with an id.
 */
export function restRoutes(
  app: WorkspaceApp,
  spec: RoutedCollectionSpec,
  changeMethods: readonly Extract<Method, "PUT" | "PATCH">[] = ["PATCH"],
): void {
  const store = new RestStore(app, spec);
  const objectPath = `${spec.path}/:id`;
  const versions = [spec.version ?? "2.0"];
  const { toId = (segment) => segment } = spec;
  const idOf = ({ params }: Call): string => toId(params.id ?? "");
  app.post(versions, spec.path, (call) => store.create(call));
  app.get(versions, spec.path, (call) => store.list(call));
  app.get(versions, objectPath, (call) => store.read(idOf(call), call.caller));
  for (const method of changeMethods)
    app.route(method, versions, objectPath, (call) => store.change(idOf(call), call));
  app.delete(versions, objectPath, (call) => store.remove(idOf(call), call));
}
