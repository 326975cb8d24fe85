import { isObject } from "../plan/json";
import { Unknown, Sensitive } from "./unknown-and-sensitive";

/**
 * Key fields of lists, by the list's name. A key field in the rules in `src/resources/kinds` takes
 * precedence. `"*"` means that the list is a set of complete values; of several fields, each
 * element has one.
 */
const byName: Readonly<Record<string, string | readonly string[]>> = {
  task: "task_key",
  job_cluster: "job_cluster_key",
  environment: "environment_key",
  parameter: "name",
  depends_on: "*",
  access_control: ["user_name", "group_name", "service_principal_name"],
  grant: "principal",
  rules: "metric",
  library: "*",
  init_scripts: "*",
  privileges: "*",
};

/** The key field of each list of a resource type, or `"*"`, by the list's path. */
export type KeyRules = Readonly<Record<string, string>>;

/** True if a rule names a key field for the elements of the list at a path. */
export function hasKeyField(path: string, rules: KeyRules): boolean {
  const keyRule = keyRuleOf(path, rules);
  return keyRule !== undefined && keyRule !== "*";
}

function keyRuleOf(path: string, rules: KeyRules): string | readonly string[] | undefined {
  // A provider can compare complete values, but a review must show which principal's level changed.
  const keyByName = byName[path.slice(path.lastIndexOf(".") + 1)];
  return rules[path] === "*" && keyByName !== undefined ? keyByName : (rules[path] ?? keyByName);
}

/**
 * Returns the function that computes the key of a list's element; "set" for a set of complete
 * values; undefined if the list has no key that is unique in each of the lists. Without a rule,
 * tries the fields `<list>_key`, `key`, `name` and `*_key`.
 */
export function keysOf(
  path: string,
  lists: readonly (readonly unknown[])[],
  rules: KeyRules,
): ((element: unknown) => string) | "set" | undefined {
  const name = path.slice(path.lastIndexOf(".") + 1);
  const keyRule = keyRuleOf(path, rules);
  if (keyRule === "*") return "set";
  let sample: object | undefined;
  for (const list of lists) {
    for (const element of list) {
      if (!isObject(element) || element instanceof Unknown || element instanceof Sensitive)
        return undefined;
      sample ??= element;
    }
  }
  if (sample === undefined) return undefined;
  const candidates =
    keyRule === undefined
      ? guessKeys(name, sample)
      : typeof keyRule === "string"
        ? [[keyRule]]
        : [keyRule];
  for (const fields of candidates) {
    const key = (element: unknown): string => {
      for (const field of fields) {
        const value = (element as Record<string, unknown>)[field];
        if (typeof value === "string" && value !== "") return value;
      }
      return "";
    };
    if (lists.every((list) => isUnique(list, key))) return key;
  }
  return rules[path] === "*" ? "set" : undefined;
}

/** True if each element has a unique key. */
function isUnique(list: readonly unknown[], key: (element: unknown) => string): boolean {
  if (list.length < 2) return list.length === 0 || key(list[0]) !== "";
  const keys = new Set<string>();
  for (const element of list) keys.add(key(element));
  return keys.size === list.length && !keys.has("");
}

function guessKeys(name: string, sample: object): readonly (readonly string[])[] {
  const fields = Object.keys(sample);
  const likelyKeys = [`${name}_key`, "key", "name"].filter((field) => fields.includes(field));
  const otherKeys = fields
    .filter((field) => field.endsWith("_key") && !likelyKeys.includes(field))
    .sort();
  return [...likelyKeys, ...otherKeys].map((field) => [field]);
}
