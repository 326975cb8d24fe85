import fs from "node:fs";
import path from "node:path";
import { partOfPlan } from "../../../src/resources/cut/saved-plan";
import { unzip, zip } from "../../../src/workspace/objects/zip";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

/** The only file of a saved plan, after the plan was reduced to what is kept. */
function reduced(name: string, content: object): unknown {
  const file = path.join(makeFolder("plan"), "tfplan");
  fs.writeFileSync(file, zip(name, Buffer.from(JSON.stringify(content))));
  const [entry, ...more] = unzip(partOfPlan(file, new Set(["databricks_job.a"]))) ?? [];
  expect([entry?.name, more]).toEqual([name, []]);
  return JSON.parse(entry?.content().toString("utf8") ?? "");
}

test.each(["tfstate", "tfstate-prev"])("of %s only the kept resources are shown", (name) => {
  const [a, b] = ["a", "b"].map((of) => ({ mode: "managed", type: "databricks_job", name: of, instances: [] }));
  expect(reduced(name, { version: 4, serial: 3, lineage: "l", outputs: {}, resources: [a, b] })).toEqual({
    version: 4,
    serial: 3,
    lineage: "l",
    outputs: {},
    resources: [a],
  });
});

test("of the configuration only the kept resources are shown, and all else", () => {
  const [job, scope] = [{ a: { name: "a" }, b: { name: "b" } }, { s: { name: "s" } }];
  const rest = { variable: { v: { sensitive: true } }, output: { o: { value: "1" } } };
  const resource = { databricks_job: job, databricks_secret_scope: scope };
  expect(reduced("tfconfig/m-/cdk.tf.json", { ...rest, resource })).toEqual({ ...rest, resource: { databricks_job: { a: job.a } } });
});

test("other files stay as they are", () => {
  expect(reduced("tfconfig/modules.json", { resources: [{ type: "databricks_job", name: "b" }] })).toEqual({
    resources: [{ type: "databricks_job", name: "b" }],
  });
});
