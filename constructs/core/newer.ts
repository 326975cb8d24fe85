import { defined } from "../../src/defined";
import { isOlder } from "../../src/package-versions";
import { bindingsProvider, Construct } from "./bindings";
import { ConstructError } from "./errors";
import { callerPosition } from "./source";

/** A version of the provider that added fields to the bindings. */
type Since = "1.128.0" | "1.132.0";

/**
 * Returns the fields that are set. Each of them was added after provider 1.99.0, and older bindings
 * would silently drop them.
 * @param construct undefined in a factory: the error then contains the position of the caller
 * @throws ConstructError NEWER_BINDINGS_NEEDED if one of them is set and the installed bindings
 * lack it
 */
export function requireNewerBindings(
  construct: Construct | undefined,
  fields: Readonly<Record<string, unknown>>,
  since: Since = "1.128.0",
): object {
  const newFields = defined(fields);
  const names = Object.keys(newFields);
  if (names.length === 0) return newFields;
  const installed = bindingsProvider();
  if (isOlder(installed, since)) {
    throw new ConstructError(
      "NEWER_BINDINGS_NEEDED",
      `the installed bindings do not have ${names.join(", ")}`,
      {
        path: construct?.node.path ?? callerPosition(),
        value: `bindings of provider ${installed}`,
        allowed: `bindings of provider ${since} or newer: @cdktn/provider-databricks 18.7`,
        fix: "npm install @cdktn/provider-databricks@^18.7; from cdktf, lakeform migrate-toolkit first",
      },
    );
  }
  return newFields;
}
