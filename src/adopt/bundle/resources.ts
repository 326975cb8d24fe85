/** Converts the resources of a bundle to objects to adopt, in Terraform's shape. */
import type { ReadClient } from "../../api/client";
import { defined } from "../../defined";
import { findKind } from "../../resources";
import { jobBlock, jobFrom } from "../../resources/kinds/job-wire";
import type { Attributes, Value } from "../../resources/kind";
import { textOrEmpty } from "../../resources/shape/attributes";
import { objects, optionalText, type Json } from "../../resources/shape/json";
import { schemaOf, type Block } from "../../resources/shape/schema";
import { withDefaults } from "../../resources/shape/defaults";
import { fromWire, type WireNames } from "../../resources/shape/shape";
import type { AdoptedObject, Grant } from "../code/context";
import { withoutEmpty } from "../code/fields";
import type { FoundJob, Note } from "../model";
import { unlessRefused } from "../workspace";
import { withBooleans } from "./booleans";

interface BundleKind {
  readonly type: string;
  /** The field that contains the object's name. */
  readonly name: string;
  /** The prefix of the id of its access list. */
  readonly access?: string;
}

export const bundleKinds: Readonly<Record<string, BundleKind>> = {
  jobs: { type: "databricks_job", name: "name", access: "/jobs/" },
  clusters: { type: "databricks_cluster", name: "cluster_name", access: "/clusters/" },
  instance_pools: {
    type: "databricks_instance_pool",
    name: "instance_pool_name",
    access: "/instance-pools/",
  },
  cluster_policies: {
    type: "databricks_cluster_policy",
    name: "name",
    access: "/cluster-policies/",
  },
  sql_warehouses: { type: "databricks_sql_endpoint", name: "name", access: "/sql/warehouses/" },
  secret_scopes: { type: "databricks_secret_scope", name: "name" },
  catalogs: { type: "databricks_catalog", name: "name" },
  schemas: { type: "databricks_schema", name: "name" },
  volumes: { type: "databricks_volume", name: "name" },
};

/** Fields that belong to the bundle format and not to the object. */
const bundleOnly = new Set(["permissions", "grants", "lifecycle", "file_path"]);

/** The API's names of blocks that have another name in Terraform. */
const wire: WireNames = {
  names: { library: "libraries", "*.cluster_mount_info": "cluster_mount_infos" },
};

/**
 * Returns a placeholder id for an object that does not exist yet. It is larger than the ids of a
 * workspace, but still a safe integer.
 */
const placeholderId = (index: number): string => String(9_000_000_000_000_000 + index);
export const isPlaceholder = (id: string): boolean => /^900000000000\d{4}$/.test(id);

/**
 * Looks up the ids of the bundle's objects in the workspace. Objects that do not exist yet get a
 * placeholder id.
 */
export class ResourceIds {
  readonly #ids = new Map<string, { readonly id: string; readonly exists: boolean }>();
  readonly #lists = new Map<
    string,
    Promise<readonly { readonly id: string; readonly name: string }[]>
  >();

  constructor(
    private readonly api: ReadClient,
    private readonly note: (note: Note) => void,
  ) {}

  /** Looks up an object by its name. */
  async find(kind: string, key: string, name: string): Promise<void> {
    const { type, name: field } = bundleKinds[kind] ?? { type: "", name: "" };
    const matches = (await this.#list(type, field)).filter((object) => object.name === name);
    const [first, second] = matches;
    if (second !== undefined)
      this.note({
        object: `${kind}.${key}`,
        text: `the workspace has ${matches.length} objects named ${name}: none of them is imported`,
      });
    const match = second === undefined ? first : undefined;
    this.#ids.set(
      `${kind}.${key}`,
      match === undefined
        ? { id: placeholderId(this.#ids.size + 1), exists: false }
        : { id: match.id, exists: true },
    );
  }

  /** Looks up an object whose name is its id. */
  async findNamed(kind: string, key: string, id: string): Promise<void> {
    const type = bundleKinds[kind]?.type ?? "";
    const remote = await unlessRefused(async () =>
      findKind(type)?.read(this.api, id, { known: {}, deep: false }),
    );
    this.#ids.set(`${kind}.${key}`, { id, exists: remote !== undefined });
  }

  get(kind: string, key: string): { readonly id: string; readonly exists: boolean } | undefined {
    return this.#ids.get(`${kind}.${key}`);
  }

  #list(
    type: string,
    field: string,
  ): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const list = this.#lists.get(type) ?? this.#readNames(type, field);
    this.#lists.set(type, list);
    return list;
  }

  async #readNames(
    type: string,
    field: string,
  ): Promise<readonly { readonly id: string; readonly name: string }[]> {
    const reader = findKind(type);
    const objects: { id: string; name: string }[] = [];
    if (reader?.list === undefined) return objects;
    for await (const { id, attributes } of reader.list(this.api))
      objects.push({ id, name: textOrEmpty(attributes, field) });
    return objects;
  }
}

/**
 * Converts a job of the bundle.
 * @param settings the job's settings, with all references resolved
 */
export function jobOf(
  key: string,
  settings: Json,
  identity: { readonly id: string; readonly exists: boolean },
  host: string,
): FoundJob {
  const raw = Object.fromEntries(
    Object.entries(settings).filter(([name]) => !bundleOnly.has(name)),
  );
  const remote = jobFrom({ job_id: 0, settings: raw }, host);
  const access = accessOf("jobs", settings, identity);
  return {
    id: identity.exists ? identity.id : "",
    reference: identity.id,
    key,
    name: optionalText(settings["name"]) ?? key,
    raw,
    remote: { ...remote, attributes: withBooleans(jobBlock(), remote.attributes) },
    ...defined({ access }),
  };
}

/** Converts an object other than a job. */
export function objectOf(
  kind: string,
  key: string,
  settings: Json,
  identity: { readonly id: string; readonly exists: boolean },
  note: (note: Note) => void,
): AdoptedObject {
  const { type, name } = bundleKinds[kind] ?? { type: "", name: "name" };
  const block = schemaOf(type)?.block;
  if (block === undefined) throw new Error(`no schema of ${type}`);
  const attributes = attributesOf(type, block, settings);
  for (const field of Object.keys(settings))
    if (!bundleOnly.has(field) && !(field in attributes) && !renamedFields.has(field))
      note({
        object: `${kind}.${key}`,
        text: `${field} has no counterpart in the Terraform provider: the code omits it`,
      });
  const access = kind === "secret_scopes" ? undefined : accessOf(kind, settings, identity);
  const grants = grantsOf(kind, settings);
  return {
    type,
    id: identity.exists ? identity.id : "",
    reference: identity.id,
    key,
    name: optionalText(settings[name]) ?? key,
    attributes: withoutEmpty(block, withDefaults(block, attributes)),
    ...defined({ access, grants }),
  };
}

/** Fields that Terraform has under another name or in another form. */
const renamedFields = new Set([
  "libraries",
  "cluster_mount_infos",
  "definition",
  "policy_family_definition_overrides",
  "keyvault_metadata",
  "backend_type",
]);

function attributesOf(type: string, block: Block, settings: Json): Attributes {
  const result = withBooleans(block, fromWire(block, settings, wire));
  // A bundle may contain a policy's rules as a map instead of JSON.
  for (const field of ["definition", "policy_family_definition_overrides"]) {
    const rules = settings[field];
    if (type === "databricks_cluster_policy" && typeof rules === "object" && rules !== null)
      result[field] = JSON.stringify(rules);
  }
  if (type === "databricks_volume")
    result["volume_type"] ??= settings["storage_location"] === undefined ? "MANAGED" : "EXTERNAL";
  return result;
}

function accessOf(
  kind: string,
  settings: Json,
  identity: { readonly id: string; readonly exists: boolean },
): AdoptedObject["access"] {
  const entries = objects(settings["permissions"]).map((item): Attributes => {
    const { level, user_name: user, group_name: group, service_principal_name: application } = item;
    const principals = { user_name: user, group_name: group, service_principal_name: application };
    const stringFields = Object.entries(principals).filter(
      ([, value]) => typeof value === "string",
    );
    return {
      permission_level: optionalText(level) ?? "",
      ...(Object.fromEntries(stringFields) as Attributes),
    };
  });
  if (entries.length === 0) return undefined;
  return { id: identity.exists ? `${bundleKinds[kind]?.access ?? ""}${identity.id}` : "", entries };
}

function grantsOf(kind: string, settings: Json): readonly Grant[] | undefined {
  if (kind === "secret_scopes") {
    return objects(settings["permissions"]).map((item) => ({
      principal:
        optionalText(item["user_name"] ?? item["group_name"] ?? item["service_principal_name"]) ??
        "",
      privileges: [optionalText(item["level"]) ?? "READ"],
    }));
  }
  const grants = objects(settings["grants"]);
  if (grants.length === 0) return undefined;
  return grants.map((item) => ({
    principal: optionalText(item["principal"]) ?? "",
    privileges: (Array.isArray(item["privileges"]) ? (item["privileges"] as Value[]) : []).map(
      String,
    ),
  }));
}
