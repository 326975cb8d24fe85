import type { JsonObject } from "../errors";
import { asArray, asObject, show, text } from "../jobs/json";
import { html, link, withQuery, type Html } from "./html";
import type { Page } from "./layout";
import { code, facts, name, table, time } from "./parts";
import type { Visit } from "./visit";

const objects = (value: JsonObject, field: string): JsonObject[] =>
  asArray(value[field]).map((item) => asObject(item) ?? {});
const mono = (value: string): Html => html`<span class="mono nowrap">${value}</span>`;

/** `/warehouses` */
export async function warehouses({ read }: Visit): Promise<Page> {
  const found = objects(await read("/api/2.0/sql/warehouses"), "warehouses");
  return {
    title: "SQL warehouses",
    live: true,
    body: table(
      ["Name", "State", "Size", "Clusters", "Stops after", "Created by", "Id", ""],
      found.map((each) => [
        name(text(each.name)),
        html`<span class="chip ${text(each.state) === "RUNNING" ? "ok" : ""}"
          >${text(each.state).toLowerCase()}</span
        >`,
        text(each.cluster_size),
        `${show(each.min_num_clusters)}–${show(each.max_num_clusters)}`,
        each.auto_stop_mins === 0 ? "never" : `${show(each.auto_stop_mins)} min`,
        name(text(each.creator_name)),
        mono(text(each.id)),
        permissionsLink("warehouses", text(each.id)),
      ]),
      "No warehouses.",
    ),
  };
}

/** `/policies` */
export async function policies({ read }: Visit): Promise<Page> {
  const found = objects(await read("/api/2.0/policies/clusters/list"), "policies");
  return {
    title: "Cluster policies",
    body: html`${table(
      ["Name", "Description", "Created by", "Id", ""],
      found.map((each) => [
        html`<a href="${`#${text(each.policy_id)}`}">${text(each.name)}</a>`,
        text(each.description),
        name(text(each.creator_user_name)),
        mono(text(each.policy_id)),
        permissionsLink("cluster-policies", text(each.policy_id)),
      ]),
      "No policies.",
    )}
    ${found.map(
      (each) =>
        html`<h2 id="${text(each.policy_id)}">${text(each.name)}</h2>
          <div class="card">${code(pretty(text(each.definition)))}</div>`,
    )}`,
  };
}

function pretty(definition: string): string {
  try {
    return JSON.stringify(JSON.parse(definition), undefined, 2);
  } catch {
    return definition;
  }
}

/**
 * `/catalog`: the catalogs, the schemas of a catalog (`?catalog=`), or the volumes and tables of a
 * schema (`&schema=`).
 */
export async function catalog({ read, call }: Visit): Promise<Page> {
  const [of, schema] = [
    call.input.optionalString("catalog") ?? "",
    call.input.optionalString("schema") ?? "",
  ];
  const crumbs = html`<a href="/catalog">Catalogs</a
    >${of !== "" && html` / <a href="${withQuery("/catalog", { catalog: of })}">${of}</a>`}${schema !== "" && ` / ${schema}`}`;
  const rows = (items: readonly JsonObject[], href?: (item: JsonObject) => string): Html =>
    table(
      ["Name", "Owner", "Comment", "Changed"],
      items.map((each) => [
        name(text(each.name), href?.(each)),
        name(text(each.owner)),
        text(each.comment),
        time(Number(each.updated_at) || undefined),
      ]),
      "Nothing here.",
    );
  if (of === "") {
    const found = objects(await read("/api/2.1/unity-catalog/catalogs"), "catalogs");
    return {
      title: "Unity Catalog",
      body: rows(found, (each) => withQuery("/catalog", { catalog: text(each.name) })),
    };
  }
  if (schema === "") {
    const found = objects(
      await read("/api/2.1/unity-catalog/schemas", { catalog_name: of }),
      "schemas",
    );
    return {
      title: of,
      crumbs,
      body: rows(found, (each) => withQuery("/catalog", { catalog: of, schema: text(each.name) })),
    };
  }
  const query = { catalog_name: of, schema_name: schema };
  const volumes = objects(await read("/api/2.1/unity-catalog/volumes", query), "volumes");
  const tables = objects(await read("/api/2.1/unity-catalog/tables", query), "tables");
  return {
    title: schema,
    crumbs,
    body: html`<h2>Volumes</h2>
      ${table(
        ["Name", "Kind", "Owner", "Storage", "Comment"],
        volumes.map((each) => [
          name(text(each.name)),
          text(each.volume_type).toLowerCase(),
          name(text(each.owner)),
          mono(text(each.storage_location)),
          text(each.comment),
        ]),
        "No volumes.",
      )}
      <h2>Tables</h2>
      ${table(
        ["Name", "Kind", "Columns", "Owner", "Comment"],
        tables.map((each) => [
          name(text(each.name)),
          text(each.table_type).toLowerCase(),
          objects(each, "columns").map(
            (column, at) =>
              html`${at > 0 && ", "}${text(column.name)}
                <span class="dim">${text(column.type_text)}</span>`,
          ),
          name(text(each.owner)),
          text(each.comment),
        ]),
        "No tables.",
      )}`,
  };
}

const permissionsLink = (type: string, id: string): Html =>
  html`<a href="${link("permissions", type, id)}">Permissions</a>`;

/** `/permissions/<type>/<id>`: the permissions on an object. */
export async function permissions({ read, call }: Visit): Promise<Page> {
  const { type = "", id = "" } = call.params;
  const answer = await read("/api/2.0/permissions/*", {}, { "*": `${type}/${id}` });
  const rows = objects(answer, "access_control_list").flatMap((entry) =>
    objects(entry, "all_permissions").map((permission) => [
      name(text(entry.user_name) || text(entry.group_name) || text(entry.service_principal_name)),
      entry.group_name !== undefined
        ? "group"
        : entry.service_principal_name !== undefined
          ? "service principal"
          : "user",
      text(permission.permission_level),
      permission.inherited === true
        ? html`inherited from ${asArray(permission.inherited_from_object).map(show).join(", ")}`
        : "direct",
    ]),
  );
  return {
    title: "Permissions",
    body: html`${facts([
        ["Object", `${type}/${id}`],
        ["Kind", text(answer.object_type)],
      ])}
      <div class="gap"></div>
      ${table(["Who", "", "Level", ""], rows, "No permissions.")}`,
  };
}
