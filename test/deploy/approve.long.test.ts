import fs from "node:fs";
import path from "node:path";
import { readOtherFiles } from "../../src/review/plan/other-files";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";

const notebook = (name: string, source: string): Record<string, unknown> => ({
  databricks_notebook: {
    n: {
      path: `/Shared/${name}/n`,
      language: "PYTHON",
      content_base64: Buffer.from(source).toString("base64"),
    },
  },
});

describe("a deploy of an approved plan", () => {
  let workspace: RunningWorkspace;
  let env: NodeJS.ProcessEnv;

  // Each test has a folder without a state: in a workspace where another test deployed, that is
  // refused.
  beforeEach(async () => {
    workspace = await startWorkspace();
    env = { LAKEFORM_LOCAL_HOST: workspace.host, LAKEFORM_LOCAL_TOKEN: workspace.token };
  });
  afterEach(() => workspace.close());
  afterAll(removeFolders);

  test("is refused if a command, a lifecycle block or another file that Terraform reads has changed", async () => {
    const stack = (command: string, more: object = {}): Record<string, unknown> => ({
      terraform_data: {
        t: { input: "same", provisioner: [{ "local-exec": { command } }], ...more },
      },
    });
    const root = makeProject({ "etl-local": { resource: stack("echo ok > ran") } });
    const reviewed = await lakeform(
      root,
      ["review", "local", "--quiet", "--out", "review.json"],
      env,
    );
    expectExit(reviewed, 0);
    expect(reviewed.stdout).toContain('runs when the object is created: command = "echo ok > ran"');
    expect(reviewed.stdout).toContain("1 x objects of other providers: not covered by verify");
    const deploy = (): Promise<CliResult> =>
      lakeform(root, ["deploy", "local", "--quiet", "--approve", "review.json"], env);

    const folder = path.join(root, "cdktf.out", "stacks", "etl-local");
    for (const other of [
      stack("echo other > ran"),
      stack("echo ok > ran", { lifecycle: { prevent_destroy: true } }),
    ]) {
      setResource(root, "etl-local", other);
      const refused = await deploy();
      expectExit(refused, 2);
      expect(refused.stderr).toMatch(
        /not approved: terraform_data\.t\.(provisioner\[0\].*echo other|lifecycle.*prevent_destroy)/,
      );
    }
    setResource(root, "etl-local", stack("echo ok > ran"));
    fs.writeFileSync(
      path.join(folder, "x_override.tf"),
      'resource "terraform_data" "t" {\n  provisioner "local-exec" {\n    command = "echo evil > ran"\n  }\n}\n',
    );
    const refused = await deploy();
    expectExit(refused, 2);
    expect(refused.stderr).toContain(
      "file.x_override.tf, read by Terraform, but not part of the synth output",
    );
    expect(fs.existsSync(path.join(folder, "ran"))).toBe(false);
    fs.rmSync(path.join(folder, "x_override.tf"));
    expectExit(await deploy(), 0);
    expect(fs.readFileSync(path.join(folder, "ran"), "utf8")).toBe("ok\n");

    setResource(root, "etl-local", stack("sh ../../../script.sh"));
    fs.writeFileSync(path.join(root, "script.sh"), "echo reviewed");
    const names = (): string[] =>
      readOtherFiles(folder, ".terraform").map(({ name, value }) => `${name} ${String(value)}`);
    expectExit(await lakeform(root, ["synth"]), 0);
    const before = names();
    expect(before).toHaveLength(1);
    expect(before[0]).toMatch(/^file \.\.\/\.\.\/\.\.\/script\.sh sha256:/);
    fs.writeFileSync(path.join(root, "script.sh"), "echo other");
    expect(names()).not.toEqual(before);
  });

  test("does not overwrite a manual edit that the approved review did not show", async () => {
    const edit = async (source: string): Promise<void> => {
      const content = Buffer.from(source).toString("base64");
      const answer = await fetch(`${workspace.host}/api/2.0/workspace/import`, {
        method: "POST",
        headers: { authorization: `Bearer ${workspace.token}` },
        body: JSON.stringify({
          path: "/Shared/edited/n",
          format: "SOURCE",
          language: "PYTHON",
          overwrite: true,
          content,
        }),
      });
      expect(answer.status).toBe(200);
    };
    const root = makeProject({ "etl-local": { resource: notebook("edited", "print('one')\n") } });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
    setResource(root, "etl-local", notebook("edited", "print('two')\n"));
    expectExit(
      await lakeform(root, ["review", "local", "--quiet", "--out", "review.json"], env),
      0,
    );
    await edit("print('by hand')\n");
    const deploy = ["deploy", "local", "--quiet", "--approve", "review.json"];
    const refused = await lakeform(root, deploy, env);
    expectExit(refused, 2);
    expect(refused.stderr).toContain(
      "not approved: overwrites content of databricks_notebook.n, which was changed in the workspace",
    );
    const seen = await lakeform(root, ["review", "local", "--quiet", "--out", "review.json"], env);
    expect(seen.stdout).toContain("changed in the workspace, reverted by this deploy");
    await edit("print('by hand again')\n");
    expectExit(await lakeform(root, deploy, env), 2);
    expectExit(
      await lakeform(root, ["review", "local", "--quiet", "--out", "review.json"], env),
      0,
    );
    expectExit(await lakeform(root, deploy, env), 0);
  });
});
