import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { Client } from "undici";
import { startWorkspace } from "../../src/workspace/server";
import { calls, routes } from "./fuzz-calls";

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
  const ids = [
    cluster_id,
    warehouse,
    group,
    repo,
    "main",
    "main.default",
    "main.default.v",
    "fuzz",
  ];
  return {
    ...clusterSpec,
    cluster_id,
    policy_id,
    instance_pool_id,
    warehouse_id: warehouse,
    scope: "fuzz",
    key: "k",
    principal: "users",
    permission: "READ",
    string_value: "v",
    path: "/fuzz/file",
    source_path: "/fuzz",
    destination_path: "/moved",
    contents: "aGVsbG8=",
    content: "aGVsbG8=",
    format: "SOURCE",
    language: "PYTHON",
    definition: '{"num_workers":{"type":"range","maxValue":3}}',
    catalog_name: "main",
    schema_name: "default",
    libraries: [{ pypi: { package: "requests" } }],
    autoscale: { min_workers: 1, max_workers: 2 },
    cluster: { num_workers: 2 },
    update_mask: "num_workers",
    cluster_size: "Small",
    statement: "select 1",
    url: "https://github.com/acme/other",
    provider: "gitHub",
    git_provider: "gitHub",
    volume_type: "MANAGED",
    ids: ids.map(String),
  };
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
