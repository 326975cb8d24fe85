import fs from "node:fs";
import path from "node:path";
import { readOtherFiles } from "../../src/review/plan/other-files";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, setResource } from "../support/project";
import { env, notebook, useWorkspacePerTest, workspace } from "./approve-lab";

const stack = (command: string, fields: object = {}): Record<string, unknown> => ({
  terraform_data: {
    t: { input: "same", provisioner: [{ "local-exec": { command } }], ...fields },
  },
});

describe("a deploy of an approved plan", () => {
  useWorkspacePerTest();

  test("is rejected if a command, a lifecycle block or another file that Terraform reads has changed", async () => {
    const root = makeProject({ "etl-local": { resource: stack("echo ok > ran") } });
    const reviewResult = await lakeform(
      root,
      ["review", "local", "--quiet", "--out", "review.json"],
      env,
    );
    expectExit(reviewResult, 0);
    expect(reviewResult.stdout).toContain(
      'runs when the object is created: command = "echo ok > ran"',
    );
    expect(reviewResult.stdout).toContain("1 x objects of other providers: not covered by verify");
    const deploy = (): Promise<CliResult> =>
      lakeform(root, ["deploy", "local", "--quiet", "--approve", "review.json"], env);

    const folder = path.join(root, "cdktf.out", "stacks", "etl-local");
    for (const changedStack of [
      stack("echo other > ran"),
      stack("echo ok > ran", { lifecycle: { prevent_destroy: true } }),
    ]) {
      setResource(root, "etl-local", changedStack);
      const deployResult = await deploy();
      expectExit(deployResult, 2);
      expect(deployResult.stderr).toMatch(
        /not approved: terraform_data\.t\.(provisioner\[0\].*echo other|lifecycle.*prevent_destroy)/,
      );
    }
    setResource(root, "etl-local", stack("echo ok > ran"));
    fs.writeFileSync(
      path.join(folder, "x_override.tf"),
      'resource "terraform_data" "t" {\n  provisioner "local-exec" {\n    command = "echo evil > ran"\n  }\n}\n',
    );
    const deployResult = await deploy();
    expectExit(deployResult, 2);
    expect(deployResult.stderr).toContain(
      "file.x_override.tf, read by Terraform, but not part of the synth output",
    );
    expect(fs.existsSync(path.join(folder, "ran"))).toBe(false);
    fs.rmSync(path.join(folder, "x_override.tf"));
    expectExit(await deploy(), 0);
    expect(fs.readFileSync(path.join(folder, "ran"), "utf8")).toBe("ok\n");
  });

  test("covers the content of a script that a command runs", async () => {
    const root = makeProject({ "etl-local": { resource: stack("sh ../../../script.sh") } });
    const folder = path.join(root, "cdktf.out", "stacks", "etl-local");
    fs.writeFileSync(path.join(root, "script.sh"), "echo reviewed");
    const readFileHashes = (): string[] =>
      readOtherFiles(folder, ".terraform").map(({ name, value }) => `${name} ${String(value)}`);
    expectExit(await lakeform(root, ["synth"]), 0);
    const hashesBefore = readFileHashes();
    expect(hashesBefore).toHaveLength(1);
    expect(hashesBefore[0]).toMatch(/^file \.\.\/\.\.\/\.\.\/script\.sh sha256:/);
    fs.writeFileSync(path.join(root, "script.sh"), "echo other");
    expect(readFileHashes()).not.toEqual(hashesBefore);
  });

  test("does not overwrite a manual edit that the approved review did not show", async () => {
    const editNotebook = async (source: string): Promise<void> => {
      const content = Buffer.from(source).toString("base64");
      const response = await fetch(`${workspace.host}/api/2.0/workspace/import`, {
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
      expect(response.status).toBe(200);
    };
    const root = makeProject({ "etl-local": { resource: notebook("edited", "print('one')\n") } });
    expectExit(await lakeform(root, ["deploy", "local", "--quiet", "--auto-approve"], env), 0);
    setResource(root, "etl-local", notebook("edited", "print('two')\n"));
    expectExit(
      await lakeform(root, ["review", "local", "--quiet", "--out", "review.json"], env),
      0,
    );
    await editNotebook("print('by hand')\n");
    const deployArgs = ["deploy", "local", "--quiet", "--approve", "review.json"];
    const deployResult = await lakeform(root, deployArgs, env);
    expectExit(deployResult, 2);
    expect(deployResult.stderr).toContain(
      "not approved: overwrites content of databricks_notebook.n, which was changed in the workspace",
    );
    const secondReview = await lakeform(
      root,
      ["review", "local", "--quiet", "--out", "review.json"],
      env,
    );
    expect(secondReview.stdout).toContain("changed in the workspace, reverted by this deploy");
    await editNotebook("print('by hand again')\n");
    expectExit(await lakeform(root, deployArgs, env), 2);
    expectExit(
      await lakeform(root, ["review", "local", "--quiet", "--out", "review.json"], env),
      0,
    );
    expectExit(await lakeform(root, deployArgs, env), 0);
  });
});
