import { JobResource, type IAspect, type IConstruct } from "../core/bindings";

/** A block in cdk.tf.json. */
type Block = Readonly<Record<string, unknown>>;

/**
 * Returns a job in which every field with a documented fixed default has a value, if the official
 * provider would otherwise plan it by position: when a task or job cluster is removed, its values
 * would pass to the next element. This changes the Terraform JSON, so that raw resources and
 * overrides are covered. Defaults that depend on the cloud, a policy or a pool cannot be written;
 * docs/provider-differences.md lists them.
 */
export function withDocumentedDefaults(job: Block): Block {
  const fileSource =
    isBlock(job.git_source) || (Array.isArray(job.git_source) && job.git_source.length > 0)
      ? "GIT"
      : "WORKSPACE";
  const withTaskDefaults = (item: Block, inLoop: boolean): Block => ({
    ...item,
    // The inner task of a for_each has no run_if.
    ...(inLoop ? {} : { run_if: item.run_if ?? "ALL_SUCCESS" }),
    // A for_each task cannot be retried.
    ...(item.for_each_task === undefined
      ? { retry_on_timeout: item.retry_on_timeout ?? false }
      : {}),
    ...changeBlocks(item, "notebook_task", (run) => ({
      ...run,
      source: run.source ?? fileSource,
    })),
    ...changeBlocks(item, "dbt_task", (run) => ({ ...run, source: run.source ?? fileSource })),
    ...changeBlocks(item, "sql_task", (run) => ({
      ...run,
      ...changeBlocks(run, "file", (file) => ({ ...file, source: file.source ?? fileSource })),
    })),
    // With a Git source, the documented default differs from the platform's.
    ...(fileSource === "GIT"
      ? {}
      : changeBlocks(item, "spark_python_task", (run) => ({
          ...run,
          source: run.source ?? fileSource,
        }))),
    ...changeBlocks(item, "new_cluster", withClusterDefaults),
    ...changeBlocks(item, "for_each_task", (loop) => ({
      ...loop,
      ...changeBlocks(loop, "task", (inner) => withTaskDefaults(inner, true)),
    })),
  });
  return {
    ...job,
    ...changeBlocks(job, "task", (item) => withTaskDefaults(item, false)),
    ...changeBlocks(job, "job_cluster", (item) => ({
      ...item,
      ...changeBlocks(item, "new_cluster", withClusterDefaults),
    })),
  };
}

/** Adds the defaults of a cluster, except those that a policy or a pool may set differently. */
function withClusterDefaults(spec: Block): Block {
  if (spec.policy_id !== undefined) return spec;
  const usesPool =
    spec.instance_pool_id !== undefined || spec.driver_instance_pool_id !== undefined;
  return {
    ...spec,
    enable_local_disk_encryption: spec.enable_local_disk_encryption ?? false,
    ...(usesPool || spec.node_type_id === undefined
      ? {}
      : { driver_node_type_id: spec.driver_node_type_id ?? spec.node_type_id }),
  };
}

const isBlock = (value: unknown): value is Block =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Applies a change to the blocks with a name, which may be an object or a list. Expressions stay
 * unchanged.
 */
function changeBlocks(parent: Block, name: string, change: (block: Block) => Block): Block {
  const value = parent[name];
  if (isBlock(value)) return { [name]: change(value) };
  return Array.isArray(value)
    ? { [name]: value.map((item: unknown) => (isBlock(item) ? change(item) : item)) }
    : {};
}

/** Lists the values that were added to a block, by path: `task.0.run_if`. */
function addedValues(before: unknown, after: unknown, path = ""): [path: string, value: unknown][] {
  if (before === undefined) return [[path, after]];
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null)
    return [];
  return Object.entries(after).flatMap(([name, value]) =>
    addedValues((before as Block)[name], value, path === "" ? name : `${path}.${name}`),
  );
}

/**
 * Writes the platform's documented defaults into raw `databricks_job` resources, so that no task
 * takes over a value of a removed one. A {@link WorkspaceStack} does the same without this aspect.
 *
 * @example
 * Aspects.of(stack).add(new DocumentedDefaults());
 */
export class DocumentedDefaults implements IAspect {
  /** The toolkit calls this for each construct. */
  visit(construct: IConstruct): void {
    if (!(construct instanceof JobResource)) return;
    const { resource } = construct.toTerraform() as {
      readonly resource?: { readonly databricks_job?: Readonly<Record<string, Block>> };
    };
    for (const job of Object.values(resource?.databricks_job ?? {})) {
      for (const [path, value] of addedValues(job, withDocumentedDefaults(job)))
        construct.addOverride(path, value);
    }
  }
}
