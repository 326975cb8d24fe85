/**
 * Verifies objects of every kind while the workspace fails: an unread object is never a match, and
 * a match is never a difference.
 */
import { connect } from "../../src/api";
import { renderReport, reportFormats, type VerifyReport } from "../../src/verify";
import type { JsonObject } from "../../src/workspace/errors";
import {
  check,
  deployDirect,
  summary,
  type CheckOptions,
  type Deployed,
  type Lab,
} from "./harness";
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
const comparable = ({
  milliseconds: _,
  calls: __,
  startedAt: ___,
  ...rest
}: VerifyReport): unknown => rest;

/** Verifies with a client that makes few retries. */
async function impatient(options: CheckOptions = {}): Promise<VerifyReport> {
  const client = connect({
    env: {},
    host: lab.workspace.host,
    token: lab.workspace.token,
    retry: { attempts: 2, baseMs: 1, capMs: 2 },
  });
  try {
    return await check({ ...lab, client }, deployed, options);
  } finally {
    await client.close();
  }
}

test("without failures there is one object of each kind, without differences", () => {
  expect(calm.resources).toHaveLength(23);
  expect(
    calm.resources.filter(({ status }) => status !== "match" && status !== "unverifiable"),
  ).toEqual([]);
  expect(calm.exitCode).toBe(calm.unmanaged.length === 0 ? 0 : 2);
});

test.each([
  ["500", { status: 500, body: { error_code: "INTERNAL_ERROR", message: "sorry" } }],
  ["503", { status: 503, body: { error_code: "TEMPORARILY_UNAVAILABLE", message: "later" } }],
  [
    "429",
    {
      status: 429,
      retry_after: 0,
      body: { error_code: "REQUEST_LIMIT_EXCEEDED", message: "slow" },
    },
  ],
  ["a dropped connection", { drop: true }],
  ["half a response", { truncate: true }],
])("if one call in five fails with %s, the report is the same", async (_words, how) => {
  for (const seed of [1, 2]) {
    arm({ path: "/api/*", probability: 0.2, seed, ...how });
    const report = await check(lab, deployed, { deep: true });
    lab.workspace.faults.clear();
    expect(comparable(report)).toEqual(comparable(calm));
  }
});

test.each([
  ["403", { status: 403, body: { error_code: "PERMISSION_DENIED", message: "no" } }],
  ["401", { status: 401, body: { error_code: "401", message: "no" } }],
  ["half a response", { truncate: true }],
])("if every call fails with %s, nothing matches, and the exit code is 1", async (_words, how) => {
  arm({ path: "/api/*", ...how });
  for (const deep of [false, true]) {
    const report = await impatient({ deep });
    expect(report.exitCode).toBe(1);
    expect(
      report.resources
        .filter(({ status }) => status !== "error")
        .map(({ address, status }) => [address, status]),
    ).toEqual([]);
  }
});

test("a permanent 500 is reported as an error", async () => {
  arm({
    path: "/api/2.0/secrets/scopes/list",
    status: 500,
    body: { error_code: "INTERNAL_ERROR", message: "sorry" },
  });
  const report = await impatient({ unmanaged: "none" });
  const errors = report.resources
    .filter(({ status }) => status === "error")
    .map(({ kind }) => kind);
  expect(errors).toEqual(["databricks_secret_scope"]);
  expect(report.exitCode).toBe(1);
});

test("an inaccessible token or path is in no report", async () => {
  arm({
    path: "/api/*",
    status: 403,
    body: { error_code: "PERMISSION_DENIED", message: `token ${lab.workspace.token} may not` },
  });
  const report = await impatient({ deep: true });
  for (const format of reportFormats)
    expect(await renderReport(report, format)).not.toContain(lab.workspace.token);
  expect(summary(report).length).toBeGreaterThan(22);
});
