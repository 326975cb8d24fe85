import fs from "node:fs";
import path from "node:path";
import { otherStacks } from "../../src/deploy/other-stacks";
import type { DeployTarget } from "../../src/deploy/target";
import { readStackFolder } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

test("the resources of other stacks are read from their states, and a broken state is reported", async () => {
  const root = makeFolder("beside");
  const make = (name: string, more: object, state: string | undefined): void => {
    const folder = path.join(root, name);
    fs.mkdirSync(folder);
    const lakeform = {
      version: 1,
      project: "p",
      environment: "prod",
      stack: name,
      provider: "official",
      recordFolder: "/r",
      ...more,
    };
    fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ "//": { lakeform } }));
    if (state !== undefined) fs.writeFileSync(path.join(folder, "terraform.tfstate"), state);
  };
  const holding = (...resources: object[]): string =>
    JSON.stringify({ version: 4, serial: 1, lineage: "l", resources });
  const one = (type: string, attributes: object): object => ({
    mode: "managed",
    type,
    name: "a",
    instances: [{ attributes }],
  });
  make("base-prod", {}, holding(one("databricks_directory", { id: "/Shared/own" })));
  make("app-prod", {}, holding(one("databricks_notebook", { id: "/Shared/own/n" }), one("databricks_library", { id: "pypi:a", cluster_id: "c" }))); // prettier-ignore
  make(
    "app-dev",
    { environment: "dev" },
    holding(one("databricks_notebook", { id: "/Shared/dev" })),
  );
  make(
    "foreign-prod",
    { project: "q" },
    holding(one("databricks_notebook", { id: "/Shared/foreign" })),
  );
  make("new-prod", {}, undefined);
  make("broken-prod", {}, "{");
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
