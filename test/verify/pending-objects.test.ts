import fs from "node:fs";
import path from "node:path";
import { makeFolder } from "../support/project";
import { deployed, lab, resources, useDeployedStack, verifyLab } from "./deployed-stack";
import { summary } from "./harness";

useDeployedStack();

describe("pending and missing objects", () => {
  test("are not deployed yet, removed from the code, or deleted in the workspace", async () => {
    const { databricks_dbfs_file: _file, ...otherResources } = resources;
    const stack = {
      ...deployed.stack,
      resource: {
        ...otherResources,
        databricks_directory: { ...resources.databricks_directory, next: { path: "/Shared/next" } },
      },
    };
    await lab.client.post("/api/2.0/workspace/delete", { path: "/Shared/etl/ingest" });
    const report = await verifyLab({ stack });
    expect(summary(report)).toEqual([
      "missing databricks_notebook.ingest",
      "pending databricks_dbfs_file.sample",
      "pending databricks_directory.next",
    ]);
    expect(report.exitCode).toBe(2);
  });

  test("include an object that a failed replacement left over; its successor is verified", async () => {
    const state = structuredClone(deployed.state) as unknown as {
      resources: { name: string; instances: { deposed?: string; attributes: object }[] }[];
    };
    const job = state.resources.find(({ name }) => name === "pipeline");
    const [instance] = job?.instances ?? [];
    if (instance === undefined) throw new Error("the state has no job");
    const attributes = { ...instance.attributes, id: "999", name: "old" };
    job?.instances.push({ ...instance, attributes, deposed: "0a1b2c3d" });
    const report = await verifyLab({ state: () => Promise.resolve(state as never) });
    expect(summary(report)).toEqual(["pending databricks_job.pipeline (deposed 0a1b2c3d)"]);
    expect(report.resources.find(({ status }) => status === "pending")?.reason).toBe(
      "left over from a failed replacement: the next deploy removes it",
    );
  });

  test("do not fail the command if only pending ones exist and they are allowed", async () => {
    const stack = structuredClone(deployed.stack) as {
      resource: { databricks_job: { pipeline: { description?: string } } };
    };
    stack.resource.databricks_job.pipeline.description = "new";
    const report = await verifyLab({ stack });
    expect(summary(report)).toEqual(["pending databricks_job.pipeline description"]);
    expect([report.exitCode, (await verifyLab({ stack, allowPending: true })).exitCode]).toEqual([
      2, 0,
    ]);
  });

  test("are all pending without a state", async () => {
    const report = await verifyLab({ state: () => Promise.resolve(undefined) });
    expect(report.counts).toMatchObject({ pending: 6, match: 0 });
    // The deployed objects are now unmanaged.
    expect(summary(report).filter((line) => line.startsWith("unmanaged"))).toEqual([
      "unmanaged databricks_dbfs_file /tmp/sample.json",
      "unmanaged databricks_job daily-etl",
      "unmanaged databricks_notebook /Shared/etl/ingest",
      "unmanaged databricks_secret etl/api",
      "unmanaged databricks_secret_scope etl",
    ]);
  });

  test("include a file that was changed in the code only", async () => {
    const changedFolder = makeFolder("changed");
    fs.writeFileSync(
      path.join(changedFolder, "ingest.py"),
      "# Databricks notebook source\nprint(3)\n",
    );
    fs.writeFileSync(path.join(changedFolder, "sample.json"), '{"a":1}');
    expect(summary(await verifyLab({ directory: changedFolder }))).toEqual([
      "pending databricks_notebook.ingest content",
    ]);
  });
});
