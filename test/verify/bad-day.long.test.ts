/**
 * Verifies objects of every kind while the workspace fails: an unread object is never a match, and
 * a match is never a difference.
 */
import { connect } from "../../src/api";
import { renderReport, type VerifyReport } from "../../src/verify";
import type { JsonObject } from "../../src/workspace/errors";
import { check, deployDirect, type Deployed, type Lab } from "./harness";
import { filled } from "./matrix/compute";
import { casesOf, type Config } from "./matrix/kind";
import { matrixKinds } from "./matrix/kinds";
import { fixtureIds, openMatrixLab } from "./matrix/run";

/** Kinds without a changeable field. */
const plainest: Readonly<Record<string, Config>> = {
  databricks_directory: { path: "/Shared/bad-day" },
  databricks_token: { comment: "bad day" },
};

let lab: Lab;
let deployed: Deployed;
let calm: VerifyReport;

beforeAll(async () => {
  lab = await openMatrixLab();
  const resource: Record<string, Record<string, Config>> = {};
  const resources: Deployed["state"]["resources"][number][] = [];
  for (const kind of matrixKinds) {
    const [one] = casesOf(kind);
    const before =
      one === undefined ? (plainest[kind.type] ?? {}) : filled(one.before, await fixtureIds(lab));
    if (one !== undefined) await kind.prepare?.(lab, { ...one, before, after: { ...one.after } });
    resource[kind.type] = { d: before };
    resources.push(...(await deployDirect(lab, { [kind.type]: { d: before } })).state.resources);
  }
  deployed = { stack: { resource }, state: { version: 4, serial: 1, lineage: "lab", resources } };
  calm = await check(lab, deployed, { deep: true });
}, 60_000);
afterEach(() => lab.workspace.faults.clear());
afterAll(() => lab.close());

const arm = (...rules: readonly JsonObject[]): void =>
  rules.forEach((rule) => lab.workspace.faults.add(rule));

test("if the workspace stops responding at any point, the exit code is 1, unchecked resources are listed, and checked ones keep their results", async () => {
  const { calls } = calm;
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.95]) {
    let left = Math.floor(calls * share);
    const client = connect({
      env: {},
      host: lab.workspace.host,
      token: lab.workspace.token,
      retry: { attempts: 2, baseMs: 1, capMs: 2 },
    });
    const dropOnLast = <T>(work: () => Promise<T>): Promise<T> => {
      left -= 1;
      if (left === 0) arm({ path: "/api/*", drop: true });
      return work();
    };
    const leaving = {
      host: client.host,
      get: (...given: Parameters<typeof client.get>) => dropOnLast(() => client.get(...given)),
      head: (...given: Parameters<typeof client.head>) => dropOnLast(() => client.head(...given)),
      download: (...given: Parameters<typeof client.download>) =>
        dropOnLast(() => client.download(...given)),
    };
    const report = await check({ ...lab, client: leaving }, deployed, {
      deep: true,
      concurrency: 2,
    });
    lab.workspace.faults.clear();
    await client.close();
    expect(report.exitCode).toBe(1);
    expect(report.resources).toHaveLength(23);
    const wrong = report.resources.filter(
      ({ status }) => !["match", "unverifiable", "error"].includes(status),
    );
    expect(wrong.map(({ address }) => address)).toEqual([]);
    const errors = report.resources.filter(({ status }) => status === "error");
    const listed = report.notChecked.find(({ what }) => what === "resources");
    expect(listed?.count ?? 0).toBe(errors.length);
    expect(errors.length + report.failures.length).toBeGreaterThan(0);
    const text = await renderReport(report, "text");
    for (const { path } of errors) expect(text).toContain(path);
  }
});
