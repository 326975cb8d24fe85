/** Unity Catalog: catalogs, schemas, volumes, and their grants. */
import type { Lab } from "../harness";
import type { Json } from "./fields";
import { textIn, wireOf, type Case, type Config, type MatrixKind } from "./kind";

const uc = "/api/2.1/unity-catalog";
const name = (words: string): string => words.replaceAll("-", "_").toLowerCase();
const identity = "its name is its identity: covered by deleting and adding";
const terraformOnly = "only controls how Terraform deletes";

/** Updates fields. A field that is not set gets its empty value, as in the API. */
async function patch(
  lab: Lab,
  path: string,
  config: Config,
  fields: readonly string[],
): Promise<void> {
  const body: Config = Object.fromEntries(
    fields.map((field): [string, Json] => [field, config[field] ?? unsetValues[field] ?? ""]),
  );
  await lab.client.patch(`${uc}/${path}`, body);
}
const unsetValues: Readonly<Record<string, Json | undefined>> = {
  properties: {},
  options: {},
  isolation_mode: "OPEN",
  enable_predictive_optimization: "INHERIT",
  owner: "admin@lakeform.local",
};

const readObject = async (lab: Lab, path: string): Promise<unknown> => {
  const {
    updated_at: _at,
    updated_by: _by,
    ...rest
  } = (await lab.client.get(`${uc}/${path}`)) as Record<string, unknown>;
  return rest;
};

/** Recreates an object, to change fields that can be set only at creation. */
async function recreate(lab: Lab, path: string, collection: string, body: Config): Promise<void> {
  await lab.client.delete(`${uc}/${path}`, { query: { force: true } });
  await lab.client.post(`${uc}/${collection}`, body);
}

const owners = { owner: ["second@example.com", "third@example.com"] } as const;
const optimization = { enable_predictive_optimization: ["ENABLE", "DISABLE"] } as const;
const ownerOnlyChanged = [/^owner$/, "there is always one, by default the creator"] as const;

const catalogCreateFields = ["storage_root", "connection_name", "provider_name", "share_name"];
const catalogPatchFields = [
  "comment",
  "properties",
  "options",
  "isolation_mode",
  "enable_predictive_optimization",
  "owner",
];
const catalogNewerFields = ["custom_max_retention_hours", "managed_encryption_settings"];

export const catalog: MatrixKind = {
  type: "databricks_catalog",
  notHealed: [
    [
      /^(storage_root|connection_name|provider_name|share_name)$/,
      "only set when a catalog is created",
    ],
  ],
  values: {
    ...owners,
    ...optimization,
    isolation_mode: ["OPEN", "ISOLATED", "ISOLATED"],
    storage_root: ["s3://a/x", "s3://b/y"],
  },
  outside: [
    [/^name$/, identity],
    [/^metastore_id$/, "the workspace has one metastore"],
    [/^force_destroy$/, terraformOnly],
    [
      /^(browse_only|provisioning_info\..*|effective_predictive_optimization_flag\..*)$/,
      "set by the platform; no request contains it",
    ],
  ],
  onlyChanged: [
    ownerOnlyChanged,
    [/^storage_root$/, "without one it is the metastore's, which looks the same in the response"],
    [
      /^(custom_max_retention_hours|managed_encryption_settings\..*)$/,
      "a call without it keeps it",
    ],
  ],
  complete(config, _leaf, text) {
    config.name = name(`cat_${text}`);
    return config;
  },
  async write(lab, id, config, from) {
    const body = Object.fromEntries(
      ["name", ...catalogCreateFields].flatMap((field) =>
        config[field] === undefined ? [] : [[field, config[field]]],
      ),
    );
    if (catalogCreateFields.some((field) => config[field] !== from[field]))
      await recreate(lab, `catalogs/${id}`, "catalogs", body);
    else {
      const wire = wireOf(catalog, config);
      const newer = catalogNewerFields.flatMap((field): [string, Json][] =>
        wire[field] === undefined ? [] : [[field, wire[field]]],
      );
      if (newer.length > 0)
        await lab.client.patch(`${uc}/catalogs/${id}`, Object.fromEntries(newer));
      await patch(lab, `catalogs/${id}`, config, catalogPatchFields);
    }
  },
  readRemote: (lab, id) => readObject(lab, `catalogs/${id}`),
};

const schemaPatchFields = ["comment", "properties", "enable_predictive_optimization", "owner"];

export const schema: MatrixKind = {
  type: "databricks_schema",
  notHealed: [[/^storage_root$/, "only set when a schema is created"]],
  values: { ...owners, ...optimization, storage_root: ["s3://a/x", "s3://b/y"] },
  outside: [
    [/^(name|catalog_name)$/, identity],
    [/^metastore_id$/, "the workspace has one metastore"],
    [/^force_destroy$/, terraformOnly],
  ],
  onlyChanged: [
    ownerOnlyChanged,
    [/^storage_root$/, "without one it is the catalog's, which looks the same in the response"],
  ],
  complete: (config, _leaf, text) => ({
    ...config,
    catalog_name: "main",
    name: name(`sch_${text}`),
  }),
  async write(lab, id, config, from) {
    const { catalog_name = "", name: schemaName = "", storage_root } = config;
    if (storage_root !== from.storage_root)
      await recreate(lab, `schemas/${id}`, "schemas", {
        catalog_name,
        name: schemaName,
        ...(storage_root === undefined ? {} : { storage_root }),
      });
    else await patch(lab, `schemas/${id}`, config, schemaPatchFields);
  },
  readRemote: (lab, id) => readObject(lab, `schemas/${id}`),
};

export const volume: MatrixKind = {
  type: "databricks_volume",
  notHealed: [[/^(storage_location|volume_type)$/, "only set when a volume is created"]],
  values: {
    ...owners,
    volume_type: ["EXTERNAL", "MANAGED"],
    storage_location: ["s3://a/x", "s3://b/y"],
  },
  outside: [[/^(name|catalog_name|schema_name)$/, identity]],
  together: { volume_type: "storage_location" },
  onlyChanged: [
    ownerOnlyChanged,
    [
      /^storage_location$/,
      "an external volume has one; the platform chooses that of a managed one",
    ],
  ],
  complete(config, leaf, text) {
    const external = config.volume_type === "EXTERNAL" || leaf.path === "storage_location";
    const place: Config = external
      ? { volume_type: "EXTERNAL", storage_location: config.storage_location ?? "s3://a/v" }
      : { volume_type: "MANAGED" };
    return {
      ...config,
      ...place,
      catalog_name: "main",
      schema_name: "default",
      name: name(`vol_${text}`),
    };
  },
  async write(lab, id, config, from) {
    const { comment: _comment, owner: _owner, ...body } = config;
    const storageOf = (item: Config): string =>
      JSON.stringify([item.volume_type, item.storage_location]);
    if (storageOf(config) !== storageOf(from))
      await recreate(lab, `volumes/${id}`, "volumes", body);
    else await patch(lab, `volumes/${id}`, config, ["comment", "owner"]);
  },
  readRemote: (lab, id) => readObject(lab, `volumes/${id}`),
};

/**
 * For each argument of databricks_grants: a function that creates the securable, and two valid
 * privileges.
 */
const securables: Readonly<
  Record<
    string,
    {
      readonly securableName: (lab: Lab, text: string) => Promise<string>;
      readonly privileges: readonly [string, string];
    }
  >
> = {
  catalog: {
    privileges: ["USE_CATALOG", "CREATE_SCHEMA"],
    securableName: async (lab, text) => {
      await lab.client.post(`${uc}/catalogs`, { name: text });
      return text;
    },
  },
  schema: {
    privileges: ["USE_SCHEMA", "SELECT"],
    securableName: async (lab, text) => {
      await lab.client.post(`${uc}/schemas`, { catalog_name: "main", name: text });
      return `main.${text}`;
    },
  },
  volume: {
    privileges: ["READ_VOLUME", "WRITE_VOLUME"],
    securableName: async (lab, text) => {
      await lab.client.post(`${uc}/volumes`, {
        catalog_name: "main",
        schema_name: "default",
        name: text,
        volume_type: "MANAGED",
      });
      return `main.default.${text}`;
    },
  },
  table: {
    privileges: ["SELECT", "MODIFY"],
    securableName: async (lab, text) => {
      await lab.client.post(`${uc}/tables`, {
        catalog_name: "main",
        schema_name: "default",
        name: text,
      });
      return `main.default.${text}`;
    },
  },
};
const otherSecurables =
  "names the object (its identity); the grants of all objects are read and compared by the same code";
const outsideSecurables: MatrixKind["outside"][number] = [
  /^(credential|external_location|foreign_connection|function|metastore|model|pipeline|recipient|share|storage_credential)$/,
  otherSecurables,
];
const theObject: MatrixKind["outside"][number] = [
  /^(catalog|schema|table|volume)$/,
  "names the object (its identity): each change is made on one of each type",
];

async function prepareSecurable(lab: Lab, testCase: Case): Promise<void> {
  const type =
    Object.keys(securables).find((argument) => testCase.before[argument] !== undefined) ?? "";
  const securableName =
    (await securables[type]?.securableName(lab, name(`${type}_${testCase.name}`))) ?? "";
  testCase.before[type] = securableName;
  testCase.after[type] = securableName;
}

const securablePath = (config: Config): string => {
  const type = Object.keys(securables).find((argument) => config[argument] !== undefined) ?? "";
  return `${uc}/permissions/${type}/${textIn(config, type)}`;
};

const [first, second] = ["analysts", "engineers"] as const;

async function writeGrants(
  lab: Lab,
  config: Config,
  privileges: ReadonlyMap<string, readonly Json[]>,
): Promise<void> {
  const current = (await lab.client.get(securablePath(config))) as {
    privilege_assignments?: { principal: string; privileges: string[] }[];
  };
  const changes = (current.privilege_assignments ?? []).map((assignment) => ({
    principal: assignment.principal,
    remove: assignment.privileges,
  }));
  if (changes.length > 0) await lab.client.patch(securablePath(config), { changes });
  await lab.client.patch(securablePath(config), {
    changes: [...privileges].map(([principal, add]) => ({ principal, add: [...add] })),
  });
}

export const grants: MatrixKind = {
  type: "databricks_grants",
  values: {},
  outside: [outsideSecurables, theObject],
  complete: () => undefined,
  cases: () =>
    Object.entries(securables).flatMap(([type, { privileges }]): Case[] => {
      const [firstPrivilege, secondPrivilege] = privileges;
      const config = (...list: readonly (readonly [string, readonly string[]])[]): Config => ({
        [type]: "{made}",
        grant: list.map(([principal, heldPrivileges]) => ({
          principal,
          privileges: [...heldPrivileges],
        })),
      });
      const caseOf = (
        field: string,
        variant: Case["variant"],
        before: Config,
        after: Config,
      ): Case => ({
        field,
        variant,
        name: `${type}-${field.replace("grant.", "")}-${variant}`.replace(".", "-"),
        before,
        after,
      });
      return [
        caseOf(
          "grant.principal",
          "changed",
          config([first, [firstPrivilege]]),
          config([second, [firstPrivilege]]),
        ),
        caseOf(
          "grant.principal",
          "added",
          config([first, [firstPrivilege]]),
          config([first, [firstPrivilege]], [second, [firstPrivilege]]),
        ),
        caseOf(
          "grant.principal",
          "removed",
          config([first, [firstPrivilege]], [second, [firstPrivilege]]),
          config([first, [firstPrivilege]]),
        ),
        caseOf(
          "grant.principal",
          "reordered",
          config([first, [firstPrivilege]], [second, [firstPrivilege]]),
          config([second, [firstPrivilege]], [first, [firstPrivilege]]),
        ),
        caseOf(
          "grant.privileges",
          "changed",
          config([first, [firstPrivilege]]),
          config([first, [secondPrivilege]]),
        ),
        caseOf(
          "grant.privileges",
          "added",
          config([first, [firstPrivilege]]),
          config([first, [firstPrivilege, secondPrivilege]]),
        ),
        caseOf(
          "grant.privileges",
          "removed",
          config([first, [firstPrivilege, secondPrivilege]]),
          config([first, [firstPrivilege]]),
        ),
        caseOf(
          "grant.privileges",
          "reordered",
          config([first, [firstPrivilege, secondPrivilege]]),
          config([first, [secondPrivilege, firstPrivilege]]),
        ),
      ];
    }),
  prepare: prepareSecurable,
  write: (lab, _id, config) =>
    writeGrants(
      lab,
      config,
      new Map(
        (config.grant as { principal: string; privileges: string[] }[]).map(
          ({ principal, privileges }) => [principal, privileges],
        ),
      ),
    ),
  readRemote: (lab, _id, config) => lab.client.get(securablePath(config)),
};

export const grant: MatrixKind = {
  type: "databricks_grant",
  values: {},
  outside: [
    outsideSecurables,
    theObject,
    [
      /^principal$/,
      "the principal is its identity: covered by removing the whole grant and by adding one for another principal",
    ],
  ],
  complete: () => undefined,
  cases: () =>
    Object.entries(securables).flatMap(([type, { privileges }]): Case[] => {
      const [firstPrivilege, secondPrivilege] = privileges;
      const config = (...held: readonly string[]): Config => ({
        [type]: "{made}",
        principal: first,
        privileges: [...held],
      });
      const privilegeCase = (variant: Case["variant"], before: Config, after: Config): Case => ({
        field: "privileges",
        variant,
        name: `one-${type}-${variant}`,
        before,
        after,
      });
      return [
        privilegeCase("changed", config(firstPrivilege), config(secondPrivilege)),
        privilegeCase("added", config(firstPrivilege), config(firstPrivilege, secondPrivilege)),
        privilegeCase("removed", config(firstPrivilege, secondPrivilege), config(firstPrivilege)),
        privilegeCase(
          "reordered",
          config(firstPrivilege, secondPrivilege),
          config(secondPrivilege, firstPrivilege),
        ),
      ];
    }),
  prepare: prepareSecurable,
  write: (lab, _id, config) =>
    writeGrants(lab, config, new Map([[textIn(config, "principal"), config.privileges as Json[]]])),
  readRemote: (lab, _id, config) => lab.client.get(securablePath(config)),
};
