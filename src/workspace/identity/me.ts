import { defined } from "../../defined";
import type { GroupRecord, UserRecord } from "../principal-records";
import { json, type WorkspaceApp } from "../routes";

export const SCIM = "application/scim+json; charset=utf-8";
const SCHEMAS = "urn:ietf:params:scim:schemas";

/** Returns a group as it appears in the field `groups` of its direct and indirect members. */
export const groupReference = (group: GroupRecord, memberId: string): object => ({
  display: group.displayName,
  type: group.members.includes(memberId) ? "direct" : "indirect",
  value: group.id,
  $ref: `Groups/${group.id}`,
});

/** Returns a user or service principal with its groups in SCIM's format. */
export function scimUser(
  record: UserRecord,
  groups: readonly GroupRecord[],
): Record<string, unknown> {
  const commonFields = {
    id: record.id,
    displayName: record.displayName,
    active: record.active,
    ...defined({ externalId: record.externalId }),
    ...(record.entitlements.length === 0
      ? {}
      : { entitlements: record.entitlements.map((value) => ({ value })) }),
    ...(record.roles.length === 0 ? {} : { roles: record.roles.map((value) => ({ value })) }),
    groups: groups.map((group) => groupReference(group, record.id)),
  };
  if (record.kind === "service_principal")
    return {
      schemas: [`${SCHEMAS}:core:2.0:ServicePrincipal`],
      applicationId: record.name,
      ...commonFields,
    };
  return {
    schemas: [`${SCHEMAS}:core:2.0:User`, `${SCHEMAS}:extension:workspace:2.0:User`],
    userName: record.name,
    emails: [{ type: "work", value: record.name, primary: true }],
    name: { givenName: record.displayName },
    ...commonFields,
  };
}

/**
 * The route `/api/2.0/preview/scim/v2/Me`: returns the owner of the token. The `userName` of a
 * service principal is its application id.
 */
export function meRoutes(app: WorkspaceApp): void {
  app.get(["2.0"], "/preview/scim/v2/Me", ({ caller, input }) => {
    const record = app.principals.users.get(caller.id);
    if (record === undefined) throw new Error("the caller does not exist");
    const me = scimUser(record, app.principals.groupsOf(caller.id));
    if (record.kind === "service_principal") me.userName = record.name;
    const excluded = new Set((input.optionalString("excludedAttributes") ?? "").split(","));
    return json(
      200,
      Object.fromEntries(Object.entries(me).filter(([name]) => !excluded.has(name))),
      SCIM,
    );
  });
}
