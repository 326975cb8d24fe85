import type { ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { entitlementFields, scimPath } from "../families/scim";
import { alphanumeric } from "./current-user";
import type { Attributes, DataKind, Value } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object, objects, optionalText, type Json } from "../shape/json";

type Collection = "Users" | "Groups" | "ServicePrincipals";

interface Lookup {
  readonly collection: Collection;
  readonly title: string;
  /** The argument with the id, if there is one. */
  readonly id?: string;
  /** The attributes by which a principal is found if there is no id, with their names on the wire. */
  readonly by: Readonly<Record<string, string>>;
}

/** Finds the principal that the configuration names. */
async function findPrincipal(
  api: ReadClient,
  config: Attributes,
  lookup: Lookup,
  signal?: AbortSignal,
): Promise<Json> {
  const { collection, title, id, by } = lookup;
  const idValue = id === undefined ? "" : textOrEmpty(config, id);
  if (idValue !== "")
    return object(
      await api.get(`${scimPath}/${collection}/${encodeURIComponent(idValue)}`, { signal }),
    );
  const field = Object.keys(by).find((name) => textOrEmpty(config, name) !== "");
  if (field === undefined)
    throw new LakeformError("NOTHING_ASKED", `nothing identifies the ${title}`, {
      fix: "set one of these arguments",
      allowed: `one of ${[...Object.keys(by), ...(id === undefined ? [] : [id])].join(", ")}`,
    });
  const value = textOrEmpty(config, field);
  const filter = `${by[field] ?? ""} eq "${value.replaceAll('"', '\\"')}"`;
  const [first, second] = objects(
    object(await api.get(`${scimPath}/${collection}`, { query: { filter }, signal })).Resources,
  );
  if (first === undefined)
    throw new LakeformError("NO_SUCH_PRINCIPAL", `no such ${title}`, {
      value,
      fix: "check the name, or create it first",
    });
  if (second !== undefined)
    throw new LakeformError("DUPLICATE_PRINCIPAL_NAME", `more than one ${title} has this name`, {
      value,
      fix: "select it by its id",
    });
  return first;
}

/** Returns the values in a list: ids of members, names of entitlements or roles. */
const valuesIn = (list: unknown, memberCollection?: Collection): string[] =>
  objects(list)
    .filter(
      ({ $ref }) =>
        memberCollection === undefined ||
        (optionalText($ref) ?? "").startsWith(`${memberCollection}/`),
    )
    .map(({ value }) => optionalText(value) ?? "")
    .sort();

export const userData: DataKind = {
  type: "databricks_user",
  title: "user",
  async read(api, config, { signal }) {
    const wireObject = await findPrincipal(
      api,
      config,
      { collection: "Users", title: "user", id: "user_id", by: { user_name: "userName" } },
      signal,
    );
    const name = optionalText(wireObject.userName) ?? "";
    return {
      ...config,
      id: optionalText(wireObject.id) ?? "",
      user_name: name,
      display_name: optionalText(wireObject.displayName) ?? "",
      external_id: optionalText(wireObject.externalId) ?? "",
      application_id: optionalText(wireObject.applicationId) ?? "",
      active: wireObject.active === true,
      home: `/Users/${name}`,
      repos: `/Repos/${name}`,
      acl_principal_id: `users/${name}`,
      alphanumeric: alphanumeric(name),
    };
  },
};

export const servicePrincipalData: DataKind = {
  type: "databricks_service_principal",
  title: "service principal",
  async read(api, config, { signal }) {
    const by = { application_id: "applicationId", display_name: "displayName" };
    const wireObject = await findPrincipal(
      api,
      config,
      { collection: "ServicePrincipals", title: "service principal", id: "scim_id", by },
      signal,
    );
    const [id, application] = [
      optionalText(wireObject.id) ?? "",
      optionalText(wireObject.applicationId) ?? "",
    ];
    return {
      ...config,
      id,
      sp_id: id,
      scim_id: id,
      application_id: application,
      display_name: optionalText(wireObject.displayName) ?? "",
      external_id: optionalText(wireObject.externalId) ?? "",
      active: wireObject.active === true,
      home: `/Users/${application}`,
      repos: `/Repos/${application}`,
      acl_principal_id: `servicePrincipals/${application}`,
    };
  },
};

/** Reads a group and, unless `recursive` is false, the values inherited from its parent groups. */
export const groupData: DataKind = {
  type: "databricks_group",
  title: "group",
  async read(api, config, { signal }) {
    const group = await findPrincipal(
      api,
      config,
      { collection: "Groups", title: "group", by: { display_name: "displayName" } },
      signal,
    );
    const groupsById = new Map([[optionalText(group.id) ?? "", group]]);
    const queue = config.recursive === false ? [] : valuesIn(group.groups);
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      if (groupsById.has(id)) continue;
      const parentGroup = object(
        await api.get(`${scimPath}/Groups/${encodeURIComponent(id)}`, { signal }),
      );
      groupsById.set(id, parentGroup);
      queue.push(...valuesIn(parentGroup.groups));
    }
    const groupAndParents = [...groupsById.values()];
    const [id, name] = [optionalText(group.id) ?? "", optionalText(group.displayName) ?? ""];
    const entitlementNames = new Set(
      groupAndParents.flatMap(({ entitlements }) => valuesIn(entitlements)),
    );
    const sorted = (values: readonly string[]): Value => [...new Set(values)].sort();
    return {
      ...config,
      id,
      display_name: name,
      external_id: optionalText(group.externalId) ?? "",
      acl_principal_id: `groups/${name}`,
      ...Object.fromEntries(
        Object.entries(entitlementFields).map(([field, word]) => [
          field,
          entitlementNames.has(word),
        ]),
      ),
      members: valuesIn(group.members),
      users: valuesIn(group.members, "Users"),
      service_principals: valuesIn(group.members, "ServicePrincipals"),
      child_groups: valuesIn(group.members, "Groups"),
      groups: sorted(groupAndParents.flatMap(({ groups }) => valuesIn(groups))),
      instance_profiles: sorted(groupAndParents.flatMap(({ roles }) => valuesIn(roles))),
    };
  },
};
