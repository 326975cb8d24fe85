/**
 * The calls for kinds that REST writes in several calls, or as bytes. Like tamper.ts, this file uses
 * only REST.
 */
import type { Lab } from "./harness";
import type { Fields, Json, Writable } from "./tamper";

/**
 * Kinds without a call that changes an object; deleted.test.ts and added.test.ts cover their
 * creation and deletion.
 */
export const unchangeable: Readonly<Record<string, string>> = {
  databricks_directory: "a folder has a path and nothing else",
  databricks_token: "REST has no call that changes a token",
};

const latin1 = (base64: Json | undefined): string =>
  Buffer.from(typeof base64 === "string" ? base64 : "", "base64").toString("latin1");
const base64 = (text: Json | undefined): string => {
  if (typeof text !== "string") throw new Error("no content");
  return Buffer.from(text, "latin1").toString("base64");
};
const list = (value: Json | undefined): Fields[] =>
  Array.isArray(value) ? (value as Fields[]) : [];
const identity = (response: Fields): Fields => response;

export function moreWritables({ client }: Lab): readonly Writable[] {
  const get = async (path: string, query: Record<string, string> = {}): Promise<Fields> =>
    (await client.get(path, { query })) as Fields;
  const split = (id: string): readonly [string, string] => id.split("|||") as [string, string];
  const exportFile = async (path: string): Promise<Fields> => {
    const { content } = await get("/api/2.0/workspace/export", { path, format: "SOURCE" });
    const { language } = await get("/api/2.0/workspace/get-status", { path });
    return { text: latin1(content), ...(language === undefined ? {} : { language }) };
  };
  const importFile = (path: string, { text, language }: Fields): Promise<unknown> =>
    client.post("/api/2.0/workspace/import", {
      path,
      overwrite: true,
      content: base64(text),
      format: language === undefined ? "AUTO" : "SOURCE",
      ...(language === undefined ? {} : { language }),
    });
  /** Returns the grants sorted by principal, since REST returns them in the order of the calls. */
  const grantsOf = async (securable: string): Promise<Fields> => {
    const assignments = list(
      (await get(`/api/2.1/unity-catalog/permissions/${securable}`))["privilege_assignments"],
    );
    return {
      privilege_assignments: assignments.sort((a, b) =>
        JSON.stringify(a["principal"]) < JSON.stringify(b["principal"]) ? -1 : 1,
      ),
    };
  };
  /** Writes a set with a call that accepts additions and removals. */
  const writeGrants = (securable: string, before: Fields, after: Fields): Promise<unknown> => {
    const entries = [
      ...list(before["privilege_assignments"]),
      ...list(after["privilege_assignments"]),
    ];
    const privilegesOf = (side: Fields, principal: Json): Json =>
      list(side["privilege_assignments"])
        .filter((item) => item["principal"] === principal)
        .flatMap(({ privileges }) => (Array.isArray(privileges) ? privileges : []));
    const changes = [...new Set(entries.map(({ principal }) => principal ?? null))].map(
      (principal) => ({
        principal,
        remove: (privilegesOf(before, principal) as string[]).filter(
          (text) => !(privilegesOf(after, principal) as string[]).includes(text),
        ),
        add: privilegesOf(after, principal),
      }),
    );
    return client.patch(`/api/2.1/unity-catalog/permissions/${securable}`, { changes });
  };
  return [
    {
      type: "databricks_secret",
      read: async (id) => {
        const [scope, key] = split(id);
        const metadata = list((await get("/api/2.0/secrets/list", { scope }))["secrets"]).find(
          (item) => item["key"] === key,
        );
        return {
          ...metadata,
          text: latin1((await get("/api/2.0/secrets/get", { scope, key }))["value"]),
        };
      },
      content: identity,
      write: (id, { text }) => {
        const [scope, key] = split(id);
        return client.post("/api/2.0/secrets/put", { scope, key, bytes_value: base64(text) });
      },
    },
    {
      type: "databricks_secret_acl",
      read: (id) =>
        get("/api/2.0/secrets/acls/get", { scope: split(id)[0], principal: split(id)[1] }),
      content: identity,
      write: (id, { permission }) =>
        client.post("/api/2.0/secrets/acls/put", {
          scope: split(id)[0],
          principal: split(id)[1],
          permission,
        }),
    },
    {
      type: "databricks_secret_scope",
      unmanaged: "ours",
      read: (scope) => get("/api/2.0/secrets/acls/list", { scope }),
      content: identity,
      write: async (scope, { items }, before) => {
        for (const { principal } of list(before["items"]))
          await client.post("/api/2.0/secrets/acls/delete", { scope, principal });
        for (const { principal, permission } of list(items))
          await client.post("/api/2.0/secrets/acls/put", { scope, principal, permission });
      },
    },
    {
      type: "databricks_dbfs_file",
      read: async (path) => ({
        ...(await get("/api/2.0/dbfs/get-status", { path })),
        text: latin1((await get("/api/2.0/dbfs/read", { path, length: "1000000" }))["data"]),
      }),
      content: identity,
      write: (path, { text }) =>
        client.post("/api/2.0/dbfs/put", { path, overwrite: true, contents: base64(text) }),
    },
    {
      type: "databricks_file",
      read: async (path) => {
        const chunks: Buffer[] = [];
        for await (const chunk of await client.download(`/api/2.0/fs/files${path}`))
          chunks.push(chunk as Buffer);
        return { text: Buffer.concat(chunks).toString("latin1") };
      },
      content: identity,
      write: (path, { text }) =>
        client.exchange({
          method: "PUT",
          path: `/api/2.0/fs/files${path}`,
          query: { overwrite: true },
          raw: () => Buffer.from(base64(text), "base64"),
        }),
    },
    { type: "databricks_workspace_file", read: exportFile, content: identity, write: importFile },
    { type: "databricks_notebook", read: exportFile, content: identity, write: importFile },
    {
      type: "databricks_library",
      idOf: ({ cluster_id }) => String(cluster_id),
      read: async (cluster_id) => {
        const statuses = list(
          (await get("/api/2.0/libraries/cluster-status", { cluster_id }))["library_statuses"],
        );
        // The order is that of the calls that installed them.
        return {
          libraries: statuses
            .filter(({ status }) => status !== "UNINSTALL_ON_RESTART")
            .map(({ library }) => library ?? null)
            .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        };
      },
      content: identity,
      write: async (cluster_id, { libraries }, before) => {
        await client.post("/api/2.0/libraries/uninstall", {
          cluster_id,
          libraries: before["libraries"],
        });
        await client.post("/api/2.0/libraries/install", { cluster_id, libraries });
      },
    },
    {
      type: "databricks_grants",
      read: grantsOf,
      content: identity,
      write: (id, content, before) => writeGrants(id, before, content),
    },
    {
      type: "databricks_grant",
      read: async (id) => {
        const { securable, principal } = parseGrantId(id);
        return {
          privilege_assignments: list((await grantsOf(securable))["privilege_assignments"]).filter(
            (item) => item["principal"] === principal,
          ),
        };
      },
      content: identity,
      write: (id, content, before) => writeGrants(parseGrantId(id).securable, before, content),
    },
    {
      type: "databricks_catalog",
      only: ({ isolation_mode }) => isolation_mode === "ISOLATED",
      read: (id) => get(`/api/2.1/unity-catalog/bindings/catalog/${id}`),
      content: identity,
      write: (id, { bindings }, before) =>
        client.patch(`/api/2.1/unity-catalog/bindings/catalog/${id}`, {
          remove: before["bindings"],
          add: bindings,
        }),
    },
  ];
}

function parseGrantId(id: string): { securable: string; principal: string } {
  const [type, name, ...principal] = id.split("/");
  return { securable: `${type}/${name}`, principal: principal.join("/") };
}
