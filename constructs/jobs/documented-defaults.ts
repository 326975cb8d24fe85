import { JobResource, type IAspect, type IConstruct } from "../core/bindings";

/** A block in cdk.tf.json. */
type Block = Readonly<Record<string, unknown>>;

/**
 * A job with the platform's default for every field with a documented fixed default that the
 * official provider would otherwise plan by position: when a task or job cluster is removed, unset
 * values would pass to the next one. It changes the Terraform JSON, so raw resources and overrides
 * are covered. Defaults that depend on the cloud, a policy or a pool cannot be written;
 * docs/provider-differences.md lists them.
 */
export function withDocumentedDefaults(job: Block): Block {
  const code =
    isBlock(job.git_source) || (Array.isArray(job.git_source) && job.git_source.length > 0)
      ? "GIT"
      : "WORKSPACE";
  const task = (item: Block, inLoop: boolean): Block => ({
    ...item,
    // The task inside a loop has no condition.
    ...(inLoop ? {} : { run_if: item.run_if ?? "ALL_SUCCESS" }),
    // A loop cannot be retried.
    ...(item.for_each_task === undefined
      ? { retry_on_timeout: item.retry_on_timeout ?? false }
      : {}),
    ...changed(item, "notebook_task", (work) => ({ ...work, source: work.source ?? code })),
    ...changed(item, "dbt_task", (work) => ({ ...work, source: work.source ?? code })),
    ...changed(item, "sql_task", (work) => ({
      ...work,
      ...changed(work, "file", (file) => ({ ...file, source: file.source ?? code })),
    })),
    // With a Git source, documentation and platform differ.
    ...(code === "GIT"
      ? {}
      : changed(item, "spark_python_task", (work) => ({ ...work, source: work.source ?? code }))),
    ...changed(item, "new_cluster", cluster),
    ...changed(item, "for_each_task", (loop) => ({
      ...loop,
      ...changed(loop, "task", (inner) => task(inner, true)),
    })),
  });
  return {
    ...job,
    ...changed(job, "task", (item) => task(item, false)),
    ...changed(job, "job_cluster", (item) => ({
      ...item,
      ...changed(item, "new_cluster", cluster),
    })),
  };
}

/** Omits the value if a policy or a pool may set a different one. */
function cluster(spec: Block): Block {
  if (spec.policy_id !== undefined) return spec;
  const pooled = spec.instance_pool_id !== undefined || spec.driver_instance_pool_id !== undefined;
  return {
    ...spec,
    enable_local_disk_encryption: spec.enable_local_disk_encryption ?? false,
    ...(pooled || spec.node_type_id === undefined
      ? {}
      : { driver_node_type_id: spec.driver_node_type_id ?? spec.node_type_id }),
  };
}

const isBlock = (value: unknown): value is Block =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The blocks with a name, one or several; expressions are not changed. */
function changed(around: Block, name: string, change: (block: Block) => Block): Block {
  const value = around[name];
  if (isBlock(value)) return { [name]: change(value) };
  return Array.isArray(value)
    ? { [name]: value.map((item: unknown) => (isBlock(item) ? change(item) : item)) }
    : {};
}

/** The values that were added to a block, by path: `task.0.run_if`. */
function added(before: unknown, after: unknown, path = ""): [path: string, value: unknown][] {
  if (before === undefined) return [[path, after]];
  if (typeof before !== "object" || before === null || typeof after !== "object" || after === null)
    return [];
  return Object.entries(after).flatMap(([name, value]) =>
    added((before as Block)[name], value, path === "" ? name : `${path}.${name}`),
  );
}

/**
 * Writes the platform's documented defaults into raw `databricks_job` resources, so that no task
 * inherits a value from its neighbour. Not needed in a {@link WorkspaceStack}, which does the same.
 *
 * @example
 * Aspects.of(stack).add(new DocumentedDefaults());
 */
export class DocumentedDefaults implements IAspect {
  /** Called by the toolkit for each construct. */
  visit(construct: IConstruct): void {
    if (!(construct instanceof JobResource)) return;
    const { resource } = construct.toTerraform() as {
      readonly resource?: { readonly databricks_job?: Readonly<Record<string, Block>> };
    };
    for (const job of Object.values(resource?.databricks_job ?? {})) {
      for (const [path, value] of added(job, withDocumentedDefaults(job)))
        construct.addOverride(path, value);
    }
  }
}
