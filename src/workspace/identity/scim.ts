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

/** Errors of these routes have SCIM's format. */
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
        // Without a scimType: the official SDK would put it before the detail, and the official provider's forced import checks how the
        // detail starts.
        { schemas: [ERROR], detail: error.message, status: String(status) },
        SCIM,
      );
    }
  };

/** Users, service principals and groups: enough for principals to exist. */
export function scimRoutes(app: WorkspaceApp): void {
  const { principals } = app;
  const body = (call: Call): Fields => call.input;
  const changed = { admin: true };

  for (const kind of ["user", "service_principal"] as const) {
    const path = `${BASE}/${kind === "user" ? "Users" : "ServicePrincipals"}`;
    const title = kind === "user" ? "User" : "Service principal";
    const need = (id: string | undefined): UserRecord => {
      const record = id === undefined || id.length > 100 ? undefined : principals.users.get(id);
      if (record?.kind !== kind) throw missing(`${title} with id ${id ?? ""} not found.`);
      return record;
    };
    const shown = (record: UserRecord): Record<string, unknown> => scimUser(record, principals.groupsOf(record.id));
    const fieldsOf = (input: Fields): Omit<UserRecord, "id" | "kind"> => {
      const name = kind === "user" ? input.string("userName") : (input.optionalString("applicationId") ?? randomUUID());
      if (name.length > 255 || (kind === "service_principal" && !/^[0-9a-f-]{36}$/i.test(name)))
        throw invalid(`${title}: the name is not valid.`);
      const externalId = input.optionalString("externalId");
      return {
        name,
        displayName: input.optionalString("displayName") ?? (kind === "user" ? name : `service principal ${name}`),
        active: input.boolean("active", true),
        ...defined({ externalId }),
        entitlements: entitlementsIn(input),
        roles: valuesIn(input, "roles"),
      };
    };

    app.post(
      ["2.0"],
      path,
      scim(async (call) => {
        const fields = fieldsOf(body(call));
        const record = await app.store.write(() => {
          const made = principals.addUser({ kind, ...fields });
          const users = principals.groupNamed("users");
          if (users !== undefined) principals.putGroup({ ...users, members: [...users.members, made.id] });
          for (const id of valuesIn(body(call), "groups")) join(app, id, made.id);
          return made;
        });
        return json(201, shown(record), SCIM);
      }),
      changed,
    );
    app.get(
      ["2.0"],
      path,
      scim((call) =>
        listed(
          call,
          principals.users.values().filter((record) => record.kind === kind),
          shown,
        ),
      ),
    );
    app.get(
      ["2.0"],
      `${path}/:id`,
      scim((call) => json(200, picked(call, shown(need(call.params.id))), SCIM)),
    );
    app.put(
      ["2.0"],
      `${path}/:id`,
      scim(async (call) => {
        const fields = fieldsOf(body(call));
        const record = await app.store.write(() => {
          const old = need(call.params.id);
          const next = { ...old, ...fields, name: kind === "user" ? fields.name.toLowerCase() : old.name };
          const other = principals.userNamed(next.name);
          if (other !== undefined && other.id !== old.id)
            throw new WorkspaceError("RESOURCE_CONFLICT", `User with username ${next.name} already exists.`);
          principals.putUser(next);
          return next;
        });
        return json(200, shown(record), SCIM);
      }),
      changed,
    );
    app.patch(
      ["2.0"],
      `${path}/:id`,
      scim(async (call) => {
        const record = await app.store.write(() => {
          const next = patchUser(need(call.params.id), body(call));
          principals.putUser(next);
          return next;
        });
        return json(200, shown(record), SCIM);
      }),
      changed,
    );
    app.delete(
      ["2.0"],
      `${path}/:id`,
      scim(async (call) => {
        await app.store.write(() => {
          const record = need(call.params.id);
          if (record.id === call.caller.id) throw invalid("A user cannot delete itself.");
          principals.removeUser(record);
        });
        return new Raw(204, {});
      }),
      changed,
    );
  }
  groupRoutes(app);
}

function groupRoutes(app: WorkspaceApp): void {
  const { principals } = app;
  const path = `${BASE}/Groups`;
  const changed = { admin: true };
  const need = (id: string | undefined): GroupRecord => {
    const record = id === undefined || id.length > 100 ? undefined : principals.groups.get(id);
    if (record === undefined) throw missing(`Group with id ${id ?? ""} not found.`);
    return record;
  };
  const shown = (group: GroupRecord): Record<string, unknown> => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    id: group.id,
    displayName: group.displayName,
    ...defined({ externalId: group.externalId }),
    ...(group.entitlements.length === 0 ? {} : { entitlements: group.entitlements.map((value) => ({ value })) }),
    ...(group.roles.length === 0 ? {} : { roles: group.roles.map((value) => ({ value })) }),
    members: group.members.map((id) => {
      const user = principals.users.get(id);
      const type = user === undefined ? "Groups" : user.kind === "user" ? "Users" : "ServicePrincipals";
      return { display: user?.displayName ?? principals.groups.get(id)?.displayName ?? "", value: id, $ref: `${type}/${id}` };
    }),
    groups: principals.groupsOf(group.id).map(groupReference),
    meta: { resourceType: "WorkspaceGroup" },
  });
  const fieldsOf = (input: Fields): Omit<GroupRecord, "id"> => {
    const displayName = input.string("displayName");
    if (displayName.length > 255) throw invalid("The group's name is longer than 255 characters.");
    const externalId = input.optionalString("externalId");
    return {
      displayName,
      entitlements: entitlementsIn(input),
      roles: valuesIn(input, "roles"),
      members: valuesIn(input, "members"),
      ...defined({ externalId }),
    };
  };
  app.post(
    ["2.0"],
    path,
    scim(async ({ input }) => {
      const fields = fieldsOf(input);
      return json(201, shown(await app.store.write(() => principals.addGroup(fields))), SCIM);
    }),
    changed,
  );
  app.get(
    ["2.0"],
    path,
    scim((call) => listed(call, principals.groups.values(), shown)),
  );
  app.get(
    ["2.0"],
    `${path}/:id`,
    scim((call) => json(200, picked(call, shown(need(call.params.id))), SCIM)),
  );
  app.put(
    ["2.0"],
    `${path}/:id`,
    scim(async ({ input, params }) => {
      const fields = fieldsOf(input);
      const record = await app.store.write(() => {
        const next = { ...need(params.id), ...fields };
        principals.putGroup(next);
        return next;
      });
      return json(200, shown(record), SCIM);
    }),
    changed,
  );
  app.patch(
    ["2.0"],
    `${path}/:id`,
    scim(async ({ input, params }) => {
      const record = await app.store.write(() => {
        const next = patchGroup(need(params.id), input);
        principals.putGroup(next);
        return next;
      });
      return json(200, shown(record), SCIM);
    }),
    changed,
  );
  app.delete(
    ["2.0"],
    `${path}/:id`,
    scim(async ({ params }) => {
      await app.store.write(() => {
        const record = need(params.id);
        if (record.displayName === "admins" || record.displayName === "users")
          throw invalid(`The group ${record.displayName} cannot be deleted.`);
        principals.removeGroup(record.id);
      });
      return new Raw(204, {});
    }),
    changed,
  );
}

function join(app: WorkspaceApp, groupId: string, memberId: string): void {
  const group = groupId.length > 100 ? undefined : app.principals.groups.get(groupId);
  if (group === undefined) throw missing(`Group with id ${groupId} not found.`);
  app.principals.putGroup({ ...group, members: [...new Set([...group.members, memberId])] });
}
