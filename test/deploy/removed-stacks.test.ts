/** Stacks that are deployed but no longer in the code: verify reports them, destroy removes them. */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { readSchema, schemaProblems } from "../support/json-schema";
import { setStacks } from "../support/project";
import {
  deployedProject,
  env,
  keptStack,
  jobNames,
  recordFolder,
  checkRename,
  stackOf,
  useWorkspacePerTest,
  workspace,
} from "./removed-stacks-lab";

useWorkspacePerTest();

test("verify of an environment reports a removed stack in all formats, with one additional call", async () => {
  const callsOfVerify = async (selection: string): Promise<number> => {
    workspace.faults.clear();
    workspace.faults.add({ method: "GET", path: "/api/*", nth: 1e9, status: 500 });
    expectExit(await lakeform(root, ["verify", selection], env), 0);
    return workspace.faults.list()[0]?.seen ?? 0;
  };
  let root = await deployedProject(keptStack);
  const callsForStack = await callsOfVerify("keep-local");
  expect((await callsOfVerify("local")) - callsForStack).toBe(1);
  root = await deployedProject({ ...keptStack, "gone-local": stackOf("gone-local") });
  setStacks(root, keptStack);
  const files = ["md", "html", "sarif", "xml", "json", "txt"];
  const outOptions = files.flatMap((extension) => ["--out", `r.${extension}`]);
  expectExit(await lakeform(root, ["verify", "local", ...outOptions], env), 2);
  expectExit(await lakeform(root, ["verify", "local", "--allow-pending"], env), 0);
  const readReport = (extension: string): string =>
    fs.readFileSync(path.join(root, `r.${extension}`), "utf8");
  expect(readReport("txt")).toMatch(
    /gone-local {2}\(stack\)\n {4}not in the code, but 2 of its objects still exist \(job gone-local, notebook \/Shared\/gone-local\); deployed \S+ by \S+, without a commit; to remove its objects: lakeform destroy gone-local/,
  );
  expect(readReport("txt")).toContain(
    "the workspace has stacks that the code does not have: 1 pending",
  );
  for (const extension of files)
    expect(readReport(extension)).toContain("lakeform destroy gone-local");
  const report = JSON.parse(readReport("json")) as {
    resources: { kind: string; objects?: unknown }[];
  };
  expect(schemaProblems(report, readSchema("docs/schemas/verify-report.schema.json"))).toEqual([]);
  expect(report.resources.find(({ kind }) => kind === "stack")?.objects).toMatchObject([
    { kind: "databricks_job", name: "gone-local" },
    { kind: "databricks_notebook", id: "/Shared/gone-local" },
  ]);
  expect(readReport("xml")).toContain(
    '<testsuite name="lakeform verify gone-local" tests="1" failures="1"',
  );

  expectExit(await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env), 0);
  // One call lists the folder of the records, and one the history that a destroyed stack leaves.
  expect((await callsOfVerify("local")) - callsForStack).toBe(2);
});

test("review and deploy print a note about a removed stack, and a destroy of it needs an approval", async () => {
  const root = await deployedProject({ ...keptStack, "gone-local": stackOf("gone-local") });
  setStacks(root, keptStack);
  const review = await lakeform(root, ["review", "local"], env);
  expectExit(review, 0);
  expect(review.stdout).toContain(
    "note: gone-local is not in the code, but its objects may still exist",
  );
  const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit(deploy, 0);
  expect(deploy.stdout).toContain("still deployed, but not in the code: gone-local");
  const destroyPreview = await lakeform(root, ["destroy", "gone-local"], env);
  expectExit(destroyPreview, 2);
  expect(destroyPreview.stdout).toContain(
    "1 x jobs destroyed or replaced: their run history is lost",
  );
  const digest = /digest (sha256:\w+)/.exec(destroyPreview.stdout)?.[1] ?? "";
  expect(await jobNames()).toEqual(["gone-local", "keep-local"]);
  expectExit(await lakeform(root, ["destroy", "gone-local", "--approve", digest], env), 0);
  expect(await jobNames()).toEqual(["keep-local"]);
  expect(fs.readdirSync(path.join(root, "cdktf.out", "stacks"))).toEqual(["keep-local"]);
  const secondDestroy = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(secondDestroy, 1);
  expect(secondDestroy.stderr).toContain("UNKNOWN_STACK");
});

test("a stack with records in the default folder is found if the remaining ones have other folders", async () => {
  const root = await deployedProject({ ...keptStack, "gone-local": stackOf("gone-local") });
  const recordsElsewhere = { recordFolder: "/Workspace/Shared/records/keep-local" };
  setStacks(root, { "keep-local": { ...keptStack["keep-local"], ...recordsElsewhere } });
  const verify = await lakeform(root, ["verify", "local", "--allow-pending"], env);
  expect(verify.stdout).toContain("to remove its objects: lakeform destroy gone-local");
  expectExit(await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env), 0);
  expect(await jobNames()).toEqual(["keep-local"]);
});

test("a stack with records in another folder is destroyed with --record-folder", async () => {
  const folder = "/Workspace/Shared/elsewhere/gone-local";
  const goneStack = { ...stackOf("gone-local"), recordFolder: folder };
  const root = await deployedProject({ ...keptStack, "gone-local": goneStack });
  setStacks(root, keptStack);
  const destroy = (...options: string[]): Promise<CliResult> =>
    lakeform(root, ["destroy", "gone-local", "--auto-approve", ...options], env);
  const withoutFolder = await destroy();
  expectExit(withoutFolder, 1);
  expect(withoutFolder.stderr).toMatch(
    /UNKNOWN_STACK[\s\S]*there is no deployment record in \/Workspace\/Shared\/\.lakeform\/test\/gone-local; if the stack had another recordFolder: --record-folder FOLDER/,
  );
  expect(withoutFolder.stderr).not.toContain("lakeform destroy gone-local");
  const otherStack = await destroy("--record-folder", `${recordFolder}/keep-local`);
  expectExit(otherStack, 1);
  expectExit(await destroy("--record-folder", `${folder}/`), 0);
  expect(await jobNames()).toEqual(["keep-local"]);
});

test("a destroy of a stack whose environment is not in the code asks for the environment", async () => {
  const root = await deployedProject({ ...keptStack, "gone-local": stackOf("gone-local") });
  setStacks(root, { "etl-prod": { provider: "official", host: "https://prod.example" } });
  const result = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(result, 1);
  expect(result.stderr).toContain("the code has no stack of the same environment");
  expect(result.stderr).not.toContain("lakeform destroy");
});

test("a renamed stack keeps its objects with state migrate --from-stack", () => checkRename({}));

test("an interrupted state migrate --from-stack is continued by the next one", async () => {
  const root = await deployedProject({ "old-local": stackOf("old-local", { job: "etl" }) });
  setStacks(root, { "new-local": stackOf("new-local", { job: "etl" }) });
  const migrate = (): Promise<CliResult> =>
    lakeform(root, ["state", "migrate", "new-local", "--from-stack", "old-local"], env);
  // The state is copied, and the record stays.
  workspace.faults.add({ path: "/api/2.0/workspace/delete", nth: 1, status: 400 });
  expectExit(await migrate(), 1);
  workspace.faults.clear();
  const next = await migrate();
  expectExit(next, 0);
  expect(next.stdout).toContain("new-local now has the state of old-local");
  const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit(deploy, 0);
  expect(deploy.stdout).toContain("new-local: 0 create, 1 update, 0 replace, 0 destroy");
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
  const third = await migrate();
  expectExit(third, 1);
  expect(third.stderr).toContain("new-local has its state and its objects");
});

test("a destroy is rejected if the removed code has prevent_destroy", async () => {
  const lifecycle = { lifecycle: { prevent_destroy: true } };
  const root = await deployedProject({
    ...keptStack,
    "gone-local": stackOf("gone-local", { lifecycle }),
  });
  setStacks(root, keptStack);
  const destroyResult = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(destroyResult, 1);
  expect(destroyResult.stderr).toMatch(/PREVENT_DESTROY[\s\S]*given: {3}databricks_job\.a\n/);
  expect(await jobNames()).toEqual(["gone-local", "keep-local"]);
});

test("a destroy runs no commands and uses no providers of the record, which other users may be able to write", async () => {
  const root = await deployedProject({ ...keptStack, "gone-local": stackOf("gone-local") });
  setStacks(root, keptStack);
  const marker = path.join(root, "ran");
  const call = (route: string, body?: object, query = ""): Promise<Response> =>
    fetch(`${workspace.host}/api/2.0/workspace/${route}${query}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${workspace.token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const recordPath = `${recordFolder}/gone-local/record.json`;
  const exportResponse = await call("export", undefined, `?path=${recordPath}`);
  const exported = (await exportResponse.json()) as { content: string };
  const { seal: _seal, ...record } = JSON.parse(
    Buffer.from(exported.content, "base64").toString("utf8"),
  ) as { seal: string; synthesized: Record<string, unknown> };
  const command = { command: `touch ${marker}` };
  record.synthesized["resource"] = {
    terraform_data: { x: { provisioner: [{ "local-exec": [command] }] } },
  };
  record.synthesized["provider"] = { databricks: [{ host: "https://elsewhere.invalid" }] };
  record.synthesized["data"] = { external: { x: { program: ["touch", marker] } } };
  const { createHash } = await import("node:crypto");
  const seal = createHash("sha256").update(JSON.stringify(record)).digest("hex");
  const content = Buffer.from(JSON.stringify({ ...record, seal })).toString("base64");
  const written = await call("import", {
    path: recordPath,
    format: "AUTO",
    overwrite: true,
    content,
  });
  expect(written.status).toBe(200);
  expectExit(await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env), 0);
  expect(fs.existsSync(marker)).toBe(false);
  expect(await jobNames()).toEqual(["keep-local"]);
});
