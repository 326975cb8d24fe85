import fs from "node:fs";
import path from "node:path";
import {
  Catalog,
  ClusterPolicy,
  ClusterSize,
  Content,
  Group,
  NodeType,
  Notebook,
  NotebookTask,
  PolicyRule,
  Schedule,
  Schema,
  SecretScope,
  SecretValue,
  SparkVersion,
  Volume,
  Workflow,
  type WorkspaceStack,
} from "../../constructs";
import { synth } from "../constructs/support";
import { makeProject } from "../support/project";

/** The differences between the versions of the stack. */
export interface Version {
  readonly timeout?: number;
  readonly rewired?: boolean;
  readonly schemaName?: string;
  readonly withoutLanding?: boolean;
  readonly reader?: "CAN_VIEW" | "CAN_MANAGE_RUN";
  readonly pipelineId?: string;
  readonly notebook?: string;
  readonly workers?: number;
  readonly scheduled?: boolean;
}

/**
 * A pipeline with everything that a reviewer meets: notebook, secret, data, access and a job of
 * three tasks, built with real constructs.
 */
export function pipeline(stack: WorkspaceStack, version: Version = {}): void {
  const notebook = new Notebook(stack, "ingest", {
    path: "/Shared/review/ingest",
    language: "PYTHON",
    content: Content.text(version.notebook ?? "# Databricks notebook source\nprint('one')\n"),
  });
  new SecretScope(stack, "secrets", { name: "review" }).addSecret(
    "api-key",
    SecretValue.fromEnvironment("REVIEW_API_KEY"),
  );
  const lake = new Catalog(stack, "lake", { name: "lake" });
  const raw = new Schema(stack, "raw", { catalog: lake, name: version.schemaName ?? "raw" });
  if (version.withoutLanding !== true)
    new Volume(stack, "landing", { schema: raw, name: "landing" });
  const job = new Workflow(stack, version.pipelineId ?? "pipeline", {
    name: "review-pipeline",
    timeoutSeconds: 3600,
    emailNotifications: { onFailure: ["oncall@example.com"] },
    ...(version.scheduled === true && { schedule: Schedule.cron("0 0 5 * * ?", "UTC") }),
  });
  const jobCluster = job.addJobCluster("shared", {
    sparkVersion: SparkVersion.of("15.4.x-scala2.12"),
    nodeType: NodeType.of("Standard_DS3_v2"),
    size: ClusterSize.fixed(version.workers ?? 2),
  });
  const ingest = job.addTask("ingest", { run: NotebookTask.of(notebook), on: jobCluster });
  const timeout = version.timeout === undefined ? {} : { timeoutSeconds: version.timeout };
  const notebookAt = (name: string): NotebookTask => NotebookTask.at(`/Shared/review/${name}`);
  if (version.rewired === true) {
    const check = job.addTask("check", {
      run: notebookAt("check"),
      on: jobCluster,
      after: [ingest],
    });
    job.addTask("publish", { run: notebookAt("publish"), on: jobCluster, after: [check] });
  } else {
    const transform = job.addTask("transform", {
      run: notebookAt("transform"),
      on: jobCluster,
      after: [ingest],
      ...timeout,
    });
    job.addTask("publish", { run: notebookAt("publish"), on: jobCluster, after: [transform] });
  }
  job.permissions.allow(version.reader ?? "CAN_VIEW", Group.users);
}

/** 200 similar cluster policies, the kind that Terraform plans fastest. */
export function manyPolicies(stack: WorkspaceStack, maxWorkers: number): void {
  for (let index = 0; index < 200; index++) {
    const name = `team-${String(index).padStart(3, "0")}`;
    new ClusterPolicy(stack, name, {
      name,
      definition: {
        node_type_id: PolicyRule.allowlist(["Standard_DS3_v2", "Standard_DS4_v2"]),
        num_workers: PolicyRule.range({ maxValue: maxWorkers }),
      },
    });
  }
}

type Build = (stack: WorkspaceStack) => void;

/** A project whose stacks can be rebuilt with separate synths. */
export function realProject(): {
  readonly root: string;
  readonly write: (stacks: Readonly<Record<string, Build>>) => void;
} {
  const root = makeProject({});
  const file = path.join(root, "stacks.json");
  const write = (stacks: Readonly<Record<string, Build>>): void => {
    const all = Object.entries(stacks).map(([name, build]) => [
      `${name}-local`,
      synth(build, { provider: "embedded" }, name).json,
    ]);
    fs.writeFileSync(file, JSON.stringify(Object.fromEntries(all)));
  };
  return { root, write };
}
