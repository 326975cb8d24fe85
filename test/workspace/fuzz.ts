import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { Client } from "undici";
import { startWorkspace } from "../../src/workspace/server";
import { anyCharacter } from "../support/random-text";

/** Routes of many APIs, with the fields that they read. jobs-fuzz.test.ts covers jobs. */
const routes: readonly (readonly [
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD",
  path: string,
  fields: string,
])[] = [
  ["GET", "/api/2.0/preview/scim/v2/Me", "excludedAttributes"],
  ["POST", "/api/2.0/workspace/import", "path format language overwrite content"],
  ["GET", "/api/2.0/workspace/export", "path format direct_download"],
  ["GET", "/api/2.0/workspace/get-status", "path"],
  ["GET", "/api/2.0/workspace/list", "path notebooks_modified_after"],
  ["POST", "/api/2.0/workspace/mkdirs", "path"],
  ["POST", "/api/2.0/workspace/delete", "path recursive"],
  ["POST", "/api/2.0/workspace-files/import-file/*", "overwrite"],
  ["POST", "/api/2.0/dbfs/put", "path overwrite contents"],
  ["POST", "/api/2.0/dbfs/create", "path overwrite"],
  ["POST", "/api/2.0/dbfs/add-block", "handle data"],
  ["POST", "/api/2.0/dbfs/close", "handle"],
  ["GET", "/api/2.0/dbfs/read", "path offset length"],
  ["GET", "/api/2.0/dbfs/list", "path"],
  ["GET", "/api/2.0/dbfs/get-status", "path"],
  ["POST", "/api/2.0/dbfs/mkdirs", "path"],
  ["POST", "/api/2.0/dbfs/delete", "path recursive"],
  ["POST", "/api/2.0/dbfs/move", "source_path destination_path"],
  [
    "POST",
    "/api/2.0/secrets/scopes/create",
    "scope scope_backend_type initial_manage_principal backend_azure_keyvault",
  ],
  ["POST", "/api/2.0/secrets/scopes/delete", "scope"],
  ["GET", "/api/2.0/secrets/scopes/list", ""],
  ["POST", "/api/2.0/secrets/put", "scope key string_value bytes_value"],
  ["GET", "/api/2.0/secrets/get", "scope key"],
  ["GET", "/api/2.0/secrets/list", "scope"],
  ["POST", "/api/2.0/secrets/delete", "scope key"],
  ["POST", "/api/2.0/secrets/acls/put", "scope principal permission"],
  ["GET", "/api/2.0/secrets/acls/get", "scope principal"],
  ["POST", "/api/2.0/secrets/acls/delete", "scope principal"],
  ["POST", "/api/2.0/token/create", "lifetime_seconds comment"],
  ["GET", "/api/2.0/token/list", ""],
  ["POST", "/api/2.0/token/delete", "token_id"],
  ["GET", "/api/2.0/token-management/tokens", "created_by_id created_by_username"],
  ["GET", "/api/2.0/token-management/tokens/:id", ""],
  [
    "POST",
    "/api/2.0/token-management/on-behalf-of/tokens",
    "application_id lifetime_seconds comment",
  ],
  [
    "POST",
    "/api/2.0/policies/clusters/create",
    "name definition policy_family_id policy_family_definition_overrides max_clusters_per_user libraries",
  ],
  ["POST", "/api/2.0/policies/clusters/edit", "policy_id name definition"],
  ["GET", "/api/2.0/policies/clusters/get", "policy_id"],
  ["GET", "/api/2.0/policies/clusters/list", ""],
  ["GET", "/api/2.0/policy-families/:id", ""],
  [
    "POST",
    "/api/2.0/instance-pools/create",
    "instance_pool_name node_type_id min_idle_instances max_capacity custom_tags",
  ],
  ["POST", "/api/2.0/instance-pools/edit", "instance_pool_id instance_pool_name"],
  ["GET", "/api/2.0/instance-pools/get", "instance_pool_id"],
  [
    "POST",
    "/api/2.1/clusters/create",
    "cluster_name spark_version node_type_id num_workers autoscale autotermination_minutes custom_tags spark_conf policy_id instance_pool_id",
  ],
  ["POST", "/api/2.1/clusters/edit", "cluster_id spark_version node_type_id num_workers"],
  ["POST", "/api/2.1/clusters/update", "cluster_id cluster update_mask"],
  ["GET", "/api/2.1/clusters/get", "cluster_id"],
  [
    "GET",
    "/api/2.1/clusters/list",
    "page_size page_token filter_by.is_pinned filter_by.cluster_states",
  ],
  ["POST", "/api/2.1/clusters/resize", "cluster_id num_workers autoscale"],
  [
    "POST",
    "/api/2.1/clusters/events",
    "cluster_id start_time end_time order event_types offset limit page_token",
  ],
  ["POST", "/api/2.0/clusters/permanent-delete", "cluster_id"],
  ["POST", "/api/2.0/libraries/install", "cluster_id libraries"],
  ["GET", "/api/2.0/libraries/cluster-status", "cluster_id"],
  ["GET", "/api/2.0/permissions/:type/:id", ""],
  ["PUT", "/api/2.0/permissions/:type/:id", "access_control_list"],
  ["PATCH", "/api/2.0/permissions/*", "access_control_list"],
  [
    "POST",
    "/api/2.0/sql/warehouses",
    "name cluster_size auto_stop_mins min_num_clusters max_num_clusters tags channel enable_photon",
  ],
  ["GET", "/api/2.0/sql/warehouses/:id", ""],
  ["POST", "/api/2.0/sql/warehouses/:id/edit", "name cluster_size"],
  ["POST", "/api/2.0/sql/statements", "statement warehouse_id"],
  ["GET", "/api/2.0/sql/statements/:id", ""],
  ["POST", "/api/2.0/repos", "url provider path sparse_checkout"],
  ["GET", "/api/2.0/repos", "path_prefix next_page_token page_token"],
  ["PATCH", "/api/2.0/repos/:id", "branch tag"],
  ["POST", "/api/2.0/git-credentials", "git_provider git_username personal_access_token"],
  ["PATCH", "/api/2.0/git-credentials/:id", "git_provider"],
  [
    "POST",
    "/api/2.1/unity-catalog/catalogs",
    "name comment properties isolation_mode storage_root",
  ],
  ["GET", "/api/2.1/unity-catalog/catalogs/:name", ""],
  ["PATCH", "/api/2.1/unity-catalog/catalogs/:name", "owner comment new_name isolation_mode"],
  ["DELETE", "/api/2.1/unity-catalog/catalogs/:name", "force"],
  ["POST", "/api/2.1/unity-catalog/schemas", "catalog_name name comment properties"],
  ["GET", "/api/2.1/unity-catalog/schemas", "catalog_name max_results page_token"],
  [
    "POST",
    "/api/2.1/unity-catalog/volumes",
    "catalog_name schema_name name volume_type storage_location",
  ],
  ["PATCH", "/api/2.1/unity-catalog/volumes/:name", "new_name comment owner"],
  ["GET", "/api/2.1/unity-catalog/tables", "catalog_name schema_name"],
  ["GET", "/api/2.1/unity-catalog/permissions/:type/:name", "principal"],
  ["PATCH", "/api/2.1/unity-catalog/permissions/:type/:name", "changes"],
  ["GET", "/api/2.1/unity-catalog/effective-permissions/:type/:name", "principal"],
  ["PATCH", "/api/2.1/unity-catalog/bindings/:type/:name", "add remove"],
  [
    "PATCH",
    "/api/2.1/unity-catalog/workspace-bindings/catalogs/:name",
    "assign_workspaces unassign_workspaces",
  ],
  ["PUT", "/api/2.0/fs/files/*", "overwrite"],
  ["GET", "/api/2.0/fs/files/*", ""],
  ["HEAD", "/api/2.0/fs/files/*", ""],
  ["DELETE", "/api/2.0/fs/files/*", ""],
  ["PUT", "/api/2.0/fs/directories/*", ""],
  ["GET", "/api/2.0/fs/directories/*", "page_size page_token"],
  ["DELETE", "/api/2.0/fs/directories/*", ""],
  [
    "POST",
    "/api/2.0/preview/scim/v2/Users",
    "userName displayName active entitlements groups externalId roles",
  ],
  ["GET", "/api/2.0/preview/scim/v2/Users", "filter startIndex count attributes"],
  ["PATCH", "/api/2.0/preview/scim/v2/Groups/:id", "Operations"],
  ["POST", "/api/2.0/preview/scim/v2/Groups", "displayName members entitlements"],
  ["PUT", "/api/2.0/preview/scim/v2/Groups/:id", "displayName members"],
  ["POST", "/api/2.0/preview/scim/v2/ServicePrincipals", "applicationId displayName"],
  ["POST", "/oidc/v1/token", "grant_type client_id client_secret scope"],
  ["GET", "/.well-known/databricks-config", ""],
  ["POST", "/_lakeform/faults", "nth times probability seed status delay_ms body headers"],
  ["PUT", "/_lakeform/timing", "cluster_start_ms"],
];

/** Paths that an attacker might send. */
const paths = [
  "/../../../../tmp/PWNED", "/Volumes/main/default/../../../tmp/PWNED", "/Volumes/main/default/v/../../../../../tmp/PWNED", "..%2f..%2ftmp%2fPWNED", "/Shared/../../PWNED", "\u0000/tmp/PWNED",
  "//tmp//PWNED", "/tmp/PWNED/.", "dbfs:/../PWNED", "/Workspace/../../PWNED", "/Shared/ok", "/a/b", "/", "", "C:\\PWNED", "/Shared/\ud800", `/${"x".repeat(3000)}`, "/Shared/__proto__", "__proto__",
]; // prettier-ignore
const commonValues = [
  "main",
  "default",
  "users",
  "admins",
  "CAN_MANAGE",
  "SOURCE",
  "PYTHON",
  "catalog",
  "true",
  "-1",
  "1e999",
  "15.4.x-scala2.12",
  "i3.xlarge",
  "clusters",
  "jobs",
  "client_credentials",
  "1",
  "100000000000001",
];

const fieldValue = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...paths) },
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...commonValues) },
  { weight: 2, arbitrary: fc.string({ unit: anyCharacter, maxLength: 40 }) },
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    1.5,
    2 ** 53,
    1e300,
    -0,
    [],
    {},
    [[]],
    [null],
    [1],
    ["a"],
    [{ value: "x" }],
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.constant("x".repeat(200_000)),
  fc.constant(Buffer.from("hello").toString("base64")),
  fc.constant([{ user_name: "a@b.c", permission_level: "CAN_MANAGE" }]),
  fc.constant([{ principal: "p", add: ["SELECT"] }]),
  fc.constant([{ op: "add", path: 'members[value eq "1"]', value: [{ value: "1" }] }]),
);

const calls = fc.record({
  route: fc.nat(routes.length - 1),
  values: fc.array(fieldValue, { minLength: 12, maxLength: 12 }),
  omitMask: fc.nat(4095),
  validMask: fc.nat(4095),
  wildPath: fc.constantFrom(
    ...paths.filter(
      (name) => name.length < 1000 && !name.includes("\u0000") && !name.includes("\ud800"),
    ),
  ),
  bodyKind: fc.constantFrom(
    "json",
    "json",
    "json",
    "json",
    "json",
    "raw",
    "utf8",
    "deep",
    "form",
    "multipart",
    "large",
  ),
});

/**
 * Creates objects that random calls can refer to.
 * @returns valid values by field name, and `ids` for paths
 */
async function createObjects(host: string, token: string): Promise<Record<string, unknown>> {
  const post = async (route: string, body: object): Promise<Record<string, unknown>> => {
    const response = await fetch(`${host}${route}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  const clusterSpec = {
    spark_version: "15.4.x-scala2.12",
    node_type_id: "i3.xlarge",
    num_workers: 1,
  };
  const { cluster_id } = await post("/api/2.1/clusters/create", clusterSpec);
  const { policy_id } = await post("/api/2.0/policies/clusters/create", {
    name: "fuzz",
    definition: "{}",
  });
  const { instance_pool_id } = await post("/api/2.0/instance-pools/create", {
    instance_pool_name: "fuzz",
    node_type_id: "i3.xlarge",
  });
  const { id: warehouse } = await post("/api/2.0/sql/warehouses", {
    name: "fuzz",
    cluster_size: "Small",
  });
  const { id: group } = await post("/api/2.0/preview/scim/v2/Groups", { displayName: "fuzz" });
  const { id: repo } = await post("/api/2.0/repos", { url: "https://github.com/acme/etl" });
  await post("/api/2.0/secrets/scopes/create", { scope: "fuzz" });
  await post("/api/2.0/secrets/put", { scope: "fuzz", key: "k", string_value: "v" });
  await post("/api/2.1/unity-catalog/volumes", {
    catalog_name: "main",
    schema_name: "default",
    name: "v",
  });
  await post("/api/2.0/dbfs/put", { path: "/fuzz/file", contents: "aGVsbG8=" });
  return {
    ...clusterSpec,
    cluster_id, policy_id, instance_pool_id, warehouse_id: warehouse, scope: "fuzz", key: "k", principal: "users", permission: "READ", string_value: "v", path: "/fuzz/file",
    source_path: "/fuzz", destination_path: "/moved", contents: "aGVsbG8=", content: "aGVsbG8=", format: "SOURCE", language: "PYTHON", definition: '{"num_workers":{"type":"range","maxValue":3}}',
    catalog_name: "main", schema_name: "default", libraries: [{ pypi: { package: "requests" } }], autoscale: { min_workers: 1, max_workers: 2 }, cluster: { num_workers: 2 }, update_mask: "num_workers",
    cluster_size: "Small", statement: "select 1", url: "https://github.com/acme/other", provider: "gitHub", git_provider: "gitHub", volume_type: "MANAGED",
    ids: [cluster_id, warehouse, group, repo, "main", "main.default", "main.default.v", "fuzz"].map(String),
  }; // prettier-ignore
}

const asText = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value ?? "x");

/** Sends `count` random calls. @returns the failures */
export async function fuzzWorkspace(count: number, seed: number): Promise<string[]> {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-fuzz-"));
  const listOutsideFiles = (): string[] =>
    [...fs.readdirSync(path.dirname(data)), ...fs.readdirSync("/tmp")].filter((name) =>
      name.includes("PWNED"),
    );
  const outsideFilesBefore = listOutsideFiles();
  const logLines: string[] = [];
  const workspace = await startWorkspace({ data, log: (line) => logLines.push(line) });
  const client = new Client(workspace.host, {
    pipelining: 1,
    bodyTimeout: 20_000,
    headersTimeout: 20_000,
  });
  const failures: string[] = [];
  const validValues = await createObjects(workspace.host, workspace.token);
  for (const call of fc.sample(calls, { numRuns: count, seed })) {
    const [method, pattern, fields] = routes[call.route] ?? ["GET", "/", ""];
    const names = fields.split(" ").filter((name) => name !== "");
    // Half of the fields get a valid value.
    const valueOf = (name: string, index: number): unknown =>
      ((call.validMask >> index) & 1) === 1
        ? (validValues[name] ?? call.values[index])
        : call.values[index];
    const fieldValues = Object.fromEntries(
      names
        .map((name, index): [string, unknown] => [name, valueOf(name, index)])
        .filter((_pair, index) => ((call.omitMask >> index) & 1) === 0 || index === 0),
    );
    const encodedValue = (index: number): string =>
      encodeURIComponent(
        asText(call.values[index])
          .slice(0, 500)
          .replaceAll(/[\ud800-\udfff]/g, "?"),
      );
    const ids = [...(validValues.ids as string[]), encodedValue(call.omitMask % 12)];
    const route = pattern
      .replace(/:\w+/g, (name) =>
        name === ":type"
          ? (["catalog", "schema", "clusters", "metastore", encodedValue(1)][call.validMask % 5] ??
            "")
          : (ids[call.omitMask % ids.length] ?? "x"),
      )
      .replace("*", encodeURI(call.wildPath.replace(/^\/+/, "")) || "x");
    const hasQuery = method === "GET" || method === "HEAD" || method === "DELETE";
    const query = hasQuery
      ? `?${names.map((name, index) => `${name}=${((call.validMask >> index) & 1) === 1 && typeof validValues[name] === "string" ? encodeURIComponent(validValues[name]) : encodedValue(index)}`).join("&")}`
      : "";
    const json = JSON.stringify(fieldValues);
    const bodies: Record<string, string | Buffer> = {
      json,
      raw: randomBytes(64),
      utf8: Buffer.concat([
        Buffer.from('{"path":"'),
        Buffer.from([0xff, 0xc0, 0x80]),
        Buffer.from('"}'),
      ]),
      deep: `{"path":${"[".repeat(20_000)}`,
      form: "path=/x&grant_type=client_credentials",
      multipart:
        '--b\r\nContent-Disposition: form-data; name="path"\r\n\r\n/../x\r\n--b\r\nContent-Disposition: form-data; name="content"; filename="../../PWNED"\r\n\r\nx\r\n--b--\r\n',
      large: JSON.stringify({
        ...fieldValues,
        filler: "x".repeat(count > 1000 ? 1_000_000 : 100_000),
      }),
    };
    const type =
      call.bodyKind === "form"
        ? "application/x-www-form-urlencoded"
        : call.bodyKind === "multipart"
          ? "multipart/form-data; boundary=b"
          : "application/json";
    try {
      const response = await client.request({
        method,
        path: route + query,
        headers: { authorization: `Bearer ${workspace.token}`, "content-type": type },
        ...(hasQuery ? {} : { body: bodies[call.bodyKind] ?? json }),
      });
      await response.body.dump();
      // A random call may have set a fault, which can cause any response.
      if (response.statusCode >= 500 && response.statusCode !== 501 && !workspace.faults.active)
        failures.push(`${response.statusCode} ${method} ${route}${query} ${json.slice(0, 300)}`);
    } catch (error) {
      if (!workspace.faults.active)
        failures.push(
          `${String(error)} ${method} ${route}${query} ${call.bodyKind} ${json.slice(0, 300)}`,
        );
    }
    workspace.faults.clear();
  }
  failures.push(...logLines.filter((line) => line.startsWith("BUG")).slice(0, 5));
  await client.close();
  await workspace.close();
  const unknownFiles = fs
    .readdirSync(data)
    .filter((name) => !["data.mdb", "data.mdb-lock", "blobs", "token"].includes(name));
  const unknownBlobs = fs
    .readdirSync(path.join(data, "blobs"))
    .filter((name) => !/^[0-9a-f-]{36}$/.test(name));
  const outsideFiles = listOutsideFiles().filter((name) => !outsideFilesBefore.includes(name));
  failures.push(
    ...[...unknownFiles, ...unknownBlobs, ...outsideFiles].map((name) => `unknown file ${name}`),
  );
  fs.rmSync(data, { recursive: true });
  return failures;
}
