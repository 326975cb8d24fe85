/**
 * The schema that the provider serves to plain terraform, and a reduced schema ("cut") passed to it
 * in a file.
 */
import fs from "node:fs";
import path from "node:path";
import { Uses } from "../../src/resources/cut/schema-cut";
import { cutFile, readConfiguration } from "../../src/resources/cut/cut-file";
import type { JsonObject } from "../support/replay-format";
import { noChanges, Stack } from "../support/stack";

const job = (fields: JsonObject = {}): JsonObject => ({
  name: "cut",
  task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  ...fields,
});

describe("the served schema", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await Stack.open("Terraform's own");
  });
  afterAll(() => stack.close());

  const environment = (): NodeJS.ProcessEnv => stack.directory.environment;
  const writeConfig = (config: JsonObject): void => stack.write({ databricks_job: { j: config } });
  const attributes = (): Record<string, unknown> => stack.state()["databricks_job.j"] ?? {};
  async function changeManually(change: (settings: JsonObject) => void): Promise<void> {
    const id = Number(attributes()["id"]);
    const { settings } = (await stack.call("GET", `/api/2.2/jobs/get?job_id=${id}`)) as {
      settings: JsonObject;
    };
    change(settings);
    await stack.call("POST", "/api/2.2/jobs/reset", { job_id: id, new_settings: settings });
  }
  const setDescription = (text: string) => (settings: JsonObject) => {
    Object.assign((settings["tasks"] as JsonObject[])[0] ?? {}, { description: text });
  };
  const removeDescription = (settings: JsonObject): void => {
    delete (settings["tasks"] as JsonObject[])[0]?.["description"];
  };

  test("is reduced to the fields used by configuration and state, and complete if the state has more", async () => {
    writeConfig(job());
    expect(await stack.apply()).toMatchObject({ code: 0, errors: [] });
    expect(attributes()).not.toHaveProperty("description");
    expect(JSON.stringify(stack.directory.readState())).not.toContain("lakeform_");
    expect(await stack.plan()).toEqual(noChanges);

    environment()["LAKEFORM_SCHEMA_CUT"] = "full";
    writeConfig(job({ description: "whole" }));
    expect(await stack.apply()).toMatchObject({
      code: 0,
      actions: { "databricks_job.j": "update" },
    });
    expect(attributes()).toMatchObject({
      description: "whole",
      deployment: [],
      usage_policy_id: null,
    });
    expect(await stack.plan()).toEqual(noChanges);

    // The description is no longer in the configuration but in the state, so its removal is
    // planned.
    delete environment()["LAKEFORM_SCHEMA_CUT"];
    writeConfig(job());
    expect(await stack.apply()).toMatchObject({
      code: 0,
      errors: [],
      actions: { "databricks_job.j": "update" },
    });
    expect(attributes()["description"] ?? "").toBe("");
    expect(await stack.plan()).toEqual(noChanges);
    expect(attributes()).not.toHaveProperty("usage_policy_id");
  });

  test("fails the plan if it lacks a field of the workspace, and has the field in the next plan", async () => {
    await changeManually(setDescription("by hand"));
    const { errors } = await stack.plan();
    expect(errors).toEqual([
      expect.stringContaining(
        "SCHEMA_CUT_TOO_NARROW: databricks_job has values outside of the schema",
      ),
    ]);
    expect(errors[0]).toContain("fields: task.description");
    expect(await stack.plan()).toMatchObject({
      code: 0,
      actions: { "databricks_job.j": "update" },
    });
    await changeManually(removeDescription);
    expect(await stack.plan()).toEqual(noChanges);
    fs.rmSync(path.join(stack.directory.path, ".terraform", "lakeform-schema-whole"));
  });

  test("is complete for saved plans, other states and folders with HCL, even if a cut file exists", async () => {
    for (const [name] of cutFiles()) fs.rmSync(path.join(stack.directory.path, ".terraform", name));
    for (const args of [["-out=saved.tfplan"], ["-state=other.tfstate"]])
      expect(await stack.plan(...args)).toMatchObject({ code: 0 });
    expect(cutFiles()).toEqual([]);
    stack.directory.write("more.tf", 'locals { a = "b" }');
    expect(await stack.plan()).toEqual(noChanges);
    stack.directory.remove("more.tf");
    expect(cutFiles().map(([, bytes]) => bytes)).toEqual([0]);
    expect(await stack.plan()).toEqual(noChanges);
    expect(cutFiles()).toHaveLength(1);
    expect(cutFiles()[0]?.[1]).toBeGreaterThan(100);
  });

  function cutFiles(): (readonly [string, number])[] {
    const data = path.join(stack.directory.path, ".terraform");
    const names = fs.readdirSync(data).filter((name) => name.startsWith("lakeform-schema-cut-"));
    return names.map((name) => [name, fs.statSync(path.join(data, name)).size] as const);
  }

  test("is read from a cut file only if the file is complete and current; otherwise a message gives the reason", async () => {
    const file = path.join(stack.directory.path, "cut");
    const folder = stack.directory.path;
    const hash = readConfiguration(folder)?.hash ?? "";
    const fieldUses = new Uses();
    for (const json of readConfiguration(folder)?.files ?? []) fieldUses.addConfiguration(json);
    for (const item of stack.directory.readState())
      fieldUses.addState(item.type, "managed", item.instances[0]?.attributes ?? {});
    const validContent = cutFile(folder, hash, fieldUses.cut());
    environment()["LAKEFORM_SCHEMA_CUT"] = file;
    const cases: readonly (readonly [content: string | undefined, why: string | undefined])[] = [
      [validContent, undefined],
      [undefined, "the file is missing"],
      [validContent.slice(0, -20), "the file is damaged"],
      [validContent.replace("name", "mane"), "the file is damaged"],
      ["", "the file is damaged"],
      [cutFile("/elsewhere", hash, fieldUses.cut()), "the file belongs to another stack"],
      [cutFile(folder, "older", fieldUses.cut()), "the file is older than the configuration"],
    ];
    for (const [content, reason] of cases) {
      if (content === undefined) fs.rmSync(file, { force: true });
      else fs.writeFileSync(file, content);
      const { code, stdout } = await stack.directory.terraform([
        "plan",
        "-no-color",
        "-input=false",
      ]);
      expect([reason, code, stdout]).toEqual([reason, 0, expect.stringContaining("No changes")]);
      const reasons = [
        ...stdout.matchAll(/SCHEMA_CUT_UNUSABLE: the full schema is served: (.*) \(/g),
      ].map(([, reason]) => reason);
      expect([...new Set(reasons)]).toEqual(reason === undefined ? [] : [reason]);
    }
    delete environment()["LAKEFORM_SCHEMA_CUT"];
  });

  test("rejects a saved plan of another provider build or another reduced schema", async () => {
    writeConfig(job({ max_concurrent_runs: 7 }));
    expect(await stack.plan("-out=saved.tfplan")).toMatchObject({ code: 0 });
    const entry = environment()["LAKEFORM_PROVIDER_ENTRY"] ?? "";
    const otherBuild = path.join(stack.directory.path, "other");
    fs.mkdirSync(otherBuild);
    for (const part of ["provider.js", "provider-main.js", "src/resources/schema"])
      fs.cpSync(path.join(path.dirname(entry), part), path.join(otherBuild, part), {
        recursive: true,
      });
    fs.appendFileSync(path.join(otherBuild, "provider-main.js"), "\n// another release\n");
    environment()["LAKEFORM_PROVIDER_ENTRY"] = path.join(otherBuild, "provider.js");
    const applySavedPlan = () =>
      stack.directory.terraform(["apply", "-no-color", "-input=false", "saved.tfplan"]);
    const applyResult = await applySavedPlan();
    expect([applyResult.code, applyResult.stderr]).toEqual([
      1,
      expect.stringContaining("PLAN_OF_ANOTHER_PROVIDER: the plan was created by another"),
    ]);
    expect(attributes()["max_concurrent_runs"]).toBe(1);
    environment()["LAKEFORM_PROVIDER_ENTRY"] = entry;
    // Another reduced schema with the same types in the plan: Terraform itself accepts it.
    const cutPath = path.join(stack.directory.path, "cut");
    const writeCut = (...wholeTypes: string[]): void => {
      const fieldUses = new Uses();
      for (const json of readConfiguration(stack.directory.path)?.files ?? [])
        fieldUses.addConfiguration(json);
      for (const item of stack.directory.readState())
        fieldUses.addState(item.type, "managed", item.instances[0]?.attributes ?? {});
      for (const type of wholeTypes) fieldUses.addType(type);
      fs.writeFileSync(
        cutPath,
        cutFile(
          stack.directory.path,
          readConfiguration(stack.directory.path)?.hash ?? "",
          fieldUses.cut(),
        ),
      );
    };
    writeCut();
    environment()["LAKEFORM_SCHEMA_CUT"] = cutPath;
    expect(await stack.plan("-out=saved.tfplan")).toMatchObject({ code: 0 });
    writeCut("databricks_cluster");
    const secondApplyResult = await applySavedPlan();
    expect([secondApplyResult.code, secondApplyResult.stderr]).toEqual([
      1,
      expect.stringContaining("PLAN_OF_ANOTHER_SCHEMA: the plan was created with a different part"),
    ]);
    expect(attributes()["max_concurrent_runs"]).toBe(1);
    writeCut();
    expect(await stack.plan("-out=saved.tfplan")).toMatchObject({ code: 0 });
    expect(await applySavedPlan()).toMatchObject({ code: 0 });
    delete environment()["LAKEFORM_SCHEMA_CUT"];
    expect(attributes()["max_concurrent_runs"]).toBe(7);
  });
});
