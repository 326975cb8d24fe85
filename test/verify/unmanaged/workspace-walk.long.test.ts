import { findKind, kinds } from "../../../src/resources";
import { kindsNotListed } from "../../../src/verify/unmanaged/kinds-not-listed";
import { everyKind, prepare } from "../../support/every-kind";
import { moreKinds, prepareMore } from "../../support/more-kinds";
import type { JsonObject } from "../../support/replay-format";
import { check, deployDirect, openLab, type Deployed, type Lab, type Resources } from "../harness";

const resources: Resources = {
  databricks_directory: { folder: { path: "/Shared/etl" } },
  databricks_notebook: {
    ingest: {
      path: "/Shared/ours/ingest",
      content_base64: Buffer.from("1").toString("base64"),
      language: "PYTHON",
    },
  },
  databricks_dbfs_file: { sample: { path: "/tmp/ours.json", content_base64: "e30=" } },
  databricks_secret_scope: { scope: { name: "etl" } },
};
let lab: Lab;
let deployed: Deployed;

beforeEach(async () => {
  lab = await openLab();
  const { client } = lab;
  await client.post("/api/2.0/workspace/mkdirs", { path: "/Shared/ours" });
  deployed = await deployDirect(lab, resources);
});
afterEach(() => lab.close());

test("--unmanaged all finds an object of each kind that is not in a state, or lists its kind as not searched, with the reason", async () => {
  const { client } = lab;
  const call = async (method: string, path: string, body?: unknown): Promise<JsonObject> =>
    (
      await client.exchange({
        method: method as "GET",
        path,
        ...(body === undefined ? {} : { body }),
      })
    ).body as JsonObject;
  const prerequisites = await prepare({ call });
  const samples = [...everyKind(prerequisites), ...moreKinds(await prepareMore({ call }))];
  for (const { type, config } of samples) await deployDirect(lab, { [type]: { one: config } });
  const report = await check(lab, deployed, { unmanaged: "all" });
  const foundKinds = new Set(report.unmanaged.map(({ kind }) => kind));
  const notChecked: readonly string[] = report.notChecked.map(({ what }) => what);
  expect(kindsNotListed.filter(({ what }) => !notChecked.includes(what))).toEqual([]);
  const excluded = new Set(kindsNotListed.flatMap(({ types }) => types));
  expect(
    kinds.map(({ type }) => type).filter((type) => !foundKinds.has(type) && !excluded.has(type)),
  ).toEqual([]);
  expect(
    [...excluded].filter((type) => foundKinds.has(type) || findKind(type) === undefined),
  ).toEqual([]);
});

test("verify needs one call for each hundred unchanged jobs, and at most 20 others", async () => {
  const jobs = Object.fromEntries(
    Array.from({ length: 220 }, (_, index) => [
      `j${index}`,
      {
        name: `j${index}`,
        task: [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }],
      },
    ]),
  );
  const many = await deployDirect(lab, { databricks_job: jobs });
  const report = await check(lab, many);
  expect(report.counts.match).toBe(220);
  expect(report.calls).toBeLessThanOrEqual(220 / 100 + 20);
});
