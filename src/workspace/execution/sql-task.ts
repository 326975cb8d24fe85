import { defined } from "../../defined";
import type { JsonObject } from "../errors";
import type { AttemptResult } from "../jobs/run-model";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { SqlProblem, statementsOf } from "../sql/dialect";
import type { Table } from "../sql/engine-worker";
import { formatCell, tableText } from "../sql/results";
import { OutputFiles, type CellReport, type Report } from "./report";
import type { SqlSessions } from "./sql-sessions";
import type { SqlWork } from "./task-spec";

/**
 * Max number of rows of `{{tasks.<key>.output.rows}}`:
 * https://docs.databricks.com/aws/en/jobs/dynamic-value-references
 */
const MAX_ROWS = 1000;

interface SqlAttemptInput extends SqlWork {
  readonly app: WorkspaceApp;
  readonly sessions: SqlSessions;
  readonly session: string;
  readonly caller: Principal;
  readonly folder: string;
  readonly report: Report;
}

/** An attempt of a SQL task. Each statement is a cell of its report. */
export class SqlTaskAttempt {
  private stopped = false;

  constructor(private readonly attempt: SqlAttemptInput) {}

  async run(timeLimitMs: number): Promise<AttemptResult> {
    const { report, text, path, app, folder, sessions, session, catalog, schema } = this.attempt;
    sessions.open(session, { catalog, schema });
    const statements = statementsOf(text);
    report.cells = statements.map((source, index): CellReport => ({
      id: index + 1,
      number: index + 1,
      notebook: path,
      language: "sql",
      source,
      depth: 0,
      state: "waiting",
    }));
    const files = new OutputFiles(folder, report);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, timeLimitMs);
    try {
      let table: Table | undefined;
      for (const cell of report.cells) {
        Object.assign(cell, { state: "running", started: app.clock.now() });
        try {
          table = await this.executeStatement(cell.source);
          files.write(cell.id, { stream: "stdout", text: tableText(table) });
          Object.assign(cell, { state: "succeeded", ended: app.clock.now() });
        } catch (error) {
          if (!(error instanceof SqlProblem)) throw error;
          const message = timedOut
            ? `the task ran longer than ${timeLimitMs / 1000} s, the workspace's limit for a task (--task-timeout)`
            : error.message;
          cell.error = {
            name: "SqlError",
            message,
            source: cell.source.split("\n")[0] ?? "",
            trace: "",
          };
          Object.assign(cell, { state: "failed", ended: app.clock.now() });
          return { result: "FAILED", error: `${message} (statement ${cell.number} of ${path})` };
        }
      }
      return { result: "SUCCESS", output: this.renderOutput(table) };
    } finally {
      clearTimeout(timer);
      files.close();
    }
  }

  kill(): void {
    this.stopped = true;
    this.attempt.sessions.cancel(this.attempt.session);
  }

  private executeStatement(source: string): Promise<Table> {
    const { sessions, session, caller, parameters } = this.attempt;
    if (this.stopped) throw new SqlProblem("the task was canceled");
    const values = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value }]),
    );
    // {{name}} is the older notation of a parameter. Its value replaces the placeholder.
    const text = source.replaceAll(
      /\{\{\s*([\w.]+)\s*\}\}/g,
      (match, name: string) => parameters[name] ?? match,
    );
    return sessions.execute(session, caller, text, { parameters: values, maxRows: MAX_ROWS });
  }

  private renderOutput(table: Table | undefined): JsonObject {
    const { text, warehouse } = this.attempt;
    const rows = (table?.rows ?? []).map((row): JsonObject =>
      Object.fromEntries(
        (table?.columns ?? []).map(({ name, type }, index) => [name, formatCell(row[index], type)]),
      ),
    );
    return {
      query_output: { query_text: text, warehouse_id: warehouse },
      ...(table?.isQuery === true ? { rows, ...defined({ first_row: rows[0] }) } : {}),
    };
  }
}
