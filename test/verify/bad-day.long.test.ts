/**
 * Verifies objects of every kind while the workspace fails: objects that could not be read are
 * listed, and the others have the same status as without failures.
 */
import { renderReport } from "../../src/verify";
import { addFaults, connectImpatient, openBadDayLab, type BadDayLab } from "./bad-day-lab";
import { check } from "./harness";
import { matrixKinds } from "./matrix/kinds";

let lab: BadDayLab;
beforeAll(async () => {
  lab = await openBadDayLab();
}, 60_000);
afterAll(() => lab.close());

test("if the workspace stops responding at any point, the exit code is 1, unchecked resources are listed, and checked ones keep their results", async () => {
  const { calls, resources } = lab.calmReport;
  const calmStatuses = new Map(resources.map(({ address, status }) => [address, status]));
  for (const share of [0.1, 0.3, 0.5, 0.7, 0.95]) {
    let remainingCalls = Math.floor(calls * share);
    const client = connectImpatient(lab);
    const dropOnLast = <T>(work: () => Promise<T>): Promise<T> => {
      remainingCalls -= 1;
      if (remainingCalls === 0) addFaults(lab, { path: "/api/*", drop: true });
      return work();
    };
    const droppingClient = {
      host: client.host,
      get: (...args: Parameters<typeof client.get>) => dropOnLast(() => client.get(...args)),
      head: (...args: Parameters<typeof client.head>) => dropOnLast(() => client.head(...args)),
      download: (...args: Parameters<typeof client.download>) =>
        dropOnLast(() => client.download(...args)),
    };
    const report = await check({ client: droppingClient }, lab.deployed, {
      deep: true,
      concurrency: 2,
    });
    lab.workspace.faults.clear();
    await client.close();
    expect(report.exitCode).toBe(1);
    expect(report.resources).toHaveLength(matrixKinds.length);
    const changed = report.resources.filter(
      ({ address, status }) => status !== "error" && status !== calmStatuses.get(address),
    );
    expect(changed.map(({ address, status }) => `${address}: ${status}`)).toEqual([]);
    const errors = report.resources.filter(({ status }) => status === "error");
    const listed = report.notChecked.find(({ what }) => what === "resources");
    expect(listed?.count ?? 0).toBe(errors.length);
    expect(errors.length + report.failures.length).toBeGreaterThan(0);
    const text = await renderReport(report, "text");
    for (const { path } of errors) expect(text).toContain(path);
  }
});
