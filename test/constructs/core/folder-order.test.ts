import { Content, Directory, Notebook, type TerraformResource } from "../../../constructs";
import { synth, type Json } from "../support";

const content = Content.text("print(1)\n");
const resources = (json: Json): Record<string, Record<string, Json>> =>
  json.resource as Record<string, Record<string, Json>>;

test("an object in a folder of the stack depends on the nearest one, in any order of creation", () => {
  const { json } = synth((stack) => {
    new Notebook(stack, "deep", { path: "/Shared/etl/sub/load", content, language: "PYTHON" });
    new Notebook(stack, "sibling", { path: "/Shared/etl2", content, language: "PYTHON" });
    new Directory(stack, "sub", { path: "/Shared/etl/sub" });
    new Directory(stack, "folder", { path: "/Shared/etl" });
  });
  const bodiesByType = resources(json);
  const dependsOn = (type: string, name: string): unknown =>
    Object.entries(bodiesByType[type] ?? {}).find(([key]) => key.startsWith(name))?.[1].depends_on;
  const address = (name: string): string =>
    Object.keys(bodiesByType.databricks_directory ?? {}).find((key) => key.startsWith(name)) ?? "";
  expect(dependsOn("databricks_notebook", "deep")).toEqual([
    `databricks_directory.${address("sub")}`,
  ]);
  expect(dependsOn("databricks_directory", "sub")).toEqual([
    `databricks_directory.${address("folder")}`,
  ]);
  expect(dependsOn("databricks_notebook", "sibling")).toBeUndefined();
});

test("a folder that depends on an object inside it does not cause a cycle", () => {
  const { json } = synth((stack) => {
    const notebook = new Notebook(stack, "load", {
      path: "/Shared/etl/load",
      content,
      language: "PYTHON",
    });
    new Directory(stack, "folder", { path: "/Shared/etl" }).dependOn(notebook);
  });
  expect(Object.values(resources(json).databricks_notebook ?? {})[0]?.depends_on).toBeUndefined();
});

test("an object depends on its folder although it uses a resource whose address starts like the folder's", () => {
  const { json } = synth((stack) => {
    const folder = new Directory(stack, "folder", { path: "/Shared/etl" });
    const archive = new Directory(stack, "archive", { path: "/Shared/archive" });
    (folder.node.defaultChild as TerraformResource).overrideLogicalId("etl");
    (archive.node.defaultChild as TerraformResource).overrideLogicalId("etl_archive");
    new Notebook(stack, "load", {
      path: "/Shared/etl/load",
      content,
      language: "PYTHON",
    }).dependOn(archive);
  });
  expect(Object.values(resources(json).databricks_notebook ?? {})[0]?.depends_on).toEqual([
    "databricks_directory.etl_archive",
    "databricks_directory.etl",
  ]);
});
