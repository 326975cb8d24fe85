import { randomUUID } from "node:crypto";
import { defined } from "../../defined";
import { invalid, missing, WorkspaceError } from "../errors";
import { Fields } from "../fields";
import type { GroupRecord, UserRecord } from "../principal-records";
import { json, Raw, type Call, type Handler, type WorkspaceApp } from "../routes";
import { groupReference, SCIM, scimUser } from "./me";
import { entitlementsIn, listed, patchGroup, patchUser, picked, valuesIn } from "./scim-requests";

const BASE = "/preview/scim/v2";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Converts errors of these routes to SCIM's format. */
const scim =
  (handler: Handler): Handler =>
  async (call) => {
    try {
      return await handler(call);
    } catch (error) {
      if (!(error instanceof WorkspaceError)) throw error;
      const status = error.code === "RESOURCE_ALREADY_EXISTS" ? 409 : error.status;
      return json(
        status,
        // scimType is omitted: the official SDK would prepend it to the detail, and the official
        // provider's forced import checks how the detail starts.
        { schemas: [ERROR], detail: error.message, status: String(status) },
        SCIM,
      );
    }
  };

/** Users, service principals and groups: enough for principals to exist. */
export function scimRoutes(app: WorkspaceApp): void {
  for (const kind of ["user", "service_principal"] as const)
    collectionRoutes(app, usersOf(app, kind));
  collectionRoutes(app, groupsOf(app));
}

/** A SCIM collection: how its records are found, parsed, returned and stored. */
interface ScimCollection<Stored extends { readonly id: string }> {
  readonly path: string;
  records(): readonly Stored[];
  /** @throws WorkspaceError RESOURCE_DOES_NOT_EXIST */
  need(id: string | undefined): Stored;
  readonly shown: (record: Stored) => Record<string, unknown>;
  fieldsOf(input: Fields): Omit<Stored, "id" | "kind">;
  add(fields: Omit<Stored, "id" | "kind">, input: Fields): Stored;
  replaced(old: Stored, fields: Omit<Stored, "id" | "kind">): Stored;
  patched(old: Stored, input: Fields): Stored;
  put(record: Stored): void;
  remove(record: Stored, call: Call): void;
}

function collectionRoutes<Stored extends { readonly id: string }>(
  app: WorkspaceApp,
  collection: ScimCollection<Stored>,
): void {
  const { path } = collection;
  const changed = { admin: true };
  /** Updates the record in the URL and stores the result. */
  const changeRecord = async ({ params }: Call, next: (old: Stored) => Stored): Promise<Raw> => {
    const record = await app.store.write(() => {
      const result = next(collection.need(params.id));
      collection.put(result);
      return result;
    });
    return json(200, collection.shown(record), SCIM);
  };

  app.post(
    ["2.0"],
    path,
    scim(async ({ input }) => {
      const fields = collection.fieldsOf(input);
      return json(
        201,
        collection.shown(await app.store.write(() => collection.add(fields, input))),
        SCIM,
      );
    }),
    changed,
  );
  app.get(
    ["2.0"],
    path,
    scim((call) => listed(call, collection.records(), collection.shown)),
  );
  app.get(
    ["2.0"],
    `${path}/:id`,
    scim((call) =>
      json(200, picked(call, collection.shown(collection.need(call.params.id))), SCIM),
    ),
  );
  app.put(
    ["2.0"],
    `${path}/:id`,
    scim(async (call) => {
      const fields = collection.fieldsOf(call.input);
      return changeRecord(call, (old) => collection.replaced(old, fields));
    }),
    changed,
  );
  app.patch(
    ["2.0"],
    `${path}/:id`,
    scim((call) => changeRecord(call, (old) => collection.patched(old, call.input))),
    changed,
  );
  app.delete(
    ["2.0"],
    `${path}/:id`,
    scim(async (call) => {
      await app.store.write(() => collection.remove(collection.need(call.params.id), call));
      return new Raw(204, {});
    }),
    changed,
  );
}

function usersOf(app: WorkspaceApp, kind: UserRecord["kind"]): ScimCollection<UserRecord> {
  const { principals } = app;
  const title = kind === "user" ? "User" : "Service principal";
  return {
    path: `${BASE}/${kind === "user" ? "Users" : "ServicePrincipals"}`,
    records: () => principals.users.values().filter((record) => record.kind === kind),
    need(id) {
      const record = id === undefined || id.length > 100 ? undefined : principals.users.get(id);
      if (record?.kind !== kind) throw missing(`${title} with id ${id ?? ""} not found.`);
      return record;
    },
    shown: (record) => scimUser(record, principals.groupsOf(record.id)),
    fieldsOf(input) {
      const name =
        kind === "user"
          ? input.string("userName")
          : (input.optionalString("applicationId") ?? randomUUID());
      if (name.length > 255 || (kind === "service_principal" && !/^[0-9a-f-]{36}$/i.test(name)))
        throw invalid(`${title}: the name is not valid.`);
      const externalId = input.optionalString("externalId");
      return {
        name,
        displayName:
          input.optionalString("displayName") ??
          (kind === "user" ? name : `service principal ${name}`),
        active: input.boolean("active", true),
        ...defined({ externalId }),
        entitlements: entitlementsIn(input),
        roles: valuesIn(input, "roles"),
      };
    },
    add(fields, input) {
      const created = principals.addUser({ kind, ...fields });
      const users = principals.groupNamed("users");
      if (users !== undefined)
        principals.putGroup({ ...users, members: [...users.members, created.id] });
      for (const id of valuesIn(input, "groups")) join(app, id, created.id);
      return created;
    },
    replaced(old, fields) {
      const next = {
        ...old,
        ...fields,
        name: kind === "user" ? fields.name.toLowerCase() : old.name,
      };
      const nameHolder = principals.userNamed(next.name);
      if (nameHolder !== undefined && nameHolder.id !== old.id)
        throw new WorkspaceError(
          "RESOURCE_CONFLICT",
          `User with username ${next.name} already exists.`,
        );
      return next;
    },
    patched: patchUser,
    put: (record) => principals.putUser(record),
    remove(record, call) {
      if (record.id === call.caller.id) throw invalid("Users cannot delete themselves.");
      principals.removeUser(record);
    },
  };
}

function groupsOf(app: WorkspaceApp): ScimCollection<GroupRecord> {
  const { principals } = app;
  return {
    path: `${BASE}/Groups`,
    records: () => principals.groups.values(),
    need(id) {
      const record = id === undefined || id.length > 100 ? undefined : principals.groups.get(id);
      if (record === undefined) throw missing(`Group with id ${id ?? ""} not found.`);
      return record;
    },
    shown: (group) => ({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
      id: group.id,
      displayName: group.displayName,
      ...defined({ externalId: group.externalId }),
      ...(group.entitlements.length === 0
        ? {}
        : { entitlements: group.entitlements.map((value) => ({ value })) }),
      ...(group.roles.length === 0 ? {} : { roles: group.roles.map((value) => ({ value })) }),
      members: group.members.map((id) => {
        const user = principals.users.get(id);
        const type =
          user === undefined ? "Groups" : user.kind === "user" ? "Users" : "ServicePrincipals";
        return {
          display: user?.displayName ?? principals.groups.get(id)?.displayName ?? "",
          value: id,
          $ref: `${type}/${id}`,
        };
      }),
      groups: principals.groupsOf(group.id).map(groupReference),
      meta: { resourceType: "WorkspaceGroup" },
    }),
    fieldsOf(input) {
      const displayName = input.string("displayName");
      if (displayName.length > 255)
        throw invalid("The group's name is longer than 255 characters.");
      const externalId = input.optionalString("externalId");
      return {
        displayName,
        entitlements: entitlementsIn(input),
        roles: valuesIn(input, "roles"),
        members: valuesIn(input, "members"),
        ...defined({ externalId }),
      };
    },
    add: (fields) => principals.addGroup(fields),
    replaced: (old, fields) => ({ ...old, ...fields }),
    patched: patchGroup,
    put: (record) => principals.putGroup(record),
    remove(record) {
      if (record.displayName === "admins" || record.displayName === "users")
        throw invalid(`The group ${record.displayName} cannot be deleted.`);
      principals.removeGroup(record.id);
    },
  };
}

function join(app: WorkspaceApp, groupId: string, memberId: string): void {
  const group = groupId.length > 100 ? undefined : app.principals.groups.get(groupId);
  if (group === undefined) throw missing(`Group with id ${groupId} not found.`);
  app.principals.putGroup({ ...group, members: [...new Set([...group.members, memberId])] });
}
