/** Runs the SQL statements of a table on its warehouse. */
import type { Client } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Attributes } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";

/** Returns the full name of a table, without quotes. */
export const tableName = (attributes: Attributes): string =>
  ["catalog_name", "schema_name", "name"].map((part) => textOrEmpty(attributes, part)).join(".");

/**
 * Runs a statement on the warehouse of a table, for up to 50 seconds.
 * @param retry how the call is repeated after a lost response
 * @throws LakeformError SQL_TABLE_WITHOUT_WAREHOUSE, SQL_STATEMENT_FAILED
 */
export async function runStatement(
  api: Client,
  attributes: Attributes,
  statement: string,
  retry: { readonly idempotent: true } | { readonly recover: () => Promise<unknown> },
  signal?: AbortSignal,
): Promise<void> {
  const warehouse_id = textOrEmpty(attributes, "warehouse_id");
  if (warehouse_id === "")
    throw new LakeformError(
      "SQL_TABLE_WITHOUT_WAREHOUSE",
      "a databricks_sql_table needs warehouse_id: lakeform runs its statements on a SQL warehouse",
      {
        value: tableName(attributes),
        fix: "set warehouse_id instead of cluster_id, or use the official provider, which starts a cluster for them",
      },
    );
  const body = { statement, warehouse_id, wait_timeout: "50s", on_wait_timeout: "CANCEL" };
  const { status } = object(await api.post("/api/2.0/sql/statements", body, { ...retry, signal }));
  const { state, error } = object(status);
  // If `recover` found that a lost call took effect, its result has no status.
  if (state === "SUCCEEDED" || status === undefined) return;
  throw new LakeformError(
    "SQL_STATEMENT_FAILED",
    `the statement ended in state ${optionalText(state) ?? "unknown"}: ${optionalText(object(error).message) ?? "no reason given"}`,
    {
      value: statement,
      fix: "fix the definition of the table, or the privileges on its schema, and deploy again",
    },
  );
}
