import { defined } from "../../defined";
import { traitsOf } from "../../resources";
import type { FieldChange, Json, ResourceChange } from "../model";
import { fieldDiff } from "./diff";
import { sha256 } from "../plan/json";
import type { Artifact } from "../secrets/scan";

const contentFields = new Set(["source", "md5", "content_base64"]);

/** True for a field that sets the content of an uploaded object, in the code or in a plan. */
export const setsContent = (type: string, path: string): boolean =>
  traitsOf(type).content !== undefined &&
  (contentFields.has(path) || ["content", "file_path", "serialized_dashboard"].includes(path));

/**
 * Shows the change of an uploaded file by the hash, size and diff of its content, because base64 is
 * not readable, and a local path would make the digest depend on the machine.
 */
export function withContent(
  change: ResourceChange,
  artifact: Artifact | undefined,
): ResourceChange {
  if (traitsOf(change.type).content === undefined) return change;
  const contentChanges = change.fields.filter((field) => contentFields.has(field.path));
  if (contentChanges.length === 0) return change;
  const otherFields = change.fields.filter((field) => !contentFields.has(field.path));
  // An import does not read the content, so Terraform plans to write it even if it is the same.
  if (
    change.imported === true &&
    artifact?.previousSha256 === artifact?.sha256 &&
    artifact !== undefined
  )
    return { ...change, fields: otherFields };
  const inline = contentChanges.find((field) => field.path === "content_base64");
  const before = artifact?.previous ?? decodeText(inline?.before);
  const after = artifact?.text ?? decodeText(inline?.after);
  const newHash = after !== undefined ? sha256(after) : artifact?.sha256;
  if (artifact === undefined && newHash === undefined)
    return {
      ...change,
      fields: [...otherFields, ...contentChanges.flatMap(withoutFolder)].sort(byPath),
    };
  const hash = artifact?.sha256 ?? newHash ?? "";
  const size = artifact?.size ?? Buffer.byteLength(after ?? "");
  const content: FieldChange = {
    path: "content",
    field: "content",
    kind: change.action === "create" ? "added" : "changed",
    ...(before === undefined || change.action === "create"
      ? {}
      : { before: `sha256:${sha256(before)} (${Buffer.byteLength(before)} bytes)` }),
    after: `sha256:${hash} (${size} bytes)`,
    ...(before === undefined || after === undefined || before === after
      ? {}
      : fieldDiff(`${before}\n`, `${after}\n`)),
    ...(contentChanges.some((field) => field.forces) ? { forces: true as const } : {}),
  };
  return { ...change, fields: [...otherFields, content].sort(byPath) };
}

function decodeText(value: Json | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = Buffer.from(value, "base64").toString("utf8");
  // For binary content, only the hash is shown.
  return text.includes("\uFFFD") ? undefined : text;
}

/** Shows a file without known content by its name, without its folder on this machine. */
function withoutFolder(field: FieldChange): FieldChange[] {
  if (field.path !== "source") return [field];
  const name = (value: Json | undefined): Json | undefined =>
    typeof value === "string" ? value.slice(value.lastIndexOf("/") + 1) : value;
  const [before, after] = [name(field.before), name(field.after)];
  if (before === after && field.kind === "changed") return [];
  return [{ ...field, ...defined({ before, after }) }];
}

const byPath = (a: FieldChange, b: FieldChange): number => (a.path < b.path ? -1 : 1);
