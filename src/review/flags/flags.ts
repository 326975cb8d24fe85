/**
 * This folder marks the changes that deserve attention. `scripts/import-order.cjs` lists what it
 * may import.
 */
import { listExamples } from "../../list-examples";
import {
  marker,
  type BlockChange,
  type Flag,
  type FlagKind,
  type InheritedValue,
  type Json,
  type LeftOut,
  type Overwritten,
  type Rename,
  type ResourceChange,
} from "../model";
import { traitsOf } from "../../resources";
import { describeFields } from "../changes/blocks";
import type { PlanOutput } from "../plan/plan";
import { listComputeIncreases } from "./compute";
import { listScheduleChanges } from "./schedule";

export interface FlagSources {
  readonly changes: readonly ResourceChange[];
  readonly blocks: readonly BlockChange[];
  readonly outputs: readonly PlanOutput[];
  readonly leftOut: readonly LeftOut[];
  readonly overwritten: readonly Overwritten[];
  readonly renames: readonly Rename[];
  readonly inherited?: readonly InheritedValue[];
  /** Other deployed stacks, by the address of the object that they use. */
  readonly usedBy?: ReadonlyMap<string, readonly string[]>;
}

type Item = Flag["items"][number];

/** Finds the dangers in a set of changes, in the order in which a reviewer should read them. */
export function findFlags({
  changes,
  blocks,
  outputs,
  leftOut,
  overwritten,
  renames,
  inherited = [],
  usedBy,
}: FlagSources): Flag[] {
  const flags: Flag[] = [
    makeFlag(
      "inherited",
      "inherited values: a task or cluster gets a value that only its neighbour's code sets",
      inherited.map(({ path, address, field, value, from }) => ({
        path,
        address,
        text: `${field} = ${formatValue(value)}, from ${from}`,
      })),
    ),
    makeFlag(
      "commands",
      "runs commands or sends requests where Terraform runs",
      blocks.flatMap(listCommands),
    ),
    makeFlag(
      "exposed",
      "no longer sensitive: the value is shown in output and logs",
      listExposedValues(blocks, outputs),
    ),
    makeFlag(
      "other-providers",
      "objects of other providers: not covered by verify",
      changes.flatMap(listOtherProviders),
    ),
    makeFlag(
      "terraform",
      "Terraform settings: providers, backend, modules, moves, lifecycle, checks",
      blocks.flatMap(listTerraformSettings),
    ),
    makeFlag(
      "in-use",
      "destroys or replaces an object that another deployed stack uses",
      changes.flatMap((change) => listUsedObject(change, usedBy?.get(change.address))),
    ),
    makeFlag(
      "stateful",
      "destroys or replaces an object that contains data or has dependents",
      changes.flatMap(listStatefulLoss),
    ),
    makeFlag("permissions", "permissions and grants", changes.flatMap(listPermissionChanges)),
    makeFlag("run-as", "run_as: the identity of the job", changes.flatMap(listRunAsChanges)),
    makeFlag("secrets", "secrets and tokens", changes.flatMap(listSecretChanges)),
    makeFlag(
      "schedule",
      "schedules, triggers and their pause status",
      changes.flatMap(listScheduleChanges),
    ),
    makeFlag("compute", "more or different compute", changes.flatMap(listComputeIncreases)),
    makeFlag(
      "history",
      "jobs destroyed or replaced: their run history is lost",
      changes.flatMap(listHistoryLoss),
    ),
    makeFlag(
      "drift-overwritten",
      "changed in the workspace, reverted by this deploy",
      overwritten.map(({ path, address, field }) => ({ path, address, text: field })),
    ),
    makeFlag(
      "left-out",
      "differences outside Terraform's plan (fixed by lakeform deploy --heal)",
      leftOut.filter(({ heals }) => heals).map(leftOutItem),
    ),
    makeFlag(
      "not-healed",
      "differences that neither Terraform's plan nor lakeform deploy --heal resolves",
      leftOut.filter(({ heals }) => !heals).map(leftOutItem),
    ),
    makeFlag(
      "renamed",
      "possible renames: the same object is destroyed and created",
      renames.map(({ from, to }) => ({ path: from, address: from, text: `is now ${to}` })),
    ),
  ];
  return flags.filter(({ items }) => items.length > 0);
}

const leftOutItem = ({ path, address, field, cause }: LeftOut): Item => ({
  path,
  address,
  text: `${field} (${cause === "code" ? "changed in the code" : "changed in the workspace"})`,
});
const makeFlag = (kind: FlagKind, title: string, items: readonly Item[]): Flag => ({
  kind,
  title,
  items,
});
const makeItem = ({ path, address }: ResourceChange, text: string): Item => ({
  path,
  address,
  text,
});
const isDestroyed = ({ action }: ResourceChange): boolean =>
  action === "delete" || action === "replace";
const titleOf = (change: ResourceChange): string =>
  change.title === undefined ? "" : ` ${change.title}`;

const commandKinds = new Set(["provisioner", "connection"]);
const isCommand = ({ kind, name }: BlockChange): boolean =>
  commandKinds.has(kind) || (kind === "data" && /(^|\.)data\.(external|http)\./.test(name));

function listCommands(block: BlockChange): Item[] {
  if (!isCommand(block)) return [];
  const { name, path, state, effect, fields } = block;
  const statePrefix = state === "same" ? "" : `${state}, `;
  return [
    {
      path,
      address: name,
      text: `${path === name ? "" : `${name} `}${statePrefix}${effect ?? "not in this deploy"}: ${truncate(describeFields(fields))}`,
    },
  ];
}

/**
 * Names of blocks that are normal in every stack. They are flagged only if they differ from a
 * previous version.
 */
const commonBlocks =
  /^(backend\.|required_providers\.databricks$|provider\.databricks$|terraform\.required_version$|variable\.|output\.|locals\.|lakeform\.|data\.databricks_)/;

function listTerraformSettings(block: BlockChange): Item[] {
  const { kind, name, path, state, effect, fields } = block;
  if (isCommand(block) || kind === "value" || (state === "same" && effect === undefined)) return [];
  if (state === "new" && (commonBlocks.test(name) || kind === "depends_on")) return [];
  const prefix = path === name ? "" : `${name} `;
  return [
    {
      path,
      address: name,
      text: `${prefix}${effect ?? state}: ${truncate(describeFields(fields))}`,
    },
  ];
}

/**
 * Finds outputs and variables that the deployed stack or the state marks as sensitive, but the code
 * does not.
 */
function listExposedValues(blocks: readonly BlockChange[], outputs: readonly PlanOutput[]): Item[] {
  const exposedInCode = blocks.filter(
    ({ kind, fields }) =>
      (kind === "output" || kind === "variable") &&
      fields.some(
        ({ path, before, after }) => path === "sensitive" && before === true && after !== true,
      ),
  );
  const names = new Set([
    ...exposedInCode.filter(({ state }) => state !== "removed").map(({ name }) => name),
    ...outputs
      .filter(
        ({ beforeSensitive, afterSensitive, actions }) =>
          beforeSensitive === true && afterSensitive !== true && !actions.includes("delete"),
      )
      .map(({ name }) => `output.${name}`),
  ]);
  return [...names]
    .sort()
    .map((name) => ({ path: name, address: name, text: "is no longer marked as sensitive" }));
}

function listOtherProviders(change: ResourceChange): Item[] {
  return change.type.startsWith("databricks_")
    ? []
    : [makeItem(change, `${change.action} ${change.type}${titleOf(change)}`)];
}

const truncate = (text: string): string =>
  text.length <= 160 ? text : `${text.slice(0, 140)}… (${text.length} characters)`;

function listStatefulLoss(change: ResourceChange): Item[] {
  const title = traitsOf(change.type).lostOnDestroy;
  return title === undefined || !isDestroyed(change)
    ? []
    : [
        makeItem(
          change,
          `${change.action === "delete" ? "destroys" : "replaces"} ${title}${titleOf(change)}`,
        ),
      ];
}

function listUsedObject(change: ResourceChange, users: readonly string[] | undefined): Item[] {
  return users === undefined || !isDestroyed(change)
    ? []
    : [makeItem(change, `used by ${users.join(", ")}`)];
}

function listHistoryLoss(change: ResourceChange): Item[] {
  return traitsOf(change.type).hasRuns === true && isDestroyed(change)
    ? [
        makeItem(
          change,
          `${change.action === "delete" ? "destroys" : "replaces"} job${titleOf(change)}`,
        ),
      ]
    : [];
}

function listPermissionChanges(change: ResourceChange): Item[] {
  if (traitsOf(change.type).grantsPermissions === true) {
    const { action } = change;
    const changedFields = change.fields
      .map((field) => field.path)
      .filter((path) => /^(access_control|grant|privileges|permission|principal)/.test(path));
    return [
      makeItem(
        change,
        `${action} ${change.type.replace("databricks_", "")}${changedFields.length === 0 ? "" : `: ${listExamples(changedFields)}`}`,
      ),
    ];
  }
  // A new owner has all permissions, so a change of ownership is shown with the permissions.
  return change.action === "create"
    ? []
    : change.fields
        .filter((field) => field.path === "owner")
        .map((field) =>
          makeItem(change, `owner ${formatValue(field.before)} -> ${formatValue(field.after)}`),
        );
}

function listRunAsChanges(change: ResourceChange): Item[] {
  const fields = change.fields.filter(
    (field) =>
      field.field === "run_as" ||
      field.field.startsWith("run_as.") ||
      field.field === "single_user_name",
  );
  if (fields.length === 0 || change.action === "create") return [];
  return [
    makeItem(
      change,
      fields
        .map((field) => `${field.path} ${formatValue(field.before)} -> ${formatValue(field.after)}`)
        .join(", "),
    ),
  ];
}

function listSecretChanges(change: ResourceChange): Item[] {
  if (traitsOf(change.type).secret === true)
    return [
      makeItem(
        change,
        `${change.action} ${change.type.replace("databricks_", "").replaceAll("_", " ")}${titleOf(change)}`,
      ),
    ];
  const sensitive = change.fields.filter((field) =>
    JSON.stringify([field.before, field.after]).includes('"$lakeform":"sensitive"'),
  );
  return sensitive.length === 0
    ? []
    : [makeItem(change, `sensitive value: ${listExamples(sensitive.map((field) => field.path))}`)];
}

function formatValue(value: Json | undefined): string {
  if (value === undefined || value === null) return "(none)";
  return typeof value === "object"
    ? (marker(value)?.$lakeform ?? JSON.stringify(value))
    : String(value);
}
