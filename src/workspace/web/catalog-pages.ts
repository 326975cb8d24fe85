import type { JsonObject } from "../errors";
import { asArray, asText, formatValue, objectsAt } from "../jobs/json";
import { html, link, withQuery, type Html } from "./html";
import type { Page } from "./layout";
import { code, facts, name, table, time } from "./parts";
import type { Visit } from "./visit";

const monospace = (value: string): Html => html`<span class="mono nowrap">${value}</span>`;

/** Renders `/warehouses`. */
export async function warehousesPage({ read }: Visit): Promise<Page> {
  const items = objectsAt(await read("/api/2.0/sql/warehouses"), "warehouses");
  return {
    title: "SQL warehouses",
    live: true,
    body: table(
      ["Name", "State", "Size", "Clusters", "Stops after", "Created by", "Id", ""],
      items.map((item) => [
        name(asText(item.name)),
        html`<span class="chip ${asText(item.state) === "RUNNING" ? "ok" : ""}"
          >${asText(item.state).toLowerCase()}</span
        >`,
        asText(item.cluster_size),
        `${formatValue(item.min_num_clusters)}–${formatValue(item.max_num_clusters)}`,
        item.auto_stop_mins === 0 ? "never" : `${formatValue(item.auto_stop_mins)} min`,
        name(asText(item.creator_name)),
        monospace(asText(item.id)),
        permissionsLink("warehouses", asText(item.id)),
      ]),
      "No warehouses.",
    ),
  };
}

/** Renders `/policies`. */
export async function policiesPage({ read }: Visit): Promise<Page> {
  const items = objectsAt(await read("/api/2.0/policies/clusters/list"), "policies");
  return {
    title: "Cluster policies",
    body: html`${table(
      ["Name", "Description", "Created by", "Id", ""],
      items.map((item) => [
        html`<a href="${`#${asText(item.policy_id)}`}">${asText(item.name)}</a>`,
        asText(item.description),
        name(asText(item.creator_user_name)),
        monospace(asText(item.policy_id)),
        permissionsLink("cluster-policies", asText(item.policy_id)),
      ]),
      "No policies.",
    )}
    ${items.map(
      (item) =>
        html`<h2 id="${asText(item.policy_id)}">${asText(item.name)}</h2>
          <div class="card">${code(prettyJson(asText(item.definition)))}</div>`,
    )}`,
  };
}

function prettyJson(definition: string): string {
  try {
    return JSON.stringify(JSON.parse(definition), undefined, 2);
  } catch {
    return definition;
  }
}

/**
 * Renders `/catalog`: the catalogs, the schemas of a catalog (`?catalog=`), or the volumes and tables
 * of a schema (`&schema=`).
 */
export async function catalogPage({ read, call }: Visit): Promise<Page> {
  const [catalogName, schema] = [
    call.input.optionalString("catalog") ?? "",
    call.input.optionalString("schema") ?? "",
  ];
  const crumbs = html`<a href="/catalog">Catalogs</a
    >${catalogName !== "" && html` / <a href="${withQuery("/catalog", { catalog: catalogName })}">${catalogName}</a>`}${schema !== "" && ` / ${schema}`}`;
  const rows = (items: readonly JsonObject[], href?: (item: JsonObject) => string): Html =>
    table(
      ["Name", "Owner", "Comment", "Changed"],
      items.map((item) => [
        name(asText(item.name), href?.(item)),
        name(asText(item.owner)),
        asText(item.comment),
        time(Number(item.updated_at) || undefined),
      ]),
      "Nothing here.",
    );
  if (catalogName === "") {
    const items = objectsAt(await read("/api/2.1/unity-catalog/catalogs"), "catalogs");
    return {
      title: "Unity Catalog",
      body: rows(items, (item) => withQuery("/catalog", { catalog: asText(item.name) })),
    };
  }
  if (schema === "") {
    const items = objectsAt(
      await read("/api/2.1/unity-catalog/schemas", { catalog_name: catalogName }),
      "schemas",
    );
    return {
      title: catalogName,
      crumbs,
      body: rows(items, (item) =>
        withQuery("/catalog", { catalog: catalogName, schema: asText(item.name) }),
      ),
    };
  }
  const query = { catalog_name: catalogName, schema_name: schema };
  const volumes = objectsAt(await read("/api/2.1/unity-catalog/volumes", query), "volumes");
  const tables = objectsAt(await read("/api/2.1/unity-catalog/tables", query), "tables");
  return {
    title: schema,
    crumbs,
    body: html`<h2>Volumes</h2>
      ${table(
        ["Name", "Kind", "Owner", "Storage", "Comment"],
        volumes.map((item) => [
          name(asText(item.name)),
          asText(item.volume_type).toLowerCase(),
          name(asText(item.owner)),
          monospace(asText(item.storage_location)),
          asText(item.comment),
        ]),
        "No volumes.",
      )}
      <h2>Tables</h2>
      ${table(
        ["Name", "Kind", "Columns", "Owner", "Comment"],
        tables.map((item) => [
          name(asText(item.name)),
          asText(item.table_type).toLowerCase(),
          objectsAt(item, "columns").map(
            (column, index) =>
              html`${index > 0 && ", "}${asText(column.name)}
                <span class="dim">${asText(column.type_text)}</span>`,
          ),
          name(asText(item.owner)),
          asText(item.comment),
        ]),
        "No tables.",
      )}`,
  };
}

const permissionsLink = (type: string, id: string): Html =>
  html`<a href="${link("permissions", type, id)}">Permissions</a>`;

/** Renders `/permissions/<type>/<id>`: the permissions on an object. */
export async function permissionsPage({ read, call }: Visit): Promise<Page> {
  const { type = "", id = "" } = call.params;
  const response = await read("/api/2.0/permissions/*", {}, { "*": `${type}/${id}` });
  const rows = objectsAt(response, "access_control_list").flatMap((entry) =>
    objectsAt(entry, "all_permissions").map((permission) => [
      name(
        asText(entry.user_name) || asText(entry.group_name) || asText(entry.service_principal_name),
      ),
      entry.group_name !== undefined
        ? "group"
        : entry.service_principal_name !== undefined
          ? "service principal"
          : "user",
      asText(permission.permission_level),
      permission.inherited === true
        ? html`inherited from
          ${asArray(permission.inherited_from_object).map(formatValue).join(", ")}`
        : "direct",
    ]),
  );
  return {
    title: "Permissions",
    body: html`${facts([
        ["Object", `${type}/${id}`],
        ["Kind", asText(response.object_type)],
      ])}
      <div class="gap"></div>
      ${table(["Who", "", "Level", ""], rows, "No permissions.")}`,
  };
}
