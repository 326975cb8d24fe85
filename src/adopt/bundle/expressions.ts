/** Resolves `${var.name}` and the other references in a bundle's strings. */
import { LakeformError } from "../../errors";
import type { Value } from "../../resources/kind";
import { scalar } from "../code/fields";
import { isTree, type Tree } from "./tree";

export interface Scope {
  /** The complete configuration. Its `variables` contain the values of the variables. */
  readonly tree: Tree;
  /**
   * Returns the value of a field that only the workspace has, such as an id.
   * @param isWhole whether the string consists of the reference only
   * @returns undefined for a field that must be in the configuration
   */
  readonly resource: (
    kind: string,
    key: string,
    field: string,
    isWhole: boolean,
  ) => string | undefined;
}

const reference = /\$\{([a-zA-Z_][\w-]*(?:(?:\.[\w-]+)|(?:\[\d+\]))*)\}/g;
/** The first names of the bundle's references. Other expressions stay unchanged. */
const roots = new Set(["var", "variables", "bundle", "workspace", "resources", "artifacts"]);

/** Resolves all references in a value. @throws LakeformError BUNDLE_CYCLE, BUNDLE_REFERENCE */
export function resolveReferences(
  value: unknown,
  scope: Scope,
  visitedPaths: readonly string[] = [],
): unknown {
  if (typeof value === "string") return resolveText(value, scope, visitedPaths);
  if (Array.isArray(value))
    return value.map((item) => resolveReferences(item, scope, visitedPaths));
  if (!isTree(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      resolveReferences(inner, scope, visitedPaths),
    ]),
  );
}

function resolveText(text: string, scope: Scope, visitedPaths: readonly string[]): unknown {
  const references = [...text.matchAll(reference)].filter(([, referencePath]) =>
    roots.has(/^[\w-]+/.exec(referencePath ?? "")?.[0] ?? ""),
  );
  const [first] = references;
  if (first === undefined) return text;
  // If the string is a single reference, keep the type of the referenced value.
  if (references.length === 1 && first[0] === text)
    return lookUp(first[1] ?? "", scope, visitedPaths, true);
  return text.replaceAll(reference, (match, referencePath: string) => {
    if (!roots.has(/^[\w-]+/.exec(referencePath)?.[0] ?? "")) return match;
    const value = lookUp(referencePath, scope, visitedPaths, false);
    if (typeof value === "object" && value !== null)
      throw badReference(
        referencePath,
        `it is ${Array.isArray(value) ? "a list" : "a map"}, but is used inside a string`,
        text,
      );
    return scalar(value as Value);
  });
}

function lookUp(
  referencePath: string,
  scope: Scope,
  visitedPaths: readonly string[],
  isWhole: boolean,
): unknown {
  if (visitedPaths.includes(referencePath)) {
    throw new LakeformError(
      "BUNDLE_CYCLE",
      "variables of the bundle refer to each other in a cycle",
      {
        value: [...visitedPaths.slice(visitedPaths.indexOf(referencePath)), referencePath]
          .map((name) => `\${${name}}`)
          .join(" → "),
        fix: "set one of them to a literal value, for example with --var NAME=VALUE",
      },
    );
  }
  const parts = referencePath.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const names =
    parts[0] === "var"
      ? ["variables", ...parts.slice(1)]
      : parts[0] === "variables" && parts.at(-1) === "value"
        ? parts.slice(0, -1)
        : parts;
  const [root, kind, key, field] = names;
  if (
    root === "resources" &&
    kind !== undefined &&
    key !== undefined &&
    field !== undefined &&
    names.length === 4
  ) {
    const value = scope.resource(kind, key, field, isWhole);
    if (value !== undefined) return value;
  }
  let value: unknown = scope.tree;
  for (const name of names) {
    // A parent of the referenced value can itself be a reference.
    if (typeof value === "string")
      value = resolveText(value, scope, [...visitedPaths, referencePath]);
    value = Array.isArray(value) ? value[Number(name)] : isTree(value) ? value[name] : undefined;
  }
  if (value === undefined) throw badReference(referencePath, "the bundle does not define it");
  return resolveReferences(value, scope, [...visitedPaths, referencePath]);
}

function badReference(
  referencePath: string,
  problem: string,
  text = `\${${referencePath}}`,
): LakeformError {
  return new LakeformError(
    "BUNDLE_REFERENCE",
    `a reference of the bundle cannot be resolved: ${problem}`,
    {
      path: `\${${referencePath}}`,
      value: text,
      fix: "correct the reference; databricks bundle validate reports it, too",
    },
  );
}
