/**
 * Values that the platform is known to reject are rejected before anything is sent; the error shows
 * their size, not the value.
 */
import fs from "node:fs";
import path from "node:path";
import { refuseOverLimits } from "../../src/deploy/limits";
import { LakeformError } from "../../src/errors";
import { limits, overLimits } from "../../src/resources/families/limits";
import type { Attributes } from "../../src/resources/kind";
import { resourceTypes, schemaOf } from "../../src/resources/shape/schema";
import type { PlanFacts } from "../../src/review/plan/plan";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

test.each(limits.map((limit) => [`${limit.type}.${limit.field}`, limit] as const))(
  "%s is a field of its resource type",
  (_name, { type, field, source }) => {
    expect(resourceTypes()).toContain(type);
    expect(source).not.toBe("");
    let block = schemaOf(type)?.block;
    for (const [index, name] of field.split(".").entries()) {
      const isLast = index === field.split(".").length - 1;
      expect([
        field,
        isLast && block?.attributes[name] !== undefined ? "attribute" : block?.blocks[name],
      ]).not.toEqual([field, undefined]);
      block = block?.blocks[name]?.block;
    }
  },
);

const folder = makeFolder("limits");
fs.writeFileSync(path.join(folder, "big.py"), Buffer.alloc(11 * 1024 * 1024, "x"));
const entries = (count: number): Attributes =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, "x"]));

test.each<readonly [string, string, Attributes, string | undefined]>([
  [
    "1,000 tasks",
    "databricks_job",
    { task: Array.from({ length: 1000 }, (_, index) => ({ task_key: `t${index}` })) },
    undefined,
  ],
  [
    "1,001 tasks",
    "databricks_job",
    { task: Array.from({ length: 1001 }, (_, index) => ({ task_key: `t${index}` })) },
    "task: 1,001 entries, at most 1,000 (Jobs API 2.2: large jobs)",
  ],
  [
    "a name of 4,097 bytes",
    "databricks_job",
    { name: `${"ä".repeat(2048)}x` },
    "name: 4,097 bytes, at most 4,096 (jobs/create)",
  ],
  [
    "a task key of 101 characters",
    "databricks_job",
    { task: [{ task_key: "k".repeat(101) }] },
    "task.task_key: 101 characters, at most 100 (jobs/create)",
  ],
  [
    "46 tags",
    "databricks_cluster",
    { custom_tags: entries(46) },
    "custom_tags: 46 entries, at most 45 (clusters/create)",
  ],
  [
    "a notebook of 11 MB",
    "databricks_notebook",
    { source: "big.py" },
    "source: 11,534,336 bytes of content, at most 10,485,760 (workspace/import)",
  ],
  [
    "a notebook of 11 MB in base64",
    "databricks_notebook",
    { content_base64: Buffer.alloc(11 * 1024 * 1024).toString("base64") },
    "content_base64: 11,534,336 bytes of content, at most 10,485,760 (workspace/import)",
  ],
  ["a missing file", "databricks_notebook", { source: "none.py" }, undefined],
  [
    "a secret that is too large",
    "databricks_secret",
    { string_value: "s".repeat(128 * 1024 + 1) },
    "string_value: 131,073 bytes, at most 131,072 (secrets/put)",
  ],
])("%s is checked against the limit", (_name, type, attributes, line) => {
  expect(overLimits(type, attributes, folder)).toEqual(line === undefined ? [] : [line]);
});

test("a plan above a limit is refused with the addresses, or with their number if there are many; unchanged and removed resources are not checked", () => {
  const name = "n".repeat(5000);
  const change = (address: string, actions: string[]): object => ({
    type: "databricks_job",
    address,
    actions,
    after: { name },
  });
  const refusal = (changes: readonly object[]): LakeformError | undefined => {
    try {
      refuseOverLimits({ name: "etl-dev", directory: folder }, { changes } as unknown as PlanFacts);
      return undefined;
    } catch (error) {
      return error as LakeformError;
    }
  };
  expect(
    refusal([change("databricks_job.a", ["no-op"]), change("databricks_job.b", ["delete"])]),
  ).toBeUndefined();
  const error = refusal([change("databricks_job.a", ["update"])]);
  expect(error).toMatchObject({ code: "OVER_LIMIT", details: { path: "etl-dev" } });
  expect(error?.message).toContain("databricks_job.a: name: 5,000 bytes, at most 4,096");
  expect(error?.message).not.toContain("nnn");
  expect(
    refusal(
      Array.from({ length: 30 }, (_, index) => change(`databricks_job.j${index}`, ["create"])),
    )?.message,
  ).toContain("and 10 more");
});
