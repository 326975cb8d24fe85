/** Stacks that are deployed but no longer in the code: verify reports them, destroy removes them. */
import fs from "node:fs";
import path from "node:path";
import { expectExit, lakeform } from "../support/cli";
import { readSchema, schemaProblems } from "../support/json-schema";
import { setStacks } from "../support/project";
import {
  deployed,
  env,
  keep,
  names,
  records,
  renameStack,
  stack,
  useWorkspacePerTest,
  workspace,
} from "./removed-stacks-lab";

useWorkspacePerTest();

test("verify of an environment reports a removed stack in all formats, for one more call", async () => {
  const root = await deployed(keep);
  workspace.faults.add({ id: "n", method: "GET", path: "/api/*", nth: 1e9, status: 500 });
  const seen = (): number => workspace.faults.list()[0]?.seen ?? 0;
  const calls = async (word: string): Promise<number> => {
    const before = seen();
    expectExit(await lakeform(root, ["verify", word], env), 0);
    return seen() - before;
  };
  const named = await calls("keep-local");
  expect((await calls("local")) - named).toBe(1);
  await deployed({ ...keep, "gone-local": stack("gone-local") }, root);
  setStacks(root, keep);
  const files = ["md", "html", "sarif", "xml", "json", "txt"];
  const outs = files.flatMap((extension) => ["--out", `r.${extension}`]);
  expectExit(await lakeform(root, ["verify", "local", ...outs], env), 2);
  expectExit(await lakeform(root, ["verify", "local", "--allow-pending"], env), 0);
  const read = (extension: string): string =>
    fs.readFileSync(path.join(root, `r.${extension}`), "utf8");
  expect(read("txt")).toMatch(/gone-local {2}\(stack\)\n {4}not in the code, but 2 of its objects still exist \(job gone-local, notebook \/Shared\/gone-local\); deployed \S+ by \S+, without a commit; remove them: lakeform destroy gone-local/); // prettier-ignore
  expect(read("txt")).toContain("the workspace has stacks that the code does not have: 1 pending");
  for (const extension of files) expect(read(extension)).toContain("lakeform destroy gone-local");
  const report = JSON.parse(read("json")) as { resources: { kind: string; objects?: unknown }[] };
  expect(schemaProblems(report, readSchema("docs/schemas/verify-report.schema.json"))).toEqual([]);
  expect(report.resources.find(({ kind }) => kind === "stack")?.objects).toMatchObject([
    { kind: "databricks_job", name: "gone-local" },
    { kind: "databricks_notebook", id: "/Shared/gone-local" },
  ]);
  expect(read("xml")).toContain('<testsuite name="lakeform verify gone-local" tests="1" failures="1"'); // prettier-ignore

  expectExit(await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env), 0);
  // One list of the records' folder, and one of the history that a destroyed stack leaves.
  expect((await calls("local")) - named).toBe(2);
});

test("review and deploy note a removed stack and leave it; a destroy needs an approval", async () => {
  const root = await deployed({ ...keep, "gone-local": stack("gone-local") });
  setStacks(root, keep);
  const review = await lakeform(root, ["review", "local"], env);
  expectExit(review, 0);
  expect(review.stdout).toContain("note: gone-local is not in the code, but its objects may still exist"); // prettier-ignore
  const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
  expectExit(deploy, 0);
  expect(deploy.stdout).toContain("still deployed, but not in the code: gone-local");
  const shown = await lakeform(root, ["destroy", "gone-local"], env);
  expectExit(shown, 2);
  expect(shown.stdout).toContain("1 x jobs destroyed or replaced: their run history is lost");
  const digest = /digest (sha256:\w+)/.exec(shown.stdout)?.[1] ?? "";
  expect(await names()).toEqual(["gone-local", "keep-local"]);
  expectExit(await lakeform(root, ["destroy", "gone-local", "--approve", digest], env), 0);
  expect(await names()).toEqual(["keep-local"]);
  expect(fs.readdirSync(path.join(root, "cdktf.out", "stacks"))).toEqual(["keep-local"]);
  const again = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(again, 1);
  expect(again.stderr).toContain("UNKNOWN_STACK");
});

test("a renamed stack keeps its objects with state migrate --from-stack", () => renameStack({}));

test("prevent_destroy of the removed code is respected", async () => {
  const lifecycle = { lifecycle: { prevent_destroy: true } };
  const root = await deployed({ ...keep, "gone-local": stack("gone-local", { lifecycle }) });
  setStacks(root, keep);
  const refused = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(refused, 1);
  expect(refused.stderr).toMatch(/PREVENT_DESTROY[\s\S]*given: {3}databricks_job\.a\n/);
  expect(await names()).toEqual(["gone-local", "keep-local"]);
});

test("commands and providers in a record are not used: others may be able to write it", async () => {
  const root = await deployed({ ...keep, "gone-local": stack("gone-local") });
  setStacks(root, keep);
  const marker = path.join(root, "ran");
  const call = (route: string, body?: object, query = ""): Promise<Response> =>
    fetch(`${workspace.host}/api/2.0/workspace/${route}${query}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${workspace.token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const at = `${records}/gone-local/record.json`;
  const exported = (await (await call("export", undefined, `?path=${at}`)).json()) as { content: string }; // prettier-ignore
  const { seal: _seal, ...record } = JSON.parse(
    Buffer.from(exported.content, "base64").toString("utf8"),
  ) as { seal: string; synthesized: Record<string, unknown> };
  const command = { command: `touch ${marker}` };
  record.synthesized["resource"] = { terraform_data: { x: { provisioner: [{ "local-exec": [command] }] } } }; // prettier-ignore
  record.synthesized["provider"] = { databricks: [{ host: "https://elsewhere.invalid" }] };
  record.synthesized["data"] = { external: { x: { program: ["touch", marker] } } };
  const { createHash } = await import("node:crypto");
  const seal = createHash("sha256").update(JSON.stringify(record)).digest("hex");
  const content = Buffer.from(JSON.stringify({ ...record, seal })).toString("base64");
  expect((await call("import", { path: at, format: "AUTO", overwrite: true, content })).status).toBe(200); // prettier-ignore
  expectExit(await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env), 0);
  expect(fs.existsSync(marker)).toBe(false);
  expect(await names()).toEqual(["keep-local"]);
});
