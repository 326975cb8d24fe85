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
  const withSource = (run: Block): Block => withDefaults(run, { source: fileSource });
  const changes: Readonly<Record<string, Change>> = {
    notebook_task: withSource,
    dbt_task: withSource,
    sql_task: (run) => applyChanges(run, { file: withSource }),
    // With a Git source, the documented default differs from the platform's.
    ...(fileSource === "WORKSPACE" && { spark_python_task: withSource }),
    new_cluster: withClusterDefaults,
    // The inner task of a for_each has no run_if.
    for_each_task: (loop) =>
      applyChanges(loop, {
        task: (inner) => applyChanges(withDefaults(inner, retriesOf(inner)), changes),
      }),
  };
  return applyChanges(job, {
    task: (item) => applyChanges(withDefaults(item, taskDefaultsOf(item)), changes),
    job_cluster: (item) => applyChanges(item, { new_cluster: withClusterDefaults }),
  });
}

/**
 * Returns the default of the retry settings. A for_each task has none, because it is not retried.
 */
const retriesOf = (task: Block): Block => (task.for_each_task === undefined ? retries : {});
const retries: Block = { retry_on_timeout: false };

const taskDefaultsOf = (task: Block): Block =>
  task.for_each_task === undefined ? taskDefaults : loopDefaults;
const loopDefaults: Block = { run_if: "ALL_SUCCESS" };
const taskDefaults: Block = { ...retries, ...loopDefaults };

/** Adds the defaults of a cluster, except those that a policy or a pool may set differently. */
function withClusterDefaults(spec: Block): Block {
  if (spec.policy_id !== undefined) return spec;
  const usesPool =
    spec.instance_pool_id !== undefined || spec.driver_instance_pool_id !== undefined;
  return withDefaults(spec, {
    ...(!usesPool && spec.node_type_id !== undefined && { driver_node_type_id: spec.node_type_id }),
    enable_local_disk_encryption: false,
  });
}

const isBlock = (value: unknown): value is Block =>
  typeof value === "object" && value !== null && !Array.isArray(value);

type Change = (block: Block) => Block;

/**
 * Returns the block with values for fields that have none. The fields stay sorted, so that the
 * output needs no sorting.
 * @param defaults sorted by field
 */
function withDefaults(block: Block, defaults: Block): Block {
  const missingNames = Object.keys(defaults).filter(
    (name) => (block[name] ?? undefined) === undefined,
  );
  if (missingNames.length === 0) return block;
  const result: Record<string, unknown> = {};
  let nextIndex = 0;
  for (const name in block) {
    for (
      let addedField = missingNames[nextIndex];
      addedField !== undefined && addedField <= name;
      addedField = missingNames[++nextIndex]
    )
      result[addedField] = defaults[addedField];
    result[name] ??= block[name];
  }
  for (const addedField of missingNames.slice(nextIndex)) result[addedField] = defaults[addedField];
  return result;
}

/**
 * Applies each change to the blocks of its field, which may be one object or a list. Expressions
 * stay unchanged.
 */
function applyChanges(parent: Block, changes: Readonly<Record<string, Change>>): Block {
  let result: Record<string, unknown> | undefined;
  for (const name in changes) {
    const value = parent[name];
    const change = changes[name];
    if (value === undefined || change === undefined) continue;
    const newValue = Array.isArray(value) ? changeItems(value, change) : changeItem(value, change);
    if (newValue !== value) (result ??= { ...parent })[name] = newValue;
  }
  return result ?? parent;
}

const changeItem = (item: unknown, change: Change): unknown =>
  isBlock(item) ? change(item) : item;

function changeItems(items: readonly unknown[], change: Change): readonly unknown[] {
  const result = items.map((item) => changeItem(item, change));
  return result.every((item, index) => item === items[index]) ? items : result;
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
 * inherits a value from a removed task. A {@link WorkspaceStack} does the same without this aspect.
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
