import type { JsonObject } from "../errors";
import type { Table } from "./engine-worker";

/** The platform's names of DuckDB's types. */
const TYPES: Readonly<Record<string, readonly [name: string, text: string]>> = {
  BIGINT: ["LONG", "BIGINT"],
  BLOB: ["BINARY", "BINARY"],
  BOOLEAN: ["BOOLEAN", "BOOLEAN"],
  DATE: ["DATE", "DATE"],
  DOUBLE: ["DOUBLE", "DOUBLE"],
  FLOAT: ["FLOAT", "FLOAT"],
  HUGEINT: ["DECIMAL", "DECIMAL(38,0)"],
  INTEGER: ["INT", "INT"],
  INTERVAL: ["INTERVAL", "INTERVAL"],
  SMALLINT: ["SHORT", "SMALLINT"],
  TIMESTAMP: ["TIMESTAMP", "TIMESTAMP"],
  "TIMESTAMP WITH TIME ZONE": ["TIMESTAMP", "TIMESTAMP"],
  TINYINT: ["BYTE", "TINYINT"],
};

/** Converts a DuckDB type to the platform's type names. */
export function platformType(type: string): {
  readonly type_name: string;
  readonly type_text: string;
} {
  const typeNames = TYPES[type];
  if (typeNames !== undefined) return { type_name: typeNames[0], type_text: typeNames[1] };
  if (type.startsWith("DECIMAL")) return { type_name: "DECIMAL", type_text: type };
  if (type.endsWith("]"))
    return {
      type_name: "ARRAY",
      type_text: `ARRAY<${platformType(type.replace(/\[\d*\]$/, "")).type_text}>`,
    };
  if (type.startsWith("STRUCT")) return { type_name: "STRUCT", type_text: type };
  if (type.startsWith("MAP")) return { type_name: "MAP", type_text: type };
  return { type_name: "STRING", type_text: "STRING" };
}

/** Converts a value to the platform's JSON_ARRAY format: a string or null. */
export function formatCell(value: unknown, type: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") return JSON.stringify(value);
  const text = `${value as string | number | boolean}`;
  if (!type.startsWith("TIMESTAMP")) return text;
  const [, day, time, fraction = ""] = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(text) ?? [];
  return day === undefined || time === undefined
    ? text
    : `${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
}

/** Returns the `manifest` and the inline `result` of a response. */
export function statementResult({ columns, rows, truncated }: Table): JsonObject {
  const chunk = { chunk_index: 0, row_offset: 0, row_count: rows.length };
  return {
    manifest: {
      format: "JSON_ARRAY",
      schema: {
        column_count: columns.length,
        columns: columns.map(({ name, type }, position) => ({
          name,
          ...platformType(type),
          position,
        })),
      },
      total_chunk_count: 1,
      total_row_count: rows.length,
      truncated,
      chunks: [chunk],
    },
    result: {
      ...chunk,
      data_array: rows.map((row) =>
        row.map((value, index) => formatCell(value, columns[index]?.type ?? "")),
      ),
    },
  };
}

/** Formats a result for logs: aligned columns and the number of rows, or the number of changed rows. */
export function tableText({ columns, rows, truncated, isQuery }: Table): string {
  const changedRows = columns[0]?.name === "Count" ? formatCell(rows[0]?.[0], "") : null;
  if (!isQuery)
    return changedRows === null
      ? "OK\n"
      : `${changedRows} ${changedRows === "1" ? "row" : "rows"} changed\n`;
  const lines = [
    columns.map(({ name }) => name),
    ...rows.map((row) =>
      row.map((value, index) => formatCell(value, columns[index]?.type ?? "") ?? "NULL"),
    ),
  ];
  const widths = columns.map((_column, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  const alignedLine = (line: readonly string[]): string => {
    const cells = line.map((value, index) => value.padEnd(widths[index] ?? 0));
    return cells.join("  ").trimEnd();
  };
  const count = `(${rows.length} ${rows.length === 1 ? "row" : "rows"}${truncated ? ", and more" : ""})`;
  return `${[...lines.map(alignedLine), count].join("\n")}\n`;
}
