import fs from "node:fs";
import path from "node:path";
import { otherStacks } from "../../src/deploy/other-stacks";
import type { DeployTarget } from "../../src/deploy/target";
import { readStackFolder } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

test("the resources of the project's other stacks in the environment are read from their states, and a broken state is reported", async () => {
  const root = makeFolder("other-stacks");
  const writeStack = (name: string, metadata: object, state: string | undefined): void => {
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    const lakeform = {
      version: 1,
      project: "p",
      environment: "prod",
      stack: name,
      provider: "official",
      recordFolder: "/r",
      ...metadata,
    };
    fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ "//": { lakeform } }));
    if (state !== undefined) fs.writeFileSync(path.join(folder, "terraform.tfstate"), state);
  };
  const stateWith = (...resources: object[]): string =>
    JSON.stringify({ version: 4, serial: 1, lineage: "l", resources });
  const resource = (type: string, attributes: object): object => ({
    mode: "managed",
    type,
    name: "a",
    instances: [{ attributes }],
  });
  writeStack("base-prod", {}, stateWith(resource("databricks_directory", { id: "/Shared/own" })));
  const notebook = resource("databricks_notebook", { id: "/Shared/own/n" });
  const library = resource("databricks_library", { id: "pypi:a", cluster_id: "c" });
  writeStack("app-prod", {}, stateWith(notebook, library));
  writeStack(
    "app-dev",
    { environment: "dev" },
    stateWith(resource("databricks_notebook", { id: "/Shared/dev" })),
  );
  writeStack(
    "foreign-prod",
    { project: "q" },
    stateWith(resource("databricks_notebook", { id: "/Shared/foreign" })),
  );
  writeStack("new-prod", {}, undefined);
  writeStack("broken-prod", {}, "{");
  fs.writeFileSync(path.join(root, "manifest.json"), "{}");
  const directory = path.join(root, "base-prod");
  const stack = readStackFolder(directory);
  const target = {
    stack,
    terraform: { directory, env: {}, mirror: undefined },
  } as unknown as DeployTarget;
  const { owned, failed } = await otherStacks([target]);
  expect(owned).toEqual(["databricks_notebook\0/Shared/own/n", "databricks_library\0c|||pypi:a"]);
  expect(failed).toEqual([
    { stack: "broken-prod", reason: expect.stringContaining("not JSON") as string },
  ]);
});
