/**
 * Finds permissions that were added manually: entries of access lists and grants that no
 * databricks_permissions or databricks_grants describes.
 */
import { isNotFound } from "../../api/transport/errors";
import { whoAmI } from "../../api/families/me";
import { defined } from "../../defined";
import { permissionObjects } from "../../resources/families/permission-objects";
import { traitsOf } from "../../resources";
import { grant } from "../../resources/kinds/grant";
import { grants } from "../../resources/kinds/grants";
import {
  directEntries,
  defaultOwners,
  permissions,
  principalOf,
} from "../../resources/kinds/permissions";
import {
  grantsId,
  grantsUrl,
  readGrants,
  securableKey,
  type Securable,
} from "../../resources/families/privileges";
import { apiCommand } from "../../resources/shape/api-command";
import { blocks, textOrEmpty } from "../../resources/shape/attributes";
import { idText, object } from "../../resources/shape/json";
import { normalWorkspacePath } from "../../resources/shape/paths";
import { forEachConcurrently, type Access } from "../remote/shared-reads";
import { notReadReason } from "../compare/comparison";
import type { Expected } from "../desired/expected";
import type { IgnoreRules } from "../compare/ignore";
import type { NotChecked, Status, UnmanagedObject } from "../model";
import { ownedKey, type Owned } from "../deployed/ownership";
import { plain, shallow } from "../expressions/values";

type Entry = Readonly<Record<string, string>>;

export interface AccessListOptions {
  readonly rules: IgnoreRules;
  readonly owned: Owned;
  readonly scope: "ours" | "all" | "none";
  readonly deep: boolean;
  readonly concurrency: number;
  readonly statusOf: (resource: Expected) => Status | undefined;
  readonly fail: (resource: Expected, subject: string, error: unknown) => void;
}

export interface AccessListFindings {
  readonly found: readonly UnmanagedObject[];
  readonly notChecked: readonly NotChecked[];
}

/**
 * Checks access lists and grants, only with `deep`: each object costs one call, or two if its id is
 * a path. Objects that are not checked are reported.
 */
export async function findAccessEntries(
  api: Access,
  expected: readonly Expected[],
  options: AccessListOptions,
): Promise<AccessListFindings> {
  const lists = new AccessLists(api, expected, options);
  const existing = expected.filter(
    (resource) => resource.id !== undefined && mayExist(options.statusOf(resource)),
  );
  const uncheckedResources = (): readonly [readonly Expected[], readonly Expected[]] => [
    existing.filter(
      (resource) => traitsOf(resource.type).accessList !== undefined && !lists.isCompared(resource),
    ),
    existing.filter(
      (resource) =>
        traitsOf(resource.type).securable !== undefined && !lists.hasAllGrants(resource),
    ),
  ];
  let [listResources, grantResources] = uncheckedResources();
  if (!options.deep || options.scope === "none") {
    const reason = options.deep ? "not checked: --unmanaged none" : notReadReason;
    return {
      found: [],
      notChecked: [
        ...countByType(listResources, "access list of", reason),
        ...countByType(grantResources, "grants on", reason),
      ],
    };
  }
  if (listResources.length + grantResources.length > 0) await options.owned.addOtherStacks();
  [listResources, grantResources] = uncheckedResources();
  await forEachConcurrently(listResources, options.concurrency, (resource) =>
    lists.checkAccessList(resource),
  );
  await forEachConcurrently(grantResources, options.concurrency, (resource) =>
    lists.checkGrants(resource),
  );
  return { found: lists.found, notChecked: lists.notChecked };
}

/**
 * False for a deleted object, which has no list, and after a failed read, which is already
 * reported.
 */
function mayExist(status: Status | undefined): boolean {
  return status !== "missing" && status !== "error";
}

function countByType(
  items: readonly Expected[],
  subject: string,
  reason: string,
): readonly NotChecked[] {
  return [...new Set(items.map(({ type }) => type))].map((type) => {
    const addresses = items
      .filter((resource) => resource.type === type)
      .map(({ address }) => address);
    return {
      what: `${subject} ${type}`,
      reason,
      count: addresses.length,
      examples: addresses.slice(0, 3),
    };
  });
}

function securableOfObject({ type, id, state, desired }: Expected): Securable {
  const { securable = "", securableNameField: nameField } = traitsOf(type);
  const name = nameField === undefined ? id : shallow(state, desired)[nameField];
  return { argument: securable, name: typeof name === "string" ? name : "" };
}

class AccessLists {
  readonly found: UnmanagedObject[] = [];
  readonly notChecked: NotChecked[] = [];
  /** The entries of databricks_permissions resources that are not deployed yet, by object. */
  readonly #plannedEntries = new Map<string, readonly Entry[]>();
  /** The keys of the databricks_grants and databricks_grant resources in the code or state. */
  readonly #grantKeys = new Set<string>();
  /** The objects with a deployed databricks_permissions, which is compared like other resources. */
  readonly #comparedKeys = new Set<string>();

  constructor(
    private readonly api: Access,
    expected: readonly Expected[],
    private readonly options: AccessListOptions,
  ) {
    for (const resource of expected) {
      if (resource.type === grants.type || resource.type === grant.type) {
        const key = resource.reader?.identity.naturalKey(shallow(resource.state, resource.desired));
        if (key !== undefined) this.#grantKeys.add(key.slice(key.indexOf(":") + 1).toLowerCase());
      }
      if (resource.type !== permissions.type) continue;
      const attributes = shallow(resource.state, resource.desired);
      for (const { request, field, pathField } of permissionObjects) {
        const [id, path] = [
          attributes[field],
          pathField === undefined ? undefined : attributes[pathField],
        ];
        const key =
          typeof path === "string" && path !== ""
            ? `path:${normalWorkspacePath(path)}`
            : typeof id === "string" && id !== ""
              ? `/${request}/${id}`
              : undefined;
        if (key === undefined) continue;
        if (resource.id !== undefined) this.#comparedKeys.add(key);
        else
          this.#plannedEntries.set(
            key,
            resource.desired === undefined
              ? []
              : (blocks(plain(resource.desired), "access_control") as readonly Entry[]),
          );
      }
    }
  }

  /** True if a deployed databricks_permissions defines the complete list. */
  isCompared(resource: Expected): boolean {
    return this.#keys(resource).some(
      (key) =>
        this.#comparedKeys.has(key) || this.options.owned.has(ownedKey(permissions.type, key)),
    );
  }

  /** True if a databricks_grants defines all grants. */
  hasAllGrants(resource: Expected): boolean {
    const securable = securableOfObject(resource);
    return (
      this.options.owned.has(ownedKey(grants.type, grantsId(securable))) ||
      this.#grantKeys.has(securableKey(securable))
    );
  }

  /** Reports the grants of principals that no databricks_grant names. */
  async checkGrants(resource: Expected): Promise<void> {
    const securable = securableOfObject(resource);
    const description = `${resource.reader?.title ?? resource.type} ${resource.path}`;
    const subject = `the grants on ${description}`;
    if (this.api.unreachableReason !== undefined) {
      this.options.fail(
        resource,
        subject,
        `the workspace does not respond (${this.api.unreachableReason})`,
      );
      return;
    }
    try {
      for (const [principal, privileges] of await readGrants(this.api, securable)) {
        const id = grantsId(securable, principal);
        if (
          this.#grantKeys.has(`${securableKey(securable)}/${principal.toLowerCase()}`) ||
          this.options.owned.has(ownedKey(grant.type, id))
        )
          continue;
        const rule = this.options.rules.find({
          path: resource.path,
          kind: grants.type,
          fields: [`grant[${principal}]`, "grant"],
        });
        this.#add(resource, rule, {
          kind: grants.type,
          name: `${resource.path}: ${principal} ${privileges.join(", ")}`,
          id,
          reason: `granted to ${principal} on ${description}, but not by a databricks_grants`,
          removal: apiCommand("PATCH", grantsUrl(securable), {
            changes: [{ principal, remove: privileges }],
          }),
        });
      }
    } catch (error) {
      // The object was deleted after it was read.
      if (!isNotFound(error)) this.options.fail(resource, subject, error);
    }
  }

  #add(
    resource: Expected,
    rule: number | undefined,
    {
      kind,
      name,
      id,
      reason,
      removal,
    }: Pick<UnmanagedObject, "kind" | "name" | "id" | "reason" | "removal">,
  ): void {
    this.found.push({
      status: rule === undefined ? "unmanaged" : "ignored",
      stack: resource.target.name,
      kind,
      title: "grant",
      name,
      id,
      reason,
      removal,
      ...defined({ rule }),
    });
  }

  /** Returns the keys with which a databricks_permissions can refer to the object. */
  #keys(resource: Expected): readonly string[] {
    const { request, byPath } = listOf(resource);
    if (byPath !== true) return [`/${request}/${idInUrl(resource)}`];
    const objectId = resource.state?.object_id;
    return [
      `path:${normalWorkspacePath(resource.id ?? "")}`,
      ...(typeof objectId === "number" || typeof objectId === "string"
        ? [`/${request}/${objectId}`]
        : []),
    ];
  }

  async checkAccessList(resource: Expected): Promise<void> {
    const { path, title } = { path: resource.path, title: resource.reader?.title ?? resource.type };
    if (this.api.unreachableReason !== undefined) {
      this.options.fail(
        resource,
        `the access list of ${title} ${path}`,
        `the workspace does not respond (${this.api.unreachableReason})`,
      );
      return;
    }
    try {
      const id = await this.#restId(resource);
      if (id === undefined) return;
      const directGrants = directEntries(object(await this.api.get(`/api/2.0/permissions${id}`)));
      const planned = this.#keys(resource).flatMap((key) => this.#plannedEntries.get(key) ?? []);
      const granted = directGrants.filter(
        (entry) =>
          entry.permission_level !== "IS_OWNER" && !planned.some((other) => isSame(entry, other)),
      );
      const unexpected = [
        ...granted,
        ...(await this.#unexpectedOwners(resource, directGrants, planned)),
      ];
      const creatorEntries = await this.#creatorEntries(resource, unexpected, directGrants);
      await this.#report(
        resource,
        id,
        directGrants,
        unexpected.filter((entry) => !creatorEntries.includes(entry)),
      );
    } catch (error) {
      this.options.fail(resource, `the access list of ${title} ${path}`, error);
    }
  }

  /**
   * Returns the REST id. That of a file is looked up, because a recreated file has another id than
   * in the state. @returns undefined if the object was deleted after it was read
   */
  async #restId(resource: Expected): Promise<string | undefined> {
    const { request, byPath } = listOf(resource);
    if (byPath !== true) return `/${request}/${idInUrl(resource)}`;
    try {
      const status = object(
        await this.api.get("/api/2.0/workspace/get-status", { query: { path: resource.id ?? "" } }),
      );
      return `/${request}/${idText(status.object_id, "object_id")}`;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /**
   * Returns the entries of the object's creator, who gets CAN_MANAGE if the object has no owner.
   * The creator may differ from the last deployer: a single unknown principal is assumed to be the
   * creator, and this is reported.
   */
  async #creatorEntries(
    resource: Expected,
    unexpected: readonly Entry[],
    directGrants: readonly Entry[],
  ): Promise<readonly Entry[]> {
    if (directGrants.some(({ permission_level }) => permission_level === "IS_OWNER")) return [];
    const candidates = unexpected.filter(
      (entry) => entry.permission_level === "CAN_MANAGE" && entry.group_name === undefined,
    );
    if (candidates.length === 0) return [];
    const caller = (await whoAmI(this.api)).userName;
    const knownCreators = candidates.filter((entry) =>
      [resource.target.record?.deployedBy, caller].includes(principalOf(entry)),
    );
    const [candidate] = candidates;
    if (knownCreators.length > 0 || candidates.length > 1 || candidate === undefined)
      return knownCreators;
    this.notChecked.push({
      what: `CAN_MANAGE of ${principalOf(candidate)} on ${resource.reader?.title ?? resource.type} ${resource.path}`,
      reason: "assumed to be the permission of the object's creator: the creator is unknown",
      count: 1,
      examples: [resource.address],
    });
    return candidates;
  }

  /**
   * Returns owners other than the deployer, the caller, the default owner and those in the code.
   */
  async #unexpectedOwners(
    resource: Expected,
    directGrants: readonly Entry[],
    planned: readonly Entry[],
  ): Promise<readonly Entry[]> {
    const isOwner = (entry: Entry): boolean => entry.permission_level === "IS_OWNER";
    const known = [resource.target.record?.deployedBy, ...planned.filter(isOwner).map(principalOf)];
    let unknownOwners = directGrants.filter(
      (entry) => isOwner(entry) && !known.includes(principalOf(entry)),
    );
    if (unknownOwners.length === 0) return [];
    const caller = (await whoAmI(this.api)).userName;
    unknownOwners = unknownOwners.filter((entry) => principalOf(entry) !== caller);
    const platformOwners =
      unknownOwners.length === 0 ? [] : ((await this.#owners(resource)) ?? unknownOwners);
    return unknownOwners.filter(
      (entry) => !platformOwners.some((other) => principalOf(entry) === principalOf(other)),
    );
  }

  #owners(resource: Expected): Promise<readonly Entry[] | undefined> {
    return defaultOwners(this.api, listOf(resource), idInUrl(resource));
  }

  async #report(
    resource: Expected,
    id: string,
    directGrants: readonly Entry[],
    unexpected: readonly Entry[],
  ): Promise<void> {
    const entriesWithRules = unexpected.map((entry) => ({
      entry,
      rule: this.options.rules.find({
        path: resource.path,
        kind: permissions.type,
        fields: [`access_control[${principalOf(entry)}]`, "access_control"],
      }),
    }));
    const entriesToRemove = entriesWithRules
      .filter(({ rule }) => rule === undefined)
      .map(({ entry }) => entry);
    // REST replaces the complete list. Each command lists all entries that stay, so that several
    // commands can run in any order.
    const remaining = directGrants.filter((entry) => !entriesToRemove.includes(entry));
    // An object must have an owner.
    const newList = entriesToRemove.some(({ permission_level }) => permission_level === "IS_OWNER")
      ? [...remaining, ...((await this.#owners(resource)) ?? [])]
      : remaining;
    for (const { entry, rule } of entriesWithRules) {
      const principal = principalOf(entry);
      this.#add(resource, rule, {
        kind: permissions.type,
        name: `${resource.path}: ${principal} ${entry.permission_level ?? ""}`,
        id,
        reason: `granted to ${principal} on ${resource.reader?.title ?? resource.type} ${resource.path}, but not by a databricks_permissions`,
        removal: apiCommand("PUT", `/api/2.0/permissions${id}`, { access_control_list: newList }),
      });
    }
  }
}

function listOf({ type }: Expected): {
  readonly request: string;
  readonly byPath?: true;
  readonly by?: string;
} {
  return traitsOf(type).accessList ?? { request: "" };
}

function idInUrl(resource: Expected): string {
  const { by } = listOf(resource);
  return by === undefined
    ? (resource.id ?? "")
    : textOrEmpty(shallow(resource.desired, resource.state), by);
}

function isSame(a: Entry, b: Entry): boolean {
  return principalOf(a) === principalOf(b) && a.permission_level === b.permission_level;
}
