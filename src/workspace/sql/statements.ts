import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { invalid, missing, type JsonObject } from "../errors";
import { executionsOf } from "../execution/executions";
import type { Parameter } from "../execution/sql-sessions";
import type { Fields } from "../fields";
import { asArray, asObject } from "../jobs/json";
import type { Call, WorkspaceApp } from "../routes";
import { parseDdl } from "./ddl";
import { SqlProblem } from "./dialect";
import { formatCell, statementResult, tableText } from "./results";
import { applyDdl } from "./table-changes";

/** Max rows of a result. The platform truncates results over 25 MiB. */
const MAX_ROWS = 100_000;
/** Max rows that a SQL cell of an executed notebook returns to its code, and those that it prints. */
const MAX_NOTEBOOK_ROWS = 10_000;
const MAX_SHOWN_ROWS = 1000;

interface Statement {
  readonly statement_id: string;
  /** `status`, and after success also `manifest` and `result`. */
  response: JsonObject;
  readonly cancel: () => void;
}

/**
 * Routes of `/api/2.0/sql/statements`. With `--execute`, DuckDB runs the statements. Without it, the
 * workspace applies DDL of tables and views to Unity Catalog and evaluates a SELECT of one literal,
 * so that clients can test their connection; every other statement fails with a message.
 */
export function statementRoutes(app: WorkspaceApp): void {
  const statements = new Map<string, Statement>();
  app.post(["2.0"], "/sql/statements", async (call) => {
    const { input, caller } = call;
    const text = input.string("statement");
    const warehouse = input.string("warehouse_id");
    if (warehouse.length > 100 || !app.store.collection("warehouses").has(warehouse))
      throw missing(`SQL warehouse ${warehouse.slice(0, 100)} does not exist`);
    app.permissions.require(caller, "warehouse", warehouse, "CAN_USE");
    // The platform also keeps results for a limited time only.
    if (statements.size >= 1000) statements.delete(statements.keys().next().value ?? "");
    const statement_id = randomUUID();
    if (app.execution.all !== true) {
      statements.set(statement_id, {
        statement_id,
        response: await runWithoutEngine(app, call, text),
        cancel: () => undefined,
      });
      return renderStatement(mustFind(statement_id));
    }
    const { seconds, cancels } = parseWait(input);
    const { statement, completion } = execute(app, call, statement_id, text);
    statements.set(statement_id, statement);
    await Promise.race([completion, sleep(seconds * 1000, undefined, { ref: false })]);
    if (isRunning(statement) && cancels) {
      statement.cancel();
      await completion;
    }
    return renderStatement(statement);
  });
  const mustFind = (id: string | undefined): Statement => {
    const statement = statements.get(id ?? "");
    if (statement === undefined)
      throw missing(`The statement ${(id ?? "").slice(0, 100)} was not found.`);
    return statement;
  };
  app.get(["2.0"], "/sql/statements/:id", ({ params }) => renderStatement(mustFind(params.id)));
  app.post(["2.0"], "/sql/statements/:id/cancel", ({ params }) => {
    const statement = mustFind(params.id);
    if (isRunning(statement)) statement.cancel();
    return undefined;
  });
  app.get(["2.0"], "/sql/statements/:id/result/chunks/:index", ({ params }) => {
    const { result } = mustFind(params.id).response;
    if (params.index !== "0" || result === undefined) throw invalid("The chunk does not exist.");
    return result as JsonObject;
  });

  // Runs the SQL cells of notebooks that are executed as tasks.
  app.post([], "/_lakeform/sql", async ({ input, headers }) => {
    const executions = executionsOf(app);
    const taskSession = executions?.findSqlSession(
      headers.authorization as string | undefined,
      input.integer("attempt"),
    );
    if (executions === undefined || taskSession === undefined)
      throw missing("No task with this token is running.");
    const parameters = Object.entries(input.optionalStringMap("parameters") ?? {}).map(
      ([name, value]) => [name, { value }] as const,
    );
    try {
      const table = await executions.sql.execute(
        taskSession.session,
        taskSession.caller,
        input.string("statement"),
        { parameters: Object.fromEntries(parameters), maxRows: MAX_NOTEBOOK_ROWS },
      );
      const { columns, rows, truncated } = table;
      return {
        columns: columns.map(({ name }) => name),
        rows,
        truncated,
        text: tableText({
          ...table,
          rows: rows.slice(0, MAX_SHOWN_ROWS),
          truncated: truncated || rows.length > MAX_SHOWN_ROWS,
        }),
      };
    } catch (error) {
      if (error instanceof SqlProblem) throw invalid(error.message);
      throw error;
    }
  });
}

const isRunning = ({ response }: Statement): boolean =>
  (response.status as JsonObject).state === "RUNNING";
const renderStatement = ({ statement_id, response }: Statement): JsonObject => ({
  statement_id,
  ...response,
});

/** Returns how long the call waits, and whether a statement that takes longer is canceled. */
function parseWait(input: Fields): { readonly seconds: number; readonly cancels: boolean } {
  const waitTimeout = input.optionalString("wait_timeout") ?? "10s";
  const seconds = Number(/^(\d{1,2})s$/.exec(waitTimeout)?.[1] ?? NaN);
  if (Number.isNaN(seconds) || seconds > 50 || (seconds > 0 && seconds < 5))
    throw invalid(
      `wait_timeout must be 0s, or between 5s and 50s; got ${waitTimeout.slice(0, 100)}`,
    );
  return {
    seconds,
    cancels: input.optionalEnum("on_wait_timeout", ["CONTINUE", "CANCEL"]) === "CANCEL",
  };
}

/** Starts a statement in DuckDB. */
function execute(
  app: WorkspaceApp,
  { input, caller }: Call,
  id: string,
  text: string,
): { statement: Statement; completion: Promise<void> } {
  const executions = executionsOf(app);
  if (executions === undefined) throw new Error("a workspace that executes has executions");
  const { sql } = executions;
  const session = `statement ${id}`;
  const parameters = parseParameters(input);
  const rowLimit = input.optionalInteger("row_limit") ?? MAX_ROWS;
  sql.open(session, {
    catalog: input.optionalString("catalog"),
    schema: input.optionalString("schema"),
  });
  let isCanceled = false;
  const statement: Statement = {
    statement_id: id,
    response: { status: { state: "RUNNING" } },
    cancel: () => {
      isCanceled = true;
      sql.cancel(session);
    },
  };
  const run = async (): Promise<void> => {
    try {
      const table = await sql.execute(session, caller, text, {
        parameters,
        maxRows: Math.min(rowLimit, MAX_ROWS),
      });
      statement.response = { status: { state: "SUCCEEDED" }, ...statementResult(table) };
    } catch (error) {
      if (!(error instanceof SqlProblem)) throw error;
      statement.response = isCanceled
        ? { status: { state: "CANCELED" } }
        : toFailure(error.message);
    } finally {
      sql.end(session);
    }
  };
  const completion = run().catch((error: unknown) => {
    app.log(
      `BUG statement ${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    statement.response = toFailure(
      "the local workspace failed: this is a bug in lakeform, see the workspace's log",
    );
  });
  return { statement, completion };
}

const toFailure = (message: string): JsonObject => ({
  status: { state: "FAILED", error: { error_code: "BAD_REQUEST", message } },
});

function parseParameters(input: Fields): Record<string, Parameter> {
  const parameters = asArray(input.optionalArray("parameters")).map(
    (parameter) => asObject(parameter) ?? {},
  );
  return Object.fromEntries(
    parameters.map(({ name, value, type }) => {
      if (typeof name !== "string") throw invalid("parameters: every parameter must have a name");
      return [
        name,
        { value: formatCell(value, ""), ...(typeof type === "string" ? { type } : {}) },
      ];
    }),
  );
}

async function runWithoutEngine(
  app: WorkspaceApp,
  { input, caller }: Call,
  text: string,
): Promise<JsonObject> {
  const defaultSchema = {
    catalog: input.optionalString("catalog") ?? "main",
    schema: input.optionalString("schema") ?? "default",
  };
  try {
    const ddl = text.length > 100_000 ? undefined : parseDdl(text);
    if (ddl === undefined) return evaluateLiteral(text);
    return {
      status: { state: "SUCCEEDED" },
      ...statementResult(await applyDdl(app, ddl, caller, defaultSchema)),
    };
  } catch (error) {
    if (error instanceof SqlProblem) return toFailure(error.message);
    throw error;
  }
}

const LITERAL_SELECT =
  /^\s*select\s+(?:(-?\d{1,15})|'([^']*)'|(true|false))(?:\s+as\s+(\w+))?\s*;?\s*$/i;

function evaluateLiteral(text: string): JsonObject {
  const match = text.length > 10_000 ? null : LITERAL_SELECT.exec(text);
  if (match === null)
    return toFailure(
      "without --execute, the local workspace has no SQL engine: it only applies DDL of tables and views, and evaluates a SELECT of one literal. With --execute, DuckDB runs SQL",
    );
  const [, number, string, boolean, alias] = match;
  const type = number !== undefined ? "INTEGER" : boolean !== undefined ? "BOOLEAN" : "VARCHAR";
  const value = number ?? string ?? boolean?.toLowerCase() ?? "";
  return {
    status: { state: "SUCCEEDED" },
    ...statementResult({
      columns: [{ name: alias ?? value, type }],
      rows: [[value]],
      truncated: false,
      isQuery: true,
    }),
  };
}
