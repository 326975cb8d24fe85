import { exactJson } from "../../exact-json";

/** Builds the shell command for one call, which is printed but never run. */
export function apiCommand(method: string, path: string, body?: unknown): string {
  const json = body === undefined ? "" : ` --json ${quote(exactJson(body))}`;
  return `lakeform api ${method} ${quote(path)}${json}`;
}

/** Quotes a word for a shell. Words with `?` and `&` are quoted, too: shells interpret both. */
function quote(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
