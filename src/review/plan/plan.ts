/**
 * This folder reads Terraform's plan and the synthesized stack. `scripts/import-order.cjs` lists
 * what it may import.
 */
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { isObject, list, object, text, type JsonObject } from "./json";

/**
 * One entry of `resource_changes` (or `resource_drift`) as written by `terraform show -json`,
 * checked at the boundary.
 */
export interface PlanChange {
  readonly address: string;
  readonly previousAddress?: string;
  readonly mode: "managed" | "data";
  readonly type: string;
  readonly name: string;
  /** Terraform's actions: `["create"]`, `["delete", "create"]` for a replacement, … */
  readonly actions: readonly string[];
  /** Terraform's `action_reason`, such as `replace_because_cannot_update`. */
  readonly reason?: string;
  readonly importing: boolean;
  /**
   * Identifies an old object that an interrupted create-before-destroy replacement left behind. It
   * is destroyed in addition to the change at this address.
   */
  readonly deposed?: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Has `true` in place of each value that is known only after the apply. */
  readonly afterUnknown: unknown;
  /** Has `true` in place of each sensitive value of `before`. */
  readonly beforeSensitive: unknown;
  /** Has `true` in place of each sensitive value of `after`. */
  readonly afterSensitive: unknown;
  /** The paths of the fields that force a replacement. */
  readonly replacePaths: readonly (readonly (string | number)[])[];
}

/**
 * The parts of a plan that a review needs. Created by {@link readPlan} from a parsed plan, or by
 * `openPlanFile` from a file, whose `changes` are read one by one.
 */
export interface PlanFacts {
  readonly changes: Iterable<PlanChange>;
  /** Changes outside of Terraform that the refresh has found. */
  readonly drift: readonly PlanChange[];
  readonly outputs: readonly PlanOutput[];
  /** Values of sensitive variables, to be hidden everywhere. */
  readonly secrets: readonly { readonly variable: string; readonly value: string }[];
  /** Values of the variables that are not sensitive, from any source. */
  readonly variables: JsonObject;
  /** The plan's `configuration.root_module.module_calls`. */
  readonly modules: unknown;
  /**
   * The plan's `checks`: results of check blocks and of the conditions of resources and outputs.
   */
  readonly checks: unknown;
  /** True if Terraform failed during the plan. */
  readonly errored: boolean;
  /** False if Terraform deferred some changes. */
  readonly complete: boolean;
}

export interface PlanOutput {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly afterUnknown: unknown;
  readonly beforeSensitive: unknown;
  readonly afterSensitive: unknown;
  readonly actions: readonly string[];
}

/** @throws LakeformError PLAN_UNREADABLE if the value is not a plan in a supported format */
export function readPlan(plan: unknown): PlanFacts {
  const root = checkFormat(object(plan));
  return {
    changes: list(root.resource_changes).map(readChange),
    drift: list(root.resource_drift).map(readChange),
    outputs: readOutputs(root.output_changes),
    secrets: readSecrets(root.variables, object(object(root.configuration).root_module).variables),
    variables: readVariables(
      root.variables,
      object(object(root.configuration).root_module).variables,
    ),
    modules: object(object(root.configuration).root_module).module_calls,
    checks: root.checks,
    errored: root.errored === true,
    complete: root.complete !== false,
  };
}

/** @throws LakeformError PLAN_UNREADABLE if the plan has no format version, or an unsupported one */
export function checkFormat(root: JsonObject): JsonObject {
  const version = text(root.format_version);
  if (version === undefined) {
    throw new LakeformError("PLAN_UNREADABLE", "this is not a plan in JSON", {
      fix: "pass the complete output of `terraform show -json PLANFILE`; check that the disk has space",
    });
  }
  if (!version.startsWith("1.")) {
    throw new LakeformError("PLAN_UNREADABLE", "unsupported plan JSON format", {
      value: version,
      allowed: "1.x",
      fix: "use a Terraform version that this lakeform supports",
    });
  }
  return root;
}

/** @throws LakeformError PLAN_UNREADABLE for a change without address, type or actions */
export function readChange(entry: unknown): PlanChange {
  const root = object(entry);
  const change = object(root.change);
  const address = text(root.address);
  const type = text(root.type);
  if (address === undefined || type === undefined || !Array.isArray(change.actions)) {
    throw new LakeformError(
      "PLAN_UNREADABLE",
      "the plan has a resource change without address, type or actions",
      {
        path: address,
        fix: "pass the unchanged output of `terraform show -json PLANFILE`",
      },
    );
  }
  const previous = text(root.previous_address);
  const reason = text(root.action_reason);
  return {
    address,
    ...(previous === undefined || previous === address ? {} : { previousAddress: previous }),
    mode: root.mode === "data" ? "data" : "managed",
    type,
    name: text(root.name) ?? "",
    actions: change.actions.filter((action): action is string => typeof action === "string"),
    ...defined({ reason }),
    importing: isObject(change.importing),
    ...defined({ deposed: text(root.deposed) }),
    before: change.before ?? null,
    after: change.after ?? null,
    afterUnknown: change.after_unknown,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
    replacePaths: list(change.replace_paths).map((path) =>
      list(path).filter((part) => typeof part === "string" || typeof part === "number"),
    ),
  };
}

export function readOutputs(outputs: unknown): PlanOutput[] {
  return Object.entries(object(outputs)).map(([name, entry]) => {
    const change = object(entry);
    return {
      name,
      before: change.before,
      after: change.after,
      afterUnknown: change.after_unknown,
      beforeSensitive: change.before_sensitive,
      afterSensitive: change.after_sensitive,
      actions: list(change.actions).filter(
        (action): action is string => typeof action === "string",
      ),
    };
  });
}

/**
 * Returns the values of sensitive variables. A plan contains them in clear text, but they must
 * never be shown.
 */
export function readSecrets(
  variables: unknown,
  declared: unknown,
): { variable: string; value: string }[] {
  const secrets: { variable: string; value: string }[] = [];
  for (const [variable, entry] of Object.entries(object(variables))) {
    if (object(object(declared)[variable]).sensitive !== true) continue;
    collect(object(entry).value, (value) => secrets.push({ variable, value }));
  }
  return secrets;
}

/** Returns the values of the variables that are not sensitive. */
export function readVariables(variables: unknown, declared: unknown): JsonObject {
  const publicVariables = Object.entries(object(variables)).filter(
    ([name]) => object(object(declared)[name]).sensitive !== true,
  );
  return Object.fromEntries(publicVariables.map(([name, entry]) => [name, object(entry).value]));
}

function collect(value: unknown, onValue: (value: string) => void): void {
  if (typeof value === "string") onValue(value);
  else if (Array.isArray(value)) value.forEach((inner) => collect(inner, onValue));
  else if (isObject(value)) Object.values(value).forEach((inner) => collect(inner, onValue));
}
