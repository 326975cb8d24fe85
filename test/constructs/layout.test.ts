import fs from "node:fs";
import path from "node:path";
import * as constructs from "../../constructs";

const root = path.join(__dirname, "..", "..");
const files = (folder: string): string[] =>
  (fs.readdirSync(path.join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(path.sep).join("/"));

/** Classes that users do not create: bases, errors, results of methods, and cdktf's own. */
const notInstantiated = new Set([
  ...[
    "Annotations",
    "App",
    "TerraformResource",
    "Testing",
    "Element",
    "ConstructError",
    "ConstructErrors",
    "ComputeRun",
    "NotebookRun",
    "SelfContainedRun",
  ],
  ...["Task", "ConditionTask", "ConditionOutcome", "JobCluster", "JobEnvironment", "JobParameter"],
  ...["Grants", "CatalogGrants", "SchemaGrants", "VolumeGrants", "Secret", "SecretReference"],
  ...[
    "ConnectionGrants",
    "CredentialGrants",
    "ExternalLocationGrants",
    "RegisteredModelGrants",
    "StorageCredentialGrants",
    "ShareGrants",
    "TableGrants",
  ],
]);

describe("the library's layout", () => {
  test("every construct file has a test with the same stem", () => {
    const tests = new Set(files("test/constructs"));
    const untested = files("constructs").filter(
      (file) => file !== "index.ts" && !tests.has(file.replace(/\.ts$/, ".test.ts")),
    );
    expect(untested).toEqual([]);
  });

  const read = (...parts: string[]): string => fs.readFileSync(path.join(root, ...parts), "utf8");
  const constructFiles = files("constructs").filter((file) =>
    /extends Element/.test(read("constructs", file)),
  );

  test("every construct's test checks the default child", () => {
    const incompleteFiles = constructFiles.filter(
      (file) => !/defaultChild/.test(read("test", "constructs", file.replace(/\.ts$/, ".test.ts"))),
    );
    expect(incompleteFiles).toEqual([]);
  });

  test("every file that reports errors has a test of an error", () => {
    const incompleteFiles = files("constructs")
      .filter((file) => !["index.ts", "core/errors.ts", "checks/rendered.ts"].includes(file))
      .filter((file) =>
        /errorAt\(|new ConstructError\(|\bproblem\("|\breport\(\s*"/.test(read("constructs", file)),
      )
      .filter(
        (file) =>
          !/\breject(?:s|ed)?\b/.test(
            read("test", "constructs", file.replace(/\.ts$/, ".test.ts")),
          ),
      );
    expect(incompleteFiles).toEqual([]);
  });

  test("the gallery uses every class that users instantiate", () => {
    const gallery = files("stacks/gallery")
      .map((file) => read("stacks/gallery", file))
      .join("\n");
    // The gallery is synthesized with the bindings of 1.99.0, too; toolkits.long.test.ts deploys
    // classes that need newer ones.
    const needsNewer = new Set(["AiRuntimeTask", "AlertTask", "PythonOperatorTask"]);
    for (const name of needsNewer)
      expect(read("test", "support", "newer-props.ts")).toContain(`${name}.of(`);
    const unused = Object.entries(constructs)
      .filter(
        ([name, value]) =>
          typeof value === "function" &&
          /^class /.test(Function.prototype.toString.call(value)) &&
          !notInstantiated.has(name),
      )
      .map(([name]) => name)
      .filter((name) => !needsNewer.has(name) && !new RegExp(`\\b${name}\\b`).test(gallery));
    expect(unused).toEqual([]);
  });
});
