/**
 * A deploy records the versions of the objects that match the code, so that the next verification
 * reads only those that have changed since.
 */
import { connect } from "../../src/api";
import { expectExit, lakeform } from "../support/cli";
import { makeHome, makeProject, removeFolders, setResource } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
afterAll(removeFolders);

const stackName = "versions-local";
let root: string;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const notebooksOf = (...names: readonly string[]): Record<string, object> =>
  Object.fromEntries(
    names.map((name) => [
      name,
      { path: `/Shared/versions/${name}`, language: "PYTHON", content_base64: base64(name) },
    ]),
  );

/** Returns the exit code and the number of contents that the command read. */
async function countContentReads(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly [code: number, reads: number]> {
  // A fault rule that never applies counts the calls.
  const path = "/api/2.0/workspace/export";
  workspace.faults.add({ id: "export", method: "GET", path, nth: 1_000_000_000, status: 500 });
  const { code, stderr } = await lakeform(root, command, env);
  const reads = workspace.faults.list().find(({ id }) => id === "export")?.seen ?? 0;
  workspace.faults.clear();
  if (code !== 0 && code !== 2) throw new Error(stderr);
  return [code, reads];
}

test("verify reads only content that has changed since the deploy", async () => {
  const folder = { path: "/Shared/versions" };
  root = makeProject({
    [stackName]: {
      resource: { databricks_directory: { folder }, databricks_notebook: notebooksOf("a", "b") },
    },
  });
  const env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    HOME: makeHome(),
  };
  const deploy = ["deploy", "local", "--auto-approve"];
  expectExit(await lakeform(root, deploy, env), 0);
  // --deep reads both notebooks. The other exports are those of the deployment record.
  const recordReads = (await countContentReads(["verify", "local", "--deep"], env))[1] - 2;
  expect(await countContentReads(["verify", "local"], env)).toEqual([0, recordReads]);

  // A new notebook does not change the versions of the others.
  setResource(root, stackName, {
    databricks_directory: { folder },
    databricks_notebook: notebooksOf("a", "b", "c"),
  });
  expectExit(await lakeform(root, deploy, env), 0);
  expect(await countContentReads(["verify", "local"], env)).toEqual([0, recordReads]);

  await editNotebook("changed");
  expect((await countContentReads(["verify", "local"], env))[0]).toBe(2);
  // The content is the same again, but its version differs.
  await editNotebook("a");
  expect(await countContentReads(["verify", "local"], env)).toEqual([0, recordReads + 1]);
});

/** Changes the first notebook in the workspace. */
async function editNotebook(content: string): Promise<void> {
  const client = connect({ env: {}, host: workspace.host, token: workspace.token });
  const notebook = { path: "/Shared/versions/a", language: "PYTHON", overwrite: true };
  await client.post("/api/2.0/workspace/import", { ...notebook, content: base64(content) });
  await client.close();
}
