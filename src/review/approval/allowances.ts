import fs from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { isList, object, text } from "../plan/json";
import type { SecretAllowance } from "../secrets/scan";
import { shapes } from "../../secret-shapes";

/** Name of the allow list, a file next to cdktf.json. */
const allowanceFile = "lakeform.secrets.yaml";

/**
 * Reads the allow list of the secret scan. Searches the folder and its parents, up to the first one
 * with a cdktf.json.
 * @returns an empty list if there is no file
 * @throws LakeformError BAD_ALLOW_LIST
 */
export function findAllowances(folder: string): SecretAllowance[] {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    const file = path.join(current, allowanceFile);
    if (fs.existsSync(file)) return parseAllowances(fs.readFileSync(file, "utf8"), allowanceFile);
    if (fs.existsSync(path.join(current, "cdktf.json")) || path.dirname(current) === current)
      return [];
  }
}

/**
 * Parses an allow list: a YAML list of `{ where, shape?, reason, expires? }`.
 * @param name the file's name, for the error
 * @throws LakeformError BAD_ALLOW_LIST if the text is not a YAML list, or with the problems of all
 * entries: no `where` or `reason`, an unknown shape or field, an invalid date
 */
export function parseAllowances(yaml: string, name: string): SecretAllowance[] {
  const problems: string[] = [];
  let entries: unknown;
  try {
    entries = parse(yaml) ?? [];
  } catch (error) {
    throw invalidAllowList(name, [error instanceof Error ? error.message : String(error)]);
  }
  if (!isList(entries)) throw invalidAllowList(name, ["it must be a list"]);
  const knownShapes = new Set([...shapes.map(({ id }) => id), "named", "entropy", "variable"]);
  const allowances = entries.map((entry, index): SecretAllowance => {
    const { where, shape, reason, expires, ...unknownFields } = object(entry);
    const problem = (text: string): void => void problems.push(`entry ${index + 1}: ${text}`);
    if (text(where) === undefined || where === "")
      problem('"where" is missing: a glob over <construct path>#<field>, or a file name');
    if (text(reason) === undefined || text(reason)?.trim() === "") problem('"reason" is missing');
    if (shape !== undefined && !knownShapes.has(text(shape) ?? ""))
      problem(`unknown shape "${JSON.stringify(shape)}" (${[...knownShapes].join(", ")})`);
    if (expires !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(text(expires) ?? ""))
      problem('"expires" must be a date such as 2026-12-31');
    if (Object.keys(unknownFields).length > 0)
      problem(`unknown fields: ${Object.keys(unknownFields).join(", ")}`);
    return {
      where: text(where) ?? "",
      reason: text(reason) ?? "",
      ...defined({ shape: text(shape), expires: text(expires) }),
    };
  });
  if (problems.length > 0) throw invalidAllowList(name, problems);
  return allowances;
}

function invalidAllowList(name: string, problems: readonly string[]): LakeformError {
  return new LakeformError("BAD_ALLOW_LIST", "invalid allow list for the secret scan", {
    path: name,
    value: problems.join("; "),
    fix: "write a list of entries with `where` and `reason` (docs/policies/secret-scan.md)",
  });
}
