/**
 * A team's project: a platform stack, job stacks that reference its resources, states in the
 * workspaces, and temporary folders.
 */
import fs from "node:fs";
import path from "node:path";
import { commit, git } from "../support/app";
import { makeProject, type StackContent } from "../support/project";

export interface TeamSize {
  readonly jobStacks: number;
  readonly jobs: number;
  readonly environments: readonly string[];
}

const output = "cross-stack-output-databricks_instance_poolpoolid";

/** @param node the node type of the pool; a different one replaces the pool, which gets a new id */
export function teamStacks(
  { jobStacks, jobs, environments }: TeamSize,
  node = "Standard_DS3_v2",
): Record<string, StackContent> {
  const stacks: Record<string, StackContent> = {};
  for (const environment of environments) {
    const settings = {
      backend: "workspace",
      ...(environments.length > 1 && { promotionOrder: environments }),
    };
    const common = (name: string): StackContent => ({
      environment,
      profileSettings: settings,
      terraform: {
        required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
        backend: { http: { username: name } },
      },
    });
    const platform = `platform-${environment}`;
    const source = `cross-stack-reference-input-${platform}`;
    stacks[platform] = {
      ...common(platform),
      resource: {
        databricks_instance_pool: {
          pool: {
            instance_pool_name: `team-${node}`,
            node_type_id: node,
            idle_instance_autotermination_minutes: 10,
            lifecycle: { create_before_destroy: true },
          },
        },
      },
      output: { [output]: { value: "${databricks_instance_pool.pool.id}", sensitive: true } },
    };
    const pool = `\${data.terraform_remote_state.${source}.outputs.${output}}`;
    for (let stack = 0; stack < jobStacks; stack += 1) {
      const name = `jobs${stack}-${environment}`;
      const job = (number: number): object => ({
        name: `jobs${stack}-${number}`,
        timeout_seconds: 3600,
        job_cluster: [
          {
            job_cluster_key: "main",
            new_cluster: {
              spark_version: "15.4.x-scala2.12",
              instance_pool_id: pool,
              num_workers: 1,
            },
          },
        ],
        task: [
          {
            task_key: "only",
            job_cluster_key: "main",
            notebook_task: { notebook_path: "/Shared/x" },
          },
        ],
      });
      stacks[name] = {
        ...common(name),
        data: {
          terraform_remote_state: { [source]: { backend: "http", config: { username: platform } } },
        },
        resource: {
          databricks_job: Object.fromEntries(
            Array.from({ length: jobs }, (_, number) => [`job_${number}`, job(number)]),
          ),
        },
      };
    }
  }
  return stacks;
}

/** An empty folder with a checkout of the project, as a runner has it. */
export function checkout(stacks: Record<string, StackContent>): string {
  const root = makeProject(stacks);
  git(root, "init", "-q", "-b", "main");
  fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out/\n.lakeform/\n");
  commit(root, "project");
  return root;
}
