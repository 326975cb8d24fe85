/** Stacks that are deployed but no longer in the code: verify reports them, destroy removes them. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform } from "../support/cli";
import { readSchema, schemaProblems } from "../support/json-schema";
import { makeHome, makeProject, removeFolders, setStacks } from "../support/project";

let workspace: RunningWorkspace;
let home: string;
let env: NodeJS.ProcessEnv;
beforeAll(() => (home = makeHome()));
beforeEach(async () => {
  workspace = await startWorkspace();
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: home,
  };
});
afterEach(() => workspace.close());
afterAll(removeFolders);

const records = "/Workspace/Shared/.lakeform/test";
const inWorkspace = { profileSettings: { backend: "workspace" } };

/** A stack with one job and one notebook. */
function stack(name: string, { job = name, more = {}, lifecycle = {}, backend = {} } = {}): object {
  return {
    resource: {
      databricks_job: {
        a: {
          name: job,
          tags: { lakeform: `test/${name}` },
          task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
          ...lifecycle,
        },
      },
      databricks_notebook: {
        n: { path: `/Shared/${job}`, language: "PYTHON", content_base64: "cHJpbnQoMSk=" },
      },
      ...more,
    },
    ...("http" in backend && {
      ...inWorkspace,
      terraform: {
        required_providers: { databricks: { source: "databricks/databricks", version: "1.99.0" } },
        backend: { http: { username: name } },
      },
    }),
  };
}

async function deployed(
  stacks: Record<string, object>,
  root = makeProject(stacks),
): Promise<string> {
  setStacks(root, stacks);
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve"], env), 0);
  return root;
}

const names = async (): Promise<string[]> => {
  const answer = await fetch(`${workspace.host}/api/2.2/jobs/list`, {
    headers: { authorization: `Bearer ${workspace.token}` },
  });
  const { jobs = [] } = (await answer.json()) as { jobs?: { settings: { name: string } }[] };
  return jobs.map(({ settings }) => settings.name).sort();
};

const keep = { "keep-local": stack("keep-local") };

function git(root: string, ...words: string[]): string {
  const author = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
  return execFileSync("git", [...author, ...words], { cwd: root, encoding: "utf8" }).trim();
}

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

test.each(["local", "workspace"])(
  "a renamed stack keeps its objects with state migrate --from-stack (%s backend)",
  async (kind) => {
    const backend = kind === "workspace" ? { http: {} } : {};
    const root = await deployed({ "old-local": stack("old-local", { job: "etl", backend }) });
    const ids = async (): Promise<unknown> =>
      (await lakeform(root, ["api", "GET", "2.2/jobs/list", "--environment", "local"], env)).stdout;
    const before = /"job_id": ?(\d+)/.exec(String(await ids()))?.[1];
    setStacks(root, { "new-local": stack("new-local", { job: "etl", backend }) });
    const moved = await lakeform(root, ["state", "migrate", "new-local", "--from-stack", "old-local"], env); // prettier-ignore
    expectExit(moved, 0);
    const deploy = await lakeform(root, ["deploy", "local", "--auto-approve"], env);
    expectExit(deploy, 0);
    expect(deploy.stdout).toContain("new-local: 0 create, 1 update, 0 replace, 0 destroy");
    expect(/"job_id": ?(\d+)/.exec(String(await ids()))?.[1]).toBe(before);
    expectExit(await lakeform(root, ["verify", "local"], env), 0);
  },
);

test("objects that a renamed stack has taken over stay; a second state is not replaced", async () => {
  const root = await deployed({ "old-local": stack("old-local", { job: "etl" }) });
  await deployed({ "new-local": stack("new-local", { job: "etl" }) }, root);
  expect(await names()).toEqual(["etl", "etl"]);
  const late = await lakeform(root, ["state", "migrate", "new-local", "--from-stack", "old-local"], env); // prettier-ignore
  expectExit(late, 1);
  expect(late.stderr).toContain("OTHER_STATE");
  const destroyed = await lakeform(root, ["destroy", "old-local", "--auto-approve"], env);
  expectExit(destroyed, 0);
  expect(destroyed.stdout).toContain("x forget notebook /Shared/etl");
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 0);
  expect(await names()).toEqual(["etl"]);
});

test("without its state, a removed stack is found and destroyed by its record", async () => {
  const policy = { p: { name: "gone", definition: "{}" } };
  const more = { databricks_cluster_policy: policy };
  const root = await deployed({ ...keep, "gone-local": stack("gone-local", { more }) });
  setStacks(root, keep);
  fs.rmSync(path.join(root, ".lakeform", "state", "gone-local.tfstate"));
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 2);
  expect(verified.stdout).toContain("3 of its objects still exist");
  expect(verified.stdout).toContain("note: there is no state here: found by name");
  const refused = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(refused, 2);
  expect(refused.stderr).toContain("REMOVED_WITHOUT_STATE");
  expect(refused.stderr).toContain("lakeform destroy gone-local --by-record");
  const words = ["destroy", "gone-local", "--by-record", "--auto-approve"];
  const destroyed = await lakeform(root, words, env);
  expectExit(destroyed, 0);
  expect(destroyed.stdout).toContain("destroy job gone-local");
  expect(await names()).toEqual(["keep-local"]);
  expectExit(await lakeform(root, ["verify", "local"], env), 0);
});

test("prevent_destroy of the removed code is respected", async () => {
  const lifecycle = { lifecycle: { prevent_destroy: true } };
  const root = await deployed({ ...keep, "gone-local": stack("gone-local", { lifecycle }) });
  setStacks(root, keep);
  const refused = await lakeform(root, ["destroy", "gone-local", "--auto-approve"], env);
  expectExit(refused, 1);
  expect(refused.stderr).toMatch(/PREVENT_DESTROY[\s\S]*given: {3}databricks_job\.a\n/);
  expect(await names()).toEqual(["gone-local", "keep-local"]);
});

test("the stack of another branch is named as such; other projects and environments are not reported", async () => {
  const root = makeProject(keep);
  fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "main");
  git(root, "checkout", "-qb", "feature");
  setStacks(root, { ...keep, "extra-local": stack("extra-local") });
  git(root, "commit", "-qam", "feature");
  const commit = git(root, "rev-parse", "HEAD").slice(0, 12);
  await deployed({ ...keep, "extra-local": stack("extra-local") }, root);
  const dev = { ...stack("other-dev"), environment: "dev" };
  const devEnv = { ...env, LAKEFORM_DEV_HOST: workspace.host, LAKEFORM_DEV_TOKEN: workspace.token };
  setStacks(root, { ...keep, "other-dev": dev });
  expectExit(await lakeform(root, ["deploy", "dev", "--auto-approve"], devEnv), 0);
  git(root, "checkout", "-qf", "main");
  const verified = await lakeform(root, ["verify", "local"], env);
  expectExit(verified, 2);
  expect(verified.stdout).toContain(
    `from ${commit}, which is not in the history of this checkout: another branch or newer code may have this stack; remove them: lakeform destroy extra-local`,
  );
  expect(verified.stdout).not.toContain("other-dev");
  const rule = "- { path: extra-local, kind: stack, reason: demo, expires: '2999-01-01' }\n";
  fs.writeFileSync(path.join(root, "ignore.yaml"), rule);
  expectExit(await lakeform(root, ["verify", "local", "--ignore-file", "ignore.yaml"], env), 0);
  // The same folder with the record of another project.
  const file = path.join(root, "stacks.json");
  fs.writeFileSync(
    file,
    fs.readFileSync(file, "utf8").replace('"project":"test"', '"project":"b"'),
  );
  const other = await lakeform(root, ["verify", "local"], env);
  expect(other.stdout).not.toContain("extra-local");
});

test("a removed stack closes the gate of a promotion", async () => {
  const other = await startWorkspace();
  try {
    const stacks = { ...keep, "keep-dev": { ...stack("keep-dev"), environment: "dev" } };
    const root = await deployed({ ...stacks, "gone-local": stack("gone-local") });
    setStacks(root, stacks);
    fs.writeFileSync(path.join(root, ".gitignore"), "cdktf.out\n.lakeform\n");
    git(root, "init", "-q", "-b", "main");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "main");
    const both = { ...env, LAKEFORM_DEV_HOST: other.host, LAKEFORM_DEV_TOKEN: other.token };
    const promoted = await lakeform(root, ["promote", "local", "dev", "--auto-approve"], both);
    expectExit(promoted, 2);
    expect(promoted.stdout).toContain("✗ verified: local matches its code (failed)");
    expect(promoted.stdout).toContain(
      "gone-local: not in the code, but 2 of its objects still exist",
    );
    expect(promoted.stdout).toContain("to open it: lakeform verify local --deep shows it, with the command for each"); // prettier-ignore
  } finally {
    await other.close();
  }
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
