import { randomUUID } from "node:crypto";
import { invalid, missing, type JsonObject } from "../errors";
import type { WorkspaceApp } from "../routes";

/**
 * `/api/2.0/sql/statements`: enough for clients to try their plumbing. The local workspace has no SQL engine: it answers a SELECT of one literal,
 * and every other statement ends FAILED and says so.
 */
export function statementRoutes(app: WorkspaceApp): void {
  const statements = new Map<string, JsonObject>();
  app.post(["2.0"], "/sql/statements", ({ input, caller }) => {
    const text = input.string("statement");
    const warehouse = input.string("warehouse_id");
    if (warehouse.length > 100 || !app.store.collection("warehouses").has(warehouse))
      throw missing(`SQL warehouse ${warehouse.slice(0, 100)} does not exist`);
    app.permissions.require(caller, "warehouse", warehouse, "CAN_USE");
    const statement_id = randomUUID();
    const answer = { statement_id, ...evaluate(text) };
    // Results are kept for a while on the platform, and not for ever.
    if (statements.size >= 1000) statements.delete(statements.keys().next().value ?? "");
    statements.set(statement_id, answer);
    return answer;
  });
  const need = (id: string | undefined): JsonObject => {
    const found = statements.get(id ?? "");
    if (found === undefined) throw missing(`The statement ${(id ?? "").slice(0, 100)} was not found.`);
    return found;
  };
  app.get(["2.0"], "/sql/statements/:id", ({ params }) => need(params.id));
  app.post(["2.0"], "/sql/statements/:id/cancel", ({ params }) => {
    need(params.id);
    return undefined;
  });
  app.get(["2.0"], "/sql/statements/:id/result/chunks/:index", ({ params }) => {
    const { result } = need(params.id);
    if (params.index !== "0" || result === undefined) throw invalid("There is no such chunk.");
    return result as JsonObject;
  });
}

const select = /^\s*select\s+(?:(-?\d{1,15})|'([^']*)'|(true|false))(?:\s+as\s+(\w+))?\s*;?\s*$/i;

function evaluate(text: string): JsonObject {
  const match = text.length > 10_000 ? null : select.exec(text);
  if (match === null)
    return {
      status: {
        state: "FAILED",
        error: { error_code: "BAD_REQUEST", message: "the local workspace has no SQL engine: it answers a SELECT of one literal only" },
      },
    };
  const [, number, string, boolean, alias] = match;
  const type = number !== undefined ? "INT" : boolean !== undefined ? "BOOLEAN" : "STRING";
  const value = number ?? string ?? boolean?.toLowerCase() ?? "";
  return {
    status: { state: "SUCCEEDED" },
    manifest: {
      format: "JSON_ARRAY",
      schema: { column_count: 1, columns: [{ name: alias ?? value, type_name: type, type_text: type, position: 0 }] },
      total_chunk_count: 1,
      total_row_count: 1,
      truncated: false,
      chunks: [{ chunk_index: 0, row_offset: 0, row_count: 1 }],
    },
    result: { chunk_index: 0, row_offset: 0, row_count: 1, data_array: [[value]] },
  };
}
