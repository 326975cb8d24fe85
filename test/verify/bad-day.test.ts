/**
 * Verifies objects of every kind while the workspace fails: an unread object is never a match, and
 * a match is never a difference.
 */
import { renderReport, reportFormats, type VerifyReport } from "../../src/verify";
import { addFaults, connectImpatient, openBadDayLab, type BadDayLab } from "./bad-day-lab";
import { check, summary, type CheckOptions } from "./harness";
import { matrixKinds } from "./matrix/kinds";

let lab: BadDayLab;
beforeAll(async () => {
  lab = await openBadDayLab();
}, 60_000);
afterEach(() => lab.workspace.faults.clear());
afterAll(() => lab.close());

const comparable = ({
  milliseconds: _,
  calls: __,
  startedAt: ___,
  ...rest
}: VerifyReport): unknown => rest;

async function verifyImpatiently(options: CheckOptions = {}): Promise<VerifyReport> {
  const client = connectImpatient(lab);
  try {
    return await check({ client }, lab.deployed, options);
  } finally {
    await client.close();
  }
}

test("without failures there is one object of each kind, without differences", () => {
  expect(lab.calmReport.resources).toHaveLength(matrixKinds.length);
  expect(
    lab.calmReport.resources.filter(
      ({ status }) => status !== "match" && status !== "unverifiable",
    ),
  ).toEqual([]);
  expect(lab.calmReport.exitCode).toBe(lab.calmReport.unmanaged.length === 0 ? 0 : 2);
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
])("if one call in five fails with %s, the report is the same", async (_words, fault) => {
  for (const seed of [1, 2]) {
    addFaults(lab, { path: "/api/*", probability: 0.2, seed, ...fault });
    const report = await check(lab, lab.deployed, { deep: true });
    lab.workspace.faults.clear();
    expect(comparable(report)).toEqual(comparable(lab.calmReport));
  }
});

test.each([
  ["403", { status: 403, body: { error_code: "PERMISSION_DENIED", message: "no" } }],
  ["401", { status: 401, body: { error_code: "401", message: "no" } }],
  ["half a response", { truncate: true }],
])(
  "if every call fails with %s, nothing matches, and the exit code is 1",
  async (_words, fault) => {
    addFaults(lab, { path: "/api/*", ...fault });
    for (const deep of [false, true]) {
      const report = await verifyImpatiently({ deep });
      expect(report.exitCode).toBe(1);
      expect(
        report.resources
          .filter(({ status }) => status !== "error")
          .map(({ address, status }) => [address, status]),
      ).toEqual([]);
    }
  },
);

test("objects whose read always fails with a 500 are errors", async () => {
  addFaults(lab, {
    path: "/api/2.0/secrets/scopes/list",
    status: 500,
    body: { error_code: "INTERNAL_ERROR", message: "sorry" },
  });
  const report = await verifyImpatiently({ unmanaged: "none" });
  const errors = report.resources
    .filter(({ status }) => status === "error")
    .map(({ kind }) => kind);
  expect(errors).toEqual(["databricks_secret_scope"]);
  expect(report.exitCode).toBe(1);
});

test("a token in an error message of the workspace is in no report", async () => {
  addFaults(lab, {
    path: "/api/*",
    status: 403,
    body: { error_code: "PERMISSION_DENIED", message: `token ${lab.workspace.token} may not` },
  });
  const report = await verifyImpatiently({ deep: true });
  for (const format of reportFormats)
    expect(await renderReport(report, format)).not.toContain(lab.workspace.token);
  expect(summary(report).length).toBeGreaterThanOrEqual(matrixKinds.length);
});
