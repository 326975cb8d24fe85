/**
 * Adopts objects deployed by one project into an empty one, and returns the changes in the first
 * plan.
 */
import type { Connection } from "../../src/api";
import { readTerraformProject } from "../../src/adopt/terraform/project";
import { findKind } from "../../src/resources";
import { withDefaults } from "../../src/resources/shape/defaults";
import { schemaOf } from "../../src/resources/shape/schema";
import type { State } from "../../src/terraform/state-format";
import { removeSynthesized } from "../../src/testing/synthesize";
import { adoptInto, firstPlan, smallProject, synthesizeAdopted, type FirstPlan } from "./adopted";
import { makeFolder } from "./project";
import type { RandomResource } from "./random-kinds";

export interface DeployedObject {
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Creates resources as the provider does. */
export async function deployAll(
  api: Connection,
  type: string,
  resources: readonly RandomResource[],
): Promise<DeployedObject[]> {
  const [kind, block] = [findKind(type), schemaOf(type)?.block];
  if (kind === undefined || block === undefined) throw new Error(`no kind ${type}`);
  const deployedObjects: DeployedObject[] = [];
  for (const [index, { config }] of resources.entries()) {
    const { id } = await kind.create(api, withDefaults(block, config), {
      directory: process.cwd(),
    });
    deployedObjects.push({
      type,
      name: `${type.replace("databricks_", "")}_${index}`,
      attributes: { ...config, id },
    });
  }
  return deployedObjects;
}

export interface RoundTrip {
  readonly plan: FirstPlan;
  /** Kinds that are written with the class of the provider's bindings, with the reason. */
  readonly raw: readonly string[];
  readonly objects: number;
}

export async function roundTrip(
  api: Connection,
  deployedObjects: readonly DeployedObject[],
): Promise<RoundTrip> {
  const resources = deployedObjects.map(({ type, name, attributes }) => ({
    mode: "managed" as const,
    type,
    name,
    instances: [{ schema_version: 0, attributes }],
  }));
  const state: State = { version: 4, serial: 1, lineage: "round-trip", resources };
  const project = await readTerraformProject(api, makeFolder("empty"), state);
  const root = smallProject("round-trip");
  const adoptResult = await adoptInto(root, api, { ...project });
  const stack = await synthesizeAdopted(root);
  const plan = await firstPlan(stack, api);
  removeSynthesized(stack);
  const rawKinds = adoptResult.notes
    .filter(({ text }) => text.startsWith("written with"))
    .map(({ object, text }) => `${object}: ${text}`);
  return { plan, raw: rawKinds, objects: deployedObjects.length };
}

/** Fields that the first plan writes again, with the reason. docs/adopt.md has the same table. */
const knownChanges: Readonly<Record<string, string>> = {
  "databricks_cluster library":
    "the provider does not read the libraries of a cluster at an import",
  "databricks_cluster_policy definition":
    "the construct writes the fields of the JSON in an order of its own",
  "databricks_notebook source":
    "the provider reads no content at an import: the bytes are the same",
  "databricks_notebook md5": "as source",
  "databricks_workspace_file source":
    "the provider reads no content at an import: the bytes are the same",
  "databricks_workspace_file md5": "as source",
  "databricks_dbfs_file source":
    "the provider reads no content at an import: the bytes are the same",
  "databricks_dbfs_file md5": "as source",
  "databricks_job task.spark_python_task.source":
    "the code says the documented default, WORKSPACE, and the workspace returns none",
  "databricks_job job_cluster.new_cluster.driver_node_type_id":
    "the provider fills in the workers' type",
  "databricks_job task.new_cluster.driver_node_type_id": "the provider fills in the workers' type",
  "databricks_job format": "the provider fills it in; a job without tasks has another one",
  "databricks_job task.dbt_task.source": "as of a Python file",
  "databricks_job task.for_each_task.task.notebook_task.source": "as of a Python file",
  "databricks_sql_endpoint tags":
    "the construct sorts the tags, and the list in the workspace has another order",
};
/**
 * For kinds that are written with the class of the bindings: fields that an import does not read.
 */
const notImported: Readonly<Record<string, string>> = {
  "databricks_cluster docker_image": "the platform does not return passwords",
  "databricks_connection options":
    "the platform does not show them: all values come from the environment",
  "databricks_dashboard serialized_dashboard": "the provider reads no content at an import",
  "databricks_directory delete_recursive": "only Terraform has it",
  "databricks_external_location force_destroy": "only Terraform has it",
  "databricks_external_location force_update": "only Terraform has it",
  "databricks_external_location skip_validation": "only Terraform has it",
  "databricks_git_credential personal_access_token": "the platform does not return it",
  "databricks_global_init_script content_base64": "the provider reads no content at an import",
  "databricks_global_init_script md5": "as content_base64",
  "databricks_notification_destination config":
    "the platform does not show the address of a webhook",
  "databricks_storage_credential azure_service_principal":
    "the platform does not return its secret",
  "databricks_storage_credential force_destroy": "only Terraform has it",
  "databricks_storage_credential force_update": "only Terraform has it",
  "databricks_storage_credential skip_validation": "only Terraform has it",
  "databricks_token lifetime_seconds": "the workspace has the time of the expiry instead",
  "databricks_user force_delete_home_dir": "only Terraform has it",
  "databricks_user force_delete_repos": "only Terraform has it",
  "databricks_provider recipient_profile_str": "the platform does not return it",
  "databricks_sql_table cluster_keys":
    "the provider does not read them; no statement is run for it",
  "databricks_sql_table properties":
    "the provider reads them into effective_properties; no statement is run for it",
  "databricks_sql_table warehouse_id": "it only runs the statements",
  "databricks_workspace_conf custom_config": "the provider reads only the keys that the code names",
};

/** Values that the constructs reject and the platform accepts. */
const knownRawReasons = [
  "adopt writes no construct for",
  "a policy without rules",
  "without naming its outcome",
  "a single user in the data security mode",
];

/** Differences without a known reason. */
export function unexplainedDifferences({ plan, raw }: RoundTrip): object {
  const knownFields = { ...knownChanges, ...notImported };
  const isKnown = (type: string, field: string): boolean =>
    `${type} ${field}` in knownFields || `${type} ${field.split(".")[0] ?? ""}` in knownFields;
  const changes = Object.entries(plan.changes).flatMap(([address, fields]) =>
    fields
      .filter((field) => !isKnown(address.split(".")[0] ?? "", field))
      .map((field) => `${address} ${field}`),
  );
  return {
    creates: plan.creates,
    changes,
    raw: raw.filter((text) => !knownRawReasons.some((reason) => text.includes(reason))),
  };
}
