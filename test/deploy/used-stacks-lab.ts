/** Two stacks, of which one uses a policy of the other, deployed by the real command. */
import {
  ClusterPolicy,
  ClusterSize,
  Content,
  Directory,
  NodeType,
  Notebook,
  NotebookTask,
  PolicyRule,
  SparkVersion,
  Workflow,
  type WorkspaceStack,
} from "../../constructs";
import { BuiltProject } from "../support/built-project";
import type { CliResult } from "../support/cli";
import { removeFolders } from "../support/project";

export let project: BuiltProject;

interface ProjectOptions {
  readonly reference?: "policy" | "strict" | "late" | "counted" | "none";
  readonly folder?: boolean;
}

/**
 * `platform` owns policies and a folder; `jobs` uses a policy and puts a notebook into the folder.
 */
export function buildProject({ reference = "policy", folder = false }: ProjectOptions = {}): void {
  const ownedPolicies: Partial<Record<string, ClusterPolicy>> = {};
  const definition = { "custom_tags.team": PolicyRule.fixed("data") };
  const platform = (stack: WorkspaceStack): void => {
    ownedPolicies.policy = new ClusterPolicy(stack, "policy", { name: "jobs", definition });
    ownedPolicies.strict = new ClusterPolicy(stack, "strict", { name: "strict jobs", definition });
    if (reference === "late" || reference === "counted")
      ownedPolicies[reference] = new ClusterPolicy(stack, reference, {
        name: reference,
        definition,
      });
    if (folder) new Directory(stack, "folder", { path: "/Shared/used" });
  };
  const jobs = (stack: WorkspaceStack): void => {
    const content = Content.text("# Databricks notebook source\nprint(1)\n");
    const notebook = new Notebook(stack, "load", {
      path: folder ? "/Shared/used/load" : "/Shared/load",
      content,
      language: "PYTHON",
    });
    const ingest = new Workflow(stack, "ingest", { name: "ingest" });
    const policy = reference === "none" ? undefined : ownedPolicies[reference];
    const jobCluster = ingest.addJobCluster("main", {
      sparkVersion: SparkVersion.LTS_15_4,
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(1),
      customTags: { team: "data" },
      ...(policy && { policy }),
    });
    ingest.addTask("load", { run: NotebookTask.of(notebook), on: jobCluster });
  };
  // The manifest sorts by name: `jobs` comes before the stack that it uses.
  project.build({ platform, jobs });
}

export const readPolicyId = async (): Promise<unknown> => {
  const { jobs = [] } = (await project.get("/api/2.2/jobs/list?expand_tasks=true")) as {
    jobs?: { job_id: number }[];
  };
  if (jobs[0] === undefined) return undefined;
  const { settings } = (await project.get(`/api/2.2/jobs/get?job_id=${jobs[0].job_id}`)) as {
    settings: { job_clusters: { new_cluster: { policy_id?: string } }[] };
  };
  return settings.job_clusters[0]?.new_cluster.policy_id;
};
export const readPolicyIds = async (): Promise<Record<string, string>> => {
  const { policies: policyList = [] } = (await project.get("/api/2.0/policies/clusters/list")) as {
    policies?: { name: string; policy_id: string }[];
  };
  return Object.fromEntries(policyList.map(({ name, policy_id }) => [name, policy_id]));
};
export const digestOf = ({ stdout }: CliResult): string =>
  /digest (sha256:[0-9a-f]+)/.exec(stdout)?.[1] ?? "no digest";

export function useBuiltProject(): void {
  beforeAll(async () => {
    project = await BuiltProject.open();
  });
  afterAll(async () => {
    await project.close();
    removeFolders();
  });
}
