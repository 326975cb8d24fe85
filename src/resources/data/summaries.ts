/** Data sources that list objects with their fields. */
import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { scimList } from "../families/scim";
import type { Attributes, DataKind, Value } from "../kind";
import { fromWire, type Renames } from "../shape/from-wire";
import { textOrEmpty } from "../shape/attributes";
import { number, object, optionalText, type Json } from "../shape/json";
import { schemaOf } from "../shape/schema";
import { filled } from "../shape/sdk-state";
import { allItems } from "./lists";

/** A data source with a list of blocks, one for each object. */
interface Summary {
  /** The attribute with the list. */
  readonly field: string;
  readonly items: (
    api: ReadClient,
    config: Attributes,
    signal?: AbortSignal,
  ) => AsyncIterable<Json>;
  readonly matches?: (item: Json, config: Attributes) => boolean;
  /** Converts an item to the fields of the block, or to a form that `names` can convert. */
  readonly toItem?: (item: Json) => Json;
  /** Different names on the wire. */
  readonly names?: Renames;
  readonly extraAttributes?: (items: readonly Json[]) => Attributes;
}

/** @param name of the data source, without `databricks_` */
function summary(
  name: string,
  { field, items, matches, toItem = (item) => item, names, extraAttributes }: Summary,
): DataKind {
  const type = `databricks_${name}`;
  return {
    type,
    title: name.replaceAll("_", " "),
    async read(api, config, { signal }) {
      const matchingItems: Json[] = [];
      for await (const item of items(api, config, signal))
        if (matches?.(item, config) ?? true) matchingItems.push(toItem(item));
      const { block, pluginFramework } = schemaOf(`data.${type}`) ?? {};
      const nested = block?.blocks[field]?.block;
      const fields = block?.attributes[field]?.nested?.attributes ?? {};
      const list = matchingItems.map((item): Attributes => {
        if (nested === undefined)
          return Object.fromEntries(
            Object.keys(fields).map((entry) => [entry, (item[entry] ?? null) as Value]),
          );
        const attributes = fromWire(nested, item, names);
        // In Terraform's newer framework, absent fields are null instead of zero.
        return pluginFramework === true
          ? filled(nested, attributes, () => null)
          : filled(nested, attributes);
      });
      return {
        ...config,
        ...(block?.attributes.id !== undefined && { id: "_" }),
        ...extraAttributes?.(matchingItems),
        [field]: list,
      };
    },
  };
}

const listItems =
  (path: string, items: string): Summary["items"] =>
  (api, _config, signal) =>
    byToken<Json>(api, { path, items, signal });

const nameContains =
  (field: string, argument: string): NonNullable<Summary["matches"]> =>
  (item, config) =>
    (optionalText(item[field]) ?? "")
      .toLowerCase()
      .includes(textOrEmpty(config, argument).toLowerCase());

/** Lists the objects in a folder and, if requested, in its subfolders. */
async function* listTree(
  list: (path: string) => Promise<readonly Json[]>,
  isFolder: (item: Json) => boolean,
  path: string,
  recursive: boolean,
): AsyncGenerator<Json> {
  const folders = [path];
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    for (const item of await list(folder)) {
      yield item;
      if (recursive && isFolder(item)) folders.push(optionalText(item.path) ?? "");
    }
  }
}

/** A data source that lists the paths in a folder or in a tree of folders. */
function pathsData(
  name: string,
  field: string,
  url: string,
  items: string,
  {
    isFolder,
    toItem,
  }: {
    readonly isFolder: (item: Json) => boolean;
    readonly toItem: (item: Json, recursive: boolean) => Attributes | undefined;
  },
): DataKind {
  return {
    type: `databricks_${name}`,
    title: name.replaceAll("_", " "),
    async read(api, config, { signal }) {
      const recursive = config.recursive === true;
      const list = (path: string): Promise<readonly Json[]> =>
        allItems(api, url, items, { path }, signal);
      const entries: Attributes[] = [];
      for await (const item of listTree(list, isFolder, textOrEmpty(config, "path"), recursive)) {
        const entry = toItem(item, recursive);
        if (entry !== undefined) entries.push(entry);
      }
      return { ...config, id: textOrEmpty(config, "path"), [field]: entries };
    },
  };
}

const destinationTypes = ["EMAIL", "MICROSOFT_TEAMS", "PAGERDUTY", "SLACK", "WEBHOOK"];
const userAttributes = "id,userName,displayName,externalId";
const refNames = { ref: "$ref" };

export const summaryDataKinds: readonly DataKind[] = [
  summary("users", {
    field: "users",
    items: (api, config, signal) => {
      const [filter, extra] = [
        textOrEmpty(config, "filter"),
        textOrEmpty(config, "extra_attributes"),
      ];
      const attributes = extra === "" ? userAttributes : `${userAttributes},${extra}`;
      return scimList(api, "Users", { attributes, ...(filter !== "" && { filter }) }, signal);
    },
    names: {
      "": { user_name: "userName", display_name: "displayName", external_id: "externalId" },
      name: { family_name: "familyName", given_name: "givenName" },
      ...Object.fromEntries(
        ["emails", "entitlements", "groups", "roles"].map((list) => [list, refNames]),
      ),
    },
  }),
  summary("service_principals", {
    field: "service_principals",
    items: async function* (api, config, signal) {
      const name = textOrEmpty(config, "display_name_contains");
      const query = {
        excludedAttributes: "roles",
        ...(name !== "" && { filter: `displayName co "${name.replaceAll('"', '\\"')}"` }),
      };
      const principals: Json[] = [];
      for await (const item of scimList(api, "ServicePrincipals", query, signal))
        principals.push(item);
      const application = (item: Json): string => optionalText(item.applicationId) ?? "";
      yield* principals.sort((a, b) => (application(a) < application(b) ? -1 : 1));
    },
    toItem: ({ id, applicationId, displayName, externalId, active }) => ({
      id,
      sp_id: id,
      scim_id: id,
      application_id: applicationId,
      display_name: displayName,
      external_id: externalId ?? "",
      active: active === true,
      home: `/Users/${optionalText(applicationId) ?? ""}`,
      repos: `/Repos/${optionalText(applicationId) ?? ""}`,
      acl_principal_id: `servicePrincipals/${optionalText(applicationId) ?? ""}`,
    }),
    extraAttributes: (listedItems) => ({
      application_ids: listedItems.map((item) => optionalText(item.application_id) ?? ""),
    }),
  }),
  summary("serving_endpoints", {
    field: "endpoints",
    items: listItems("/api/2.0/serving-endpoints", "endpoints"),
  }),
  {
    ...summary("notification_destinations", {
      field: "notification_destinations",
      items: listItems("/api/2.0/notification-destinations", "results"),
      matches: (item, config) =>
        nameContains("display_name", "display_name_contains")(item, config) &&
        ["", item.destination_type].includes(textOrEmpty(config, "type")),
    }),
    validate: ({ type }) =>
      typeof type === "string" && type !== "" && !destinationTypes.includes(type)
        ? [
            {
              path: "type",
              message: `${JSON.stringify(type)} is not a type of destination: ${destinationTypes.join(", ")} are allowed`,
            },
          ]
        : [],
  },
  summary("dashboards", {
    field: "dashboards",
    items: listItems("/api/2.0/lakeview/dashboards", "dashboards"),
    matches: nameContains("display_name", "dashboard_name_contains"),
  }),
  summary("instance_profiles", {
    field: "instance_profiles",
    items: listItems("/api/2.0/instance-profiles/list", "instance_profiles"),
    toItem: ({ instance_profile_arn: arn, iam_role_arn, is_meta_instance_profile }) => ({
      name: (optionalText(arn) ?? "").split("/").at(-1),
      arn,
      role_arn: iam_role_arn ?? "",
      is_meta: is_meta_instance_profile === true,
    }),
  }),
  {
    type: "databricks_mlflow_experiment",
    title: "mlflow experiment",
    async read(api, config, { signal }) {
      const [name, id] = [textOrEmpty(config, "name"), textOrEmpty(config, "experiment_id")];
      if (name === "" && id === "")
        throw new LakeformError("NOTHING_ASKED", "neither name nor experiment_id is set", {
          allowed: "one of name, experiment_id",
          fix: "set one of them",
        });
      const path = "/api/2.0/mlflow/experiments";
      const response =
        name === ""
          ? await api.get(`${path}/get`, { query: { experiment_id: id }, signal })
          : await api.get(`${path}/get-by-name`, { query: { experiment_name: name }, signal });
      const wireObject = object(object(response).experiment);
      const block = schemaOf("data.databricks_mlflow_experiment")?.block;
      return {
        ...config,
        ...(block && filled(block, fromWire(block, wireObject))),
        id: optionalText(wireObject.experiment_id) ?? "",
      };
    },
  },
  pathsData("notebook_paths", "notebook_path_list", "/api/2.0/workspace/list", "objects", {
    isFolder: ({ object_type }) => object_type === "DIRECTORY",
    toItem: ({ object_type, path, language }) =>
      object_type === "NOTEBOOK"
        ? { path: optionalText(path) ?? "", language: optionalText(language) ?? "" }
        : undefined,
  }),
  pathsData("dbfs_file_paths", "path_list", "/api/2.0/dbfs/list", "files", {
    isFolder: ({ is_dir }) => is_dir === true,
    // The list of a single folder includes its subfolders.
    toItem: ({ path, file_size, is_dir }, recursive) =>
      recursive && is_dir === true
        ? undefined
        : { path: optionalText(path) ?? "", file_size: number(file_size) ?? 0 },
  }),
];
