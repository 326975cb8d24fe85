import { invalid, type JsonObject, type JsonValue } from "../errors";

type Rule = JsonObject;

/**
 * Parses a policy's definition into rules by path. An empty text has no rules.
 * @throws 400 unless the definition is an object of rules with a known type
 */
export function parseDefinition(text: string): Record<string, Rule> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text === "" ? "{}" : text);
  } catch {
    throw invalid("Error parsing the policy definition: not valid JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw invalid("The policy definition must be a JSON object");
  for (const [path, rule] of Object.entries(parsed)) {
    const type = typeof rule === "object" && rule !== null ? (rule as Rule).type : undefined;
    if (typeof type !== "string" || !TYPES.includes(type))
      throw invalid(
        `The type of '${path}' in the policy definition must be one of ${TYPES.join(", ")}`,
      );
  }
  return parsed as Record<string, Rule>;
}

const TYPES = ["fixed", "forbidden", "allowlist", "blocklist", "regex", "range", "unlimited"];

/**
 * Applies a policy to a cluster's settings: checks the values that are set, and adds absent ones:
 * fixed values always, default values on request. Values in arrays (`init_scripts.0.…`) are checked,
 * but not added. Paths with `*`, and the type and cost of the cluster, are ignored.
 * @throws 400 for the first value that the policy forbids, or that it requires and is absent
 */
export function applyPolicy(
  settings: JsonObject,
  definition: string,
  withDefaults: boolean,
): JsonObject {
  const result = structuredClone(settings);
  for (const [path, rule] of Object.entries(parseDefinition(definition))) {
    if (path.includes("*") || path === "cluster_type" || path === "dbus_per_hour") continue;
    const parts = path.split(".");
    const current = lookUp(result, parts);
    if (current === undefined) {
      const policyValue =
        rule.type === "fixed" ? rule.value : withDefaults ? rule.defaultValue : undefined;
      if (policyValue !== undefined && policyValue !== null) setValue(result, parts, policyValue);
      // The platform is stricter: it requires limited fields unless isOptional is true.
      else if (rule.type !== "forbidden" && rule.isOptional === false && withDefaults)
        throw invalid(`Validation failed for ${path}, the value must be present`);
      continue;
    }
    checkValue(path, current, rule);
  }
  return result;
}

function checkValue(path: string, value: JsonValue, rule: Rule): void {
  const fail = (reason: string): never => {
    throw invalid(
      `Validation failed for ${path}, ${reason} (is ${JSON.stringify(value).slice(0, 200)})`,
    );
  };
  const values = Array.isArray(rule.values) ? rule.values.map(String) : [];
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (
    rule.type === "fixed" &&
    text !== (typeof rule.value === "object" ? JSON.stringify(rule.value) : String(rule.value))
  )
    fail(`the value must be ${JSON.stringify(rule.value)}`);
  if (rule.type === "forbidden") fail("the value must be not present");
  if (rule.type === "allowlist" && !values.includes(text))
    fail(`the value must be one of ${values.join(", ")}`);
  if (rule.type === "blocklist" && values.includes(text))
    fail(`the value must not be one of ${values.join(", ")}`);
  if (rule.type === "range") {
    const number = Number(value);
    if (typeof rule.minValue === "number" && !(number >= rule.minValue))
      fail(`the value must be greater than or equal to ${rule.minValue}`);
    if (typeof rule.maxValue === "number" && !(number <= rule.maxValue))
      fail(`the value must be less than or equal to ${rule.maxValue}`);
  }
  if (
    rule.type === "regex" &&
    typeof rule.pattern === "string" &&
    !matchesPattern(rule.pattern, text)
  )
    fail(`the value must match ${rule.pattern}`);
}

/**
 * Whether a text matches a pattern. Patterns use Java's syntax: one that JavaScript cannot parse
 * matches everything. So do long patterns, long texts and patterns with nested quantifiers, because
 * matching them could block the server.
 */
function matchesPattern(pattern: string, text: string): boolean {
  if (pattern.length > 200 || text.length > 200 || /[*+}]\)?[*+{]/.test(pattern)) return true;
  try {
    return new RegExp(`^(?:${pattern})$`).test(text);
  } catch {
    return true;
  }
}

function lookUp(value: JsonObject, parts: readonly string[]): JsonValue | undefined {
  let node: JsonValue | undefined = value;
  for (const part of parts) {
    if (typeof node !== "object" || node === null) return undefined;
    node = Array.isArray(node)
      ? node[Number(part)]
      : Object.hasOwn(node, part)
        ? node[part]
        : undefined;
  }
  return node === null ? undefined : node;
}

function setValue(target: JsonObject, parts: readonly string[], value: JsonValue): void {
  let node = target;
  for (const part of parts.slice(0, -1)) {
    if (part === "__proto__") return;
    const next = (node[part] ??= {});
    if (typeof next !== "object" || next === null || Array.isArray(next)) return;
    node = next;
  }
  const lastPart = parts.at(-1);
  if (lastPart !== undefined && lastPart !== "__proto__") node[lastPart] = value;
}
