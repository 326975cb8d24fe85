/**
 * Lost or wrong responses during a deploy: the next deploy succeeds, and usually this one, too.
 * Runs the real command.
 */
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { setResource } from "../support/project";
import {
  call,
  deploy,
  env,
  readRecordFile,
  root,
  useBadDaysProject,
  workspace,
  withNotebook,
} from "./bad-days-lab";

useBadDaysProject();

const listJobNames = async (): Promise<string[]> =>
  ((await call("GET", "/api/2.2/jobs/list?limit=100")).jobs as { settings: { name: string } }[])
    .map(({ settings }) => settings.name)
    .sort();

test("a deploy adopts objects whose creates took effect but returned 503, 500 or a gateway's page", async () => {
  setResource(root, "etl-local", withNotebook("1", "before"));
  workspace.faults.add({
    method: "POST",
    path: "/api/2.2/jobs/create",
    nth: 1,
    when: "after",
    status: 503,
  });
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/secrets/scopes/create",
    nth: 1,
    when: "after",
    status: 500,
  });
  expectExit(await deploy(), 0);
  expect(await listJobNames()).toEqual(["a", "b"]);
});

test("a deploy that cannot write the record succeeds with a warning, and the next one writes the record", async () => {
  setResource(root, "etl-local", withNotebook("2", "before"));
  // The writes in order: the lock, the attempt, and then the record.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/import",
    nth: 3,
    times: 100,
    status: 403,
  });
  const result = await deploy();
  expectExit(result, 0);
  expect(result.stderr).toMatch(
    /warning: the deploy of etl-local succeeded, but could not be recorded in the workspace .*: deploy again/,
  );
  workspace.faults.clear();
  expect(await readRecordFile("record.json")).not.toContain('"description":"2"');
  expectExit(await deploy(), 0);
  expect(await readRecordFile("record.json")).toContain('"description":"2"');
  expect(JSON.parse((await readRecordFile("attempt.json")) ?? "")).toMatchObject({
    outcome: "succeeded",
    fence: 3,
  });
});

test("a duplicate object is reported with the command that removes it, even if the plan is empty", async () => {
  const { job_id: id } = await call("POST", "/api/2.2/jobs/create", {
    name: "a",
    tags: { lakeform: "test/etl-local" },
    tasks: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
  });
  const result = await deploy();
  expectExit(result, 2);
  expect(result.stdout).toContain("nothing to deploy, but the workspace does not match the code");
  expect(result.stdout).not.toContain("nothing to do: the workspace matches the code");
  expect(result.stdout).toMatch(
    new RegExp(`lakeform api POST /api/2.2/jobs/delete .*${String(id)}`),
  );
  await call("POST", "/api/2.2/jobs/delete", { job_id: id });
});

test("a deploy explains a notebook that a rename without moved has destroyed, and the next one creates it", async () => {
  setResource(root, "etl-local", withNotebook("2", "after"));
  // Terraform starts both at the same time, and the destroy takes effect last.
  workspace.faults.add({ path: "/api/2.0/workspace/delete", nth: 1, delay_ms: 1500 });
  const result = await deploy();
  expectExit(result, 2);
  expect(result.stderr).toMatch(
    /databricks_notebook\.after of etl-local is missing: it is the same object as databricks_notebook\.before[^\n]*Deploy again/,
  );
  expectExit(await deploy(), 0);
});

test("a deploy says what to do about a job that was deleted during the plan", async () => {
  setResource(root, "etl-local", withNotebook("3", "after"));
  // Jobs are rejected with 400 instead of 404.
  workspace.faults.add({
    path: "/api/2.2/jobs/reset",
    nth: 1,
    status: 400,
    body: { error_code: "INVALID_PARAMETER_VALUE", message: "Job 1 does not exist." },
  });
  const result = await deploy();
  expectExit(result, 1);
  expect(result.stderr).toContain(
    "what to do: the job was deleted after the plan: run the command again, which plans to create it",
  );
  expectExit(await deploy(), 0);
});

test("a destroy that cannot remove the record succeeds with a warning, and the next one removes the record", async () => {
  expectExit(await deploy(), 0);
  // The deletes in order: the notebook, and then the record.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/delete",
    nth: 2,
    status: 403,
  });
  const destroy = (): Promise<CliResult> =>
    lakeform(root, ["destroy", "local", "--auto-approve"], env);
  const result = await destroy();
  expectExit(result, 0);
  expect(result.stderr).toMatch(
    /warning: etl-local was destroyed, but its deployment record could not be removed .*: destroy it again/,
  );
  workspace.faults.clear();
  expect(await readRecordFile("record.json")).toBeDefined();
  expectExit(await destroy(), 0);
  await expect(readRecordFile("record.json")).rejects.toThrow("RESOURCE_DOES_NOT_EXIST");
});
