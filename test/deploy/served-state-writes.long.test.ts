import fs from "node:fs";
import path from "node:path";
import { parseState, type State } from "../../src/terraform/state-format";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, setStacks } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

const readState = (file: string): State => parseState(fs.readFileSync(file, "utf8"), file);

test("a deploy of 45 objects writes the state fewer than ten times, and deploy and destroy leave no other files", async () => {
  const root = makeProject();
  const names = Array.from({ length: 45 }, (_, i) => `scope-${i}`);
  const scopes = Object.fromEntries(names.map((name) => [name, { name }]));
  const resource = { databricks_secret_scope: scopes };
  setStacks(root, { "etl-local": { environment: "local", resource } });
  const env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  const run = async (...args: string[]): Promise<string> => {
    const result = await lakeform(root, args, env);
    expectExit(result, 0);
    return result.stdout + result.stderr;
  };
  const file = path.join(root, ".lakeform", "state", "etl-local.tfstate");
  await run("deploy", "local", "--auto-approve");
  expect(readState(file).resources).toHaveLength(45);
  // Terraform's local backend would write the state, and raise the serial, for every object.
  expect(readState(file).serial).toBeLessThan(10);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(await run("deploy", "local")).toContain("no changes, Terraform is not needed");
  await run("verify", "local");
  await run("destroy", "local", "--auto-approve");
  expect(readState(file).resources).toEqual([]);
  expect(readState(`${file}.backup`).resources).toHaveLength(45);
  const remainingFiles = fs.readdirSync(root, { recursive: true, encoding: "utf8" });
  expect(remainingFiles.filter((name) => /tfplan|errored|\.lock\.info|\.tmp$/.test(name))).toEqual(
    [],
  );
});
