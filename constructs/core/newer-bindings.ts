import { defined } from "../../src/defined";
import { isOlder } from "../../src/package-versions";
import { bindingsProvider, Construct } from "./bindings";
import { ConstructError } from "./errors";
import { callerPosition } from "./caller-position";

/** A version of the provider that added fields to the bindings. */
type Since = "1.128.0" | "1.132.0";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Returns the fields that are set. Each of them was added after provider 1.99.0, and older bindings
 * would silently drop them.
 * @throws ConstructError NEWER_BINDINGS_NEEDED if one of them is set and the installed bindings
 * lack it
 */
export function renderFieldsOfNewerBindings(
  construct: Construct,
  fields: Fields,
  since?: Since,
): object {
  const newFields = defined(fields);
  requireBindingsWith(Object.keys(newFields), { path: construct.node.path, since });
  return newFields;
}

/**
 * Does the same as {@link renderFieldsOfNewerBindings} in a factory, which has no construct. The
 * error contains the position of the caller.
 * @throws ConstructError NEWER_BINDINGS_NEEDED
 */
export function renderFactoryFieldsOfNewerBindings(fields: Fields, since?: Since): object {
  const newFields = defined(fields);
  requireBindingsWith(Object.keys(newFields), { since });
  return newFields;
}

/**
 * Checks that the installed bindings have some fields.
 * @param path the construct path for the error. @default - the position of the caller
 * @throws ConstructError NEWER_BINDINGS_NEEDED
 */
export function requireBindingsWith(
  fieldNames: readonly string[],
  { path, since = "1.128.0" }: { readonly path?: string; readonly since?: Since | undefined } = {},
): void {
  if (fieldNames.length === 0) return;
  const installed = bindingsProvider();
  if (isOlder(installed, since)) {
    throw new ConstructError(
      "NEWER_BINDINGS_NEEDED",
      `the installed bindings do not have ${fieldNames.join(", ")}`,
      {
        path: path ?? callerPosition(),
        value: `bindings of provider ${installed}`,
        allowed: `bindings of provider ${since} or newer: @cdktn/provider-databricks 18.7`,
        fix: "npm install @cdktn/provider-databricks@^18.7; in a project with cdktf, run lakeform migrate-toolkit first",
      },
    );
  }
}
