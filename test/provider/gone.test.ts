/**
 * The platform reports a missing object in several forms. In each of them, the object is planned
 * again, and destroying it succeeds.
 */
import { findKind } from "../../src/resources";
import { schemaOf } from "../../src/resources/shape/schema";
import { PendingNotes } from "../../src/resources/families/pending-notes";
import { Resource } from "../../src/provider/resource";
import { View } from "../../src/provider/view";
import { conform } from "../../src/provider/values";
import { startScripted } from "../api/scripted";
import { connect } from "../../src/api";

const purged = {
  error_code: "INVALID_STATE",
  message: "Cannot access cluster 0101-1 that was terminated or unpinned more than 30 days ago.",
};
const invalid = (message: string): object => ({ error_code: "INVALID_PARAMETER_VALUE", message });

const cases: readonly (readonly [string, Record<string, unknown>, object])[] = [
  ["databricks_cluster", { id: "0101-1", spark_version: "15.4.x-scala2.12" }, purged],
  ["databricks_library", { id: "pypi:a", cluster_id: "0101-1", pypi: [{ package: "a" }] }, purged],
  [
    "databricks_permissions",
    { id: "/clusters/0101-1", cluster_id: "0101-1", object_type: "cluster" },
    purged,
  ],
  [
    "databricks_permissions",
    { id: "/jobs/5", job_id: "5", object_type: "job" },
    invalid("Job 5 does not exist."),
  ],
  ["databricks_job", { id: "5", name: "j" }, invalid("Job 5 does not exist.")],
  [
    "databricks_cluster_policy",
    { id: "AB", name: "p" },
    invalid("Can't find a cluster policy with id: AB."),
  ],
  [
    "databricks_instance_pool",
    { id: "0101-pool", instance_pool_name: "p" },
    invalid("Can't find an instance pool with id: 0101-pool"),
  ],
  [
    "databricks_sql_endpoint",
    { id: "abc", name: "w" },
    invalid("SQL warehouse abc does not exist"),
  ],
];

test.each(cases)(
  "%s %j is dropped from the state by a read, and destroyed without an error, if it no longer exists",
  async (type, attributes, body) => {
    const server = await startScripted((request, response) => {
      const isMe = request.url.includes("/scim/v2/Me");
      response
        .writeHead(isMe ? 200 : 400, { "content-type": "application/json" })
        .end(JSON.stringify(isMe ? { id: "1", userName: "me@x.org" } : body));
    });
    const client = connect({ host: server.host, token: "dapi0", env: {} });
    try {
      const [kind, schema] = [findKind(type), schemaOf(type)];
      if (kind === undefined || schema === undefined) throw new Error(`no kind ${type}`);
      const resource = new Resource(kind, schema, {
        view: () => new View(client, client),
        host: server.host,
        context: { directory: "." },
        pending: new PendingNotes(() => ({
          directory: "/",
          workspace: "default",
          host: server.host,
        })),
      });
      const state = conform(schema.block, attributes);
      expect(await resource.read(state)).toEqual({ state: undefined, diagnostics: [] });
      expect(await resource.apply(state, undefined)).toEqual({ state: undefined, diagnostics: [] });
    } finally {
      await client.close();
      await server.close();
    }
  },
);
