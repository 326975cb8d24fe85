import { randomUUID } from "node:crypto";
import { defined } from "../../defined";
import { exists, invalid, missing, WorkspaceError } from "../errors";
import { Fields } from "../fields";
import type { GroupRecord, UserRecord } from "../principal-records";
import { json, Raw, type Call, type Handler, type WorkspaceApp } from "../routes";
import { groupReference, SCIM, scimUser } from "./me";
import {
  parseEntitlements,
  listResponse,
  patchGroup,
  patchUser,
  selectAttributes,
  parseValues,
} from "./scim-requests";

const BASE = "/preview/scim/v2";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Converts the errors that a handler throws to SCIM's format. */
const withScimErrors =
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

/** Routes of users, service principals and groups. */
export function scimRoutes(app: WorkspaceApp): void {
  for (const kind of ["user", "service_principal"] as const)
    collectionRoutes(app, userCollection(app, kind));
  collectionRoutes(app, groupCollection(app));
}

/** A SCIM collection: how its records are found, parsed, returned and stored. */
interface ScimCollection<StoredRecord extends { readonly id: string }> {
  readonly path: string;
  records(): readonly StoredRecord[];
  /** @throws WorkspaceError RESOURCE_DOES_NOT_EXIST */
  mustFind(id: string | undefined): StoredRecord;
  readonly render: (record: StoredRecord) => Record<string, unknown>;
  parseFields(input: Fields): Omit<StoredRecord, "id" | "kind">;
  add(fields: Omit<StoredRecord, "id" | "kind">, input: Fields): StoredRecord;
  replace(previous: StoredRecord, fields: Omit<StoredRecord, "id" | "kind">): StoredRecord;
  patch(previous: StoredRecord, input: Fields): StoredRecord;
  put(record: StoredRecord): void;
  remove(record: StoredRecord, call: Call): void;
}

function collectionRoutes<StoredRecord extends { readonly id: string }>(
  app: WorkspaceApp,
  collection: ScimCollection<StoredRecord>,
): void {
  const { path } = collection;
  const adminOnly = { admin: true };
  /** Updates the record in the URL and stores the result. */
  const changeRecord = async (
    { params }: Call,
    changeOf: (previous: StoredRecord) => StoredRecord,
  ): Promise<Raw> => {
    const record = await app.store.write(() => {
      const result = changeOf(collection.mustFind(params.id));
      collection.put(result);
      return result;
    });
    return json(200, collection.render(record), SCIM);
  };

  app.post(
    ["2.0"],
    path,
    withScimErrors(async ({ input }) => {
      const fields = collection.parseFields(input);
      return json(
        201,
        collection.render(await app.store.write(() => collection.add(fields, input))),
        SCIM,
      );
    }),
    adminOnly,
  );
  app.get(
    ["2.0"],
    path,
    withScimErrors((call) => listResponse(call, collection.records(), collection.render)),
  );
  app.get(
    ["2.0"],
    `${path}/:id`,
    withScimErrors((call) =>
      json(
        200,
        selectAttributes(call, collection.render(collection.mustFind(call.params.id))),
        SCIM,
      ),
    ),
  );
  app.put(
    ["2.0"],
    `${path}/:id`,
    withScimErrors(async (call) => {
      const fields = collection.parseFields(call.input);
      return changeRecord(call, (previous) => collection.replace(previous, fields));
    }),
    adminOnly,
  );
  app.patch(
    ["2.0"],
    `${path}/:id`,
    withScimErrors((call) =>
      changeRecord(call, (previous) => collection.patch(previous, call.input)),
    ),
    adminOnly,
  );
  app.delete(
    ["2.0"],
    `${path}/:id`,
    withScimErrors(async (call) => {
      await app.store.write(() => collection.remove(collection.mustFind(call.params.id), call));
      return new Raw(204, {});
    }),
    adminOnly,
  );
}

function userCollection(app: WorkspaceApp, kind: UserRecord["kind"]): ScimCollection<UserRecord> {
  const { principals } = app;
  const title = kind === "user" ? "User" : "Service principal";
  return {
    path: `${BASE}/${kind === "user" ? "Users" : "ServicePrincipals"}`,
    records: () => principals.users.values().filter((record) => record.kind === kind),
    mustFind(id) {
      const record = id === undefined || id.length > 100 ? undefined : principals.users.get(id);
      if (record?.kind !== kind) throw missing(`${title} with id ${id ?? ""} not found.`);
      return record;
    },
    render: (record) => scimUser(record, principals.groupsOf(record.id)),
    parseFields(input) {
      const name =
        kind === "user"
          ? input.string("userName")
          : (input.optionalString("applicationId") ?? randomUUID());
      if (name.length > 255) throw invalid(`${title}: the name is longer than 255 characters.`);
      if (kind === "service_principal" && !/^[0-9a-f-]{36}$/i.test(name))
        throw invalid(`${title}: applicationId must be a UUID.`);
      const externalId = input.optionalString("externalId");
      return {
        name,
        displayName:
          input.optionalString("displayName") ??
          (kind === "user" ? name : `service principal ${name}`),
        active: input.boolean("active", true),
        ...defined({ externalId }),
        entitlements: parseEntitlements(input),
        roles: parseValues(input, "roles"),
      };
    },
    add(fields, input) {
      const newUser = principals.addUser({ kind, ...fields });
      principals.addToGroup("users", newUser.id);
      for (const id of parseValues(input, "groups")) addMember(app, id, newUser.id);
      return newUser;
    },
    replace(previous, fields) {
      const replacement = {
        ...previous,
        ...fields,
        name: kind === "user" ? fields.name.toLowerCase() : previous.name,
      };
      const nameHolder = principals.findUser(replacement.name);
      if (nameHolder !== undefined && nameHolder.id !== previous.id)
        throw new WorkspaceError(
          "RESOURCE_CONFLICT",
          `User with username ${replacement.name} already exists.`,
        );
      return replacement;
    },
    patch: patchUser,
    put: (record) => principals.putUser(record),
    remove(record, call) {
      if (record.id === call.caller.id) throw invalid("Users cannot delete themselves.");
      principals.removeUser(record);
    },
  };
}

function groupCollection(app: WorkspaceApp): ScimCollection<GroupRecord> {
  const { principals } = app;
  return {
    path: `${BASE}/Groups`,
    records: () => principals.groups.values(),
    mustFind(id) {
      const record = id === undefined || id.length > 100 ? undefined : principals.groups.get(id);
      if (record === undefined) throw missing(`Group with id ${id ?? ""} not found.`);
      return record;
    },
    render: (group) => ({
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
      groups: principals.groupsOf(group.id).map((parent) => groupReference(parent, group.id)),
      meta: { resourceType: "WorkspaceGroup" },
    }),
    parseFields(input) {
      const displayName = input.string("displayName");
      if (displayName.length > 255)
        throw invalid("The group's name is longer than 255 characters.");
      const externalId = input.optionalString("externalId");
      return {
        displayName,
        entitlements: parseEntitlements(input),
        roles: parseValues(input, "roles"),
        members: parseValues(input, "members"),
        ...defined({ externalId }),
      };
    },
    add: (fields) => principals.addGroup(fields),
    replace: (previous, fields) => ({ ...previous, ...fields }),
    patch: patchGroup,
    put(record) {
      const nameHolder = principals.findGroup(record.displayName);
      if (nameHolder !== undefined && nameHolder.id !== record.id)
        throw exists(`Group with name ${record.displayName} already exists.`);
      principals.putGroup(record);
    },
    remove(record) {
      if (record.displayName === "admins" || record.displayName === "users")
        throw invalid(`The group ${record.displayName} cannot be deleted.`);
      principals.removeGroup(record.id);
    },
  };
}

function addMember(app: WorkspaceApp, groupId: string, memberId: string): void {
  const group = groupId.length > 100 ? undefined : app.principals.groups.get(groupId);
  if (group === undefined) throw missing(`Group with id ${groupId} not found.`);
  app.principals.putGroup({ ...group, members: [...new Set([...group.members, memberId])] });
}
