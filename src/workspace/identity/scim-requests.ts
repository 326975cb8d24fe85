/** Parses SCIM requests: lists of values, PATCH operations, filters and pages. */
import { invalid, type JsonValue } from "../errors";
import type { Fields } from "../fields";
import type { GroupRecord, UserRecord } from "../principal-records";
import { json, type Call, type Raw } from "../routes";
import { SCIM } from "./me";

const LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ENTITLEMENTS = [
  "allow-cluster-create",
  "allow-instance-pool-create",
  "databricks-sql-access",
  "workspace-access",
  "workspace-consume",
];

/**
 * Reads the values of a field `[{value}]`. Duplicates, empty ones, which the official provider
 * sends, and those longer than 1000 characters are dropped.
 */
export function parseValues(input: Fields, name: string): string[] {
  return [
    ...new Set(input.list(name).flatMap((item) => item.optionalString("value") ?? [])),
  ].filter((value) => value !== "" && value.length <= 1000);
}

export function parseEntitlements(input: Fields): string[] {
  const entitlements = parseValues(input, "entitlements");
  const unknown = entitlements.find((value) => !ENTITLEMENTS.includes(value));
  if (unknown !== undefined)
    throw invalid(
      `Unknown entitlement ${unknown.slice(0, 100)}; it must be one of ${ENTITLEMENTS.join(", ")}`,
    );
  return entitlements;
}

interface Operation {
  readonly op: "add" | "remove" | "replace";
  readonly path: string;
  readonly value: JsonValue | undefined;
  /** The ids or names selected by the value, or by the filter in the path. */
  readonly values: string[];
}

/** Returns the operations of a PATCH. An operation without a path is split into one per field. */
function parseOperations(input: Fields): Operation[] {
  return input.list("Operations").flatMap((operation) => {
    const op = (operation.optionalString("op") ?? "").toLowerCase();
    if (op !== "add" && op !== "remove" && op !== "replace")
      throw invalid("A SCIM operation must be add, remove or replace.");
    const value = operation.values.value;
    const targetPath = operation.optionalString("path");
    if (targetPath === undefined)
      return Object.entries(operation.fields("value").values).map(([path, item]): Operation => ({
        op,
        path,
        value: item,
        values: stringValues(item),
      }));
    const [, path = targetPath, filterValue] =
      /^(\w+)\[value eq "([^"]*)"\]$/.exec(targetPath) ?? [];
    return [
      { op, path, value, values: filterValue === undefined ? stringValues(value) : [filterValue] },
    ];
  });
}

function stringValues(value: JsonValue | undefined): string[] {
  if (!Array.isArray(value)) return typeof value === "string" ? [value] : [];
  return value.flatMap((item) =>
    typeof item === "object" &&
    item !== null &&
    !Array.isArray(item) &&
    typeof item.value === "string"
      ? [item.value]
      : typeof item === "string"
        ? [item]
        : [],
  );
}

function applyOperation(currentValues: readonly string[], { op, values }: Operation): string[] {
  if (op === "replace") return values;
  if (op === "remove")
    return values.length === 0 ? [] : currentValues.filter((value) => !values.includes(value));
  return [...new Set([...currentValues, ...values])];
}

export function patchUser(record: UserRecord, input: Fields): UserRecord {
  let next = record;
  for (const operation of parseOperations(input)) {
    const { path, value } = operation;
    if (path === "active") next = { ...next, active: value === true || value === "true" };
    else if (path === "displayName" && typeof value === "string")
      next = { ...next, displayName: value };
    else if (path === "externalId" && typeof value === "string")
      next = { ...next, externalId: value };
    else if (path === "entitlements" || path === "roles")
      next = { ...next, [path]: applyOperation(next[path], operation) };
    else throw invalid(`A user's ${path.slice(0, 100)} cannot be patched.`);
  }
  return next;
}

export function patchGroup(record: GroupRecord, input: Fields): GroupRecord {
  let next = record;
  for (const operation of parseOperations(input)) {
    const { path, value } = operation;
    if (path === "displayName" && typeof value === "string") next = { ...next, displayName: value };
    else if (path === "externalId" && typeof value === "string")
      next = { ...next, externalId: value };
    else if (path === "members" || path === "entitlements" || path === "roles")
      next = { ...next, [path]: applyOperation(next[path], operation) };
    else throw invalid(`A group's ${path.slice(0, 100)} cannot be patched.`);
  }
  return next;
}

/**
 * Returns the records in SCIM's list format, after applying `filter` (`userName eq "x"`; also `sw`
 * and `co`), `startIndex`, `count` and the requested attributes.
 */
export function listResponse<T>(
  call: Call,
  records: readonly T[],
  render: (record: T) => Record<string, unknown>,
): Raw {
  const { input } = call;
  const filter = input.optionalString("filter");
  const match =
    filter === undefined
      ? undefined
      : /^\s*([\w.]+)\s+(eq|sw|co)\s+["']?([^"']*)["']?\s*$/i.exec(filter);
  if (filter !== undefined && filter !== "" && match === null)
    throw invalid(`The filter ${filter.slice(0, 200)} is not supported.`);
  const matchesFilter = (value: unknown): boolean => {
    const [expected = "", text] = [
      match?.[3]?.toLowerCase(),
      typeof value === "string" ? value.toLowerCase() : "",
    ];
    const operator = match?.[2]?.toLowerCase();
    return operator === "eq"
      ? text === expected
      : operator === "sw"
        ? text.startsWith(expected)
        : text.includes(expected);
  };
  const matches = records
    .map(render)
    .filter(
      (resource) =>
        match === undefined || match === null || matchesFilter(resource[match[1] ?? ""]),
    );
  const start = Math.max(1, input.optionalInteger("startIndex") ?? 1);
  const count = Math.max(0, input.optionalInteger("count") ?? 100);
  const items = matches.slice(start - 1, start - 1 + count);
  return json(
    200,
    {
      schemas: [LIST],
      totalResults: matches.length,
      startIndex: start,
      itemsPerPage: items.length,
      Resources: items.map((resource) => selectAttributes(call, resource)),
    },
    SCIM,
  );
}

/**
 * Returns the attributes of a resource that `attributes` (all by default) and `excludedAttributes`
 * select, and always those that identify the resource.
 */
export function selectAttributes(
  { input }: Call,
  resource: Record<string, unknown>,
): Record<string, unknown> {
  const requestedAttributes = (input.optionalString("attributes") ?? "")
    .split(",")
    .map((attribute) => attribute.trim().split(".")[0]);
  const excludedAttributes = (input.optionalString("excludedAttributes") ?? "")
    .split(",")
    .map((attribute) => attribute.trim());
  const returnsAll = requestedAttributes.join("") === "";
  return Object.fromEntries(
    Object.entries(resource).filter(
      // A service principal is identified by its application id, which is always returned.
      ([name]) =>
        name === "id" ||
        name === "schemas" ||
        name === "applicationId" ||
        ((returnsAll || requestedAttributes.includes(name)) && !excludedAttributes.includes(name)),
    ),
  );
}
