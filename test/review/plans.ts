/**
 * Plans and stacks as Terraform and cdktf write them, built from the values before and after:
 * modelled on `terraform show -json`, format 1.2.
 */

type Values = Readonly<Record<string, unknown>>;

export interface Planned {
  readonly type: string;
  readonly name: string;
  /** The values in the state. Absent for a create. */
  readonly before?: Values;
  /** The planned values, without unknown ones, which are in `unknown`. Absent for a destroy. */
  readonly after?: Values;
  /**
   * The values in the code, or null if it is not in the code.
   * @default `after` without the fields that providers fill in
   */
  readonly config?: Values | null;
  readonly actions?: readonly string[];
  readonly unknown?: unknown;
  readonly beforeSensitive?: unknown;
  readonly sensitive?: unknown;
  readonly replacePaths?: readonly (readonly (string | number)[])[];
  readonly reason?: string;
  readonly previousAddress?: string;
  readonly path?: string;
}

export function planOf(resources: readonly Planned[], rest: Values = {}): Values {
  return {
    format_version: "1.2",
    terraform_version: "1.11.4",
    variables: {},
    planned_values: {},
    resource_changes: resources.map((resource) => ({
      address: `${resource.type}.${resource.name}`,
      ...(resource.previousAddress === undefined
        ? {}
        : { previous_address: resource.previousAddress }),
      mode: "managed",
      type: resource.type,
      name: resource.name,
      provider_name: "registry.terraform.io/databricks/databricks",
      change: {
        actions: resource.actions ?? actionsOf(resource),
        before: resource.before ?? null,
        after: resource.after ?? null,
        after_unknown: resource.unknown ?? (resource.after === undefined ? false : {}),
        before_sensitive: resource.beforeSensitive ?? (resource.before === undefined ? false : {}),
        after_sensitive: resource.sensitive ?? (resource.after === undefined ? false : {}),
        ...(resource.replacePaths === undefined ? {} : { replace_paths: resource.replacePaths }),
      },
      ...(resource.reason === undefined ? {} : { action_reason: resource.reason }),
    })),
    configuration: { root_module: {} },
    timestamp: "2026-01-02T03:04:05Z",
    applyable: true,
    complete: true,
    errored: false,
    ...rest,
  };
}

function actionsOf({ before, after, replacePaths }: Planned): string[] {
  if (before === undefined) return ["create"];
  if (after === undefined) return ["delete"];
  if (replacePaths !== undefined) return ["delete", "create"];
  return JSON.stringify(before) === JSON.stringify(after) ? ["no-op"] : ["update"];
}

export function stackOf(
  resources: readonly Planned[],
  metadata: Values = {},
  rest: Values = {},
): Values {
  const byType: Record<string, Record<string, unknown>> = {};
  const origins: Record<string, unknown> = {};
  let line = 10;
  for (const resource of resources) {
    line += 7;
    if (resource.config === null || (resource.config === undefined && resource.after === undefined))
      continue;
    const { id: _id, ...config } = resource.config ?? resource.after ?? {};
    (byType[resource.type] ??= {})[resource.name] = config;
    origins[`${resource.type}.${resource.name}`] = {
      path: resource.path ?? `etl-dev/${resource.name}`,
      source: `stacks/etl.ts:${line}`,
      stamped: true,
    };
  }
  return {
    "//": {
      lakeform: {
        version: 1,
        project: "acme",
        environment: "dev",
        stack: "etl-dev",
        provider:
          typeof metadata.environment === "string" && metadata.environment.startsWith("prod")
            ? "official"
            : "embedded",
        stamp: "acme/etl-dev",
        recordFolder: "/Shared/.lakeform",
        resources: origins,
        variables: {},
        ignores: [],
        suppressions: [],
        ...metadata,
      },
    },
    resource: byType,
    ...rest,
  };
}

export const task = (key: string, after: readonly string[] = [], more: Values = {}): Values => ({
  task_key: key,
  depends_on: after.map((from) => ({ task_key: from, outcome: null })),
  job_cluster_key: "shared",
  max_retries: 1,
  notebook_task: [{ notebook_path: `/Shared/etl/${key}`, source: null, base_parameters: null }],
  ...more,
});

export const job = (name: string, tasks: readonly Values[], more: Values = {}): Values => ({
  id: "4711",
  name,
  max_concurrent_runs: 1,
  timeout_seconds: 3600,
  job_cluster: [
    {
      job_cluster_key: "shared",
      new_cluster: [
        {
          spark_version: "15.4.x-scala2.12",
          node_type_id: "Standard_DS3_v2",
          num_workers: 2,
          data_security_mode: "SINGLE_USER",
        },
      ],
    },
  ],
  task: tasks,
  schedule: [],
  email_notifications: [],
  queue: [],
  ...more,
});

export const without = (values: Values, ...keys: readonly string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
