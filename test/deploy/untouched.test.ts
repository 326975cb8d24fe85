/** Results that the verification after a deploy reuses from the verification before the deploy. */
import { resultsStillValid } from "../../src/deploy/untouched";
import type { Review } from "../../src/review";
import type { Action } from "../../src/review/model";
import type { StackJson } from "../../src/terraform/stack";
import type { RawReport } from "../../src/verify/model";
import {
  check,
  checkFully,
  deployDirect,
  openLab,
  type Lab,
  type Resources,
} from "../verify/harness";

const notebook = (name: string): Record<string, unknown> => ({
  path: `/Shared/${name}`,
  language: "PYTHON",
  content_base64: "cHJpbnQoMSk=",
});
const resources: Resources = {
  databricks_notebook: { a: notebook("a"), b: notebook("b"), c: notebook("c") },
  databricks_secret_scope: { s: { name: "s" } },
  databricks_secret_acl: {
    acl: { scope: "${databricks_secret_scope.s.name}", principal: "users", permission: "READ" },
  },
};
const reviewOf = (changes: Readonly<Record<string, Action>>, stacks = ["lab-local"]): Review => {
  const changesOfEach = Object.entries(changes).map(([address, action]) => ({ address, action }));
  return {
    stacks: stacks.map((stack) => ({ stack, changes: changesOfEach })),
  } as unknown as Review;
};

describe("a verification after a deploy", () => {
  let lab: Lab;
  let reportBefore: RawReport;
  let deployed: Awaited<ReturnType<typeof deployDirect>>;
  beforeAll(async () => {
    lab = await openLab();
    deployed = await deployDirect(lab, resources);
    reportBefore = (await checkFully(lab, deployed, { deep: true, unmanaged: "none" })).raw;
    expect(reportBefore.counts.match).toBe(5);
  });
  afterAll(() => lab.close());

  const json = (fields: Partial<StackJson> = {}): StackJson => ({ resource: resources, ...fields });
  const addresses = [
    "databricks_notebook.a",
    "databricks_notebook.b",
    "databricks_notebook.c",
    "databricks_secret_scope.s",
    "databricks_secret_acl.acl",
  ];
  const reusedAddresses = (
    stack: StackJson,
    review: Review,
    report: RawReport | undefined = reportBefore,
  ): string[] => {
    const findResult = resultsStillValid(stack, report, review);
    return addresses
      .filter((address) => findResult("lab-local", address) !== undefined)
      .map((address) => address.replace("databricks_", ""));
  };

  test("reuses results of matching resources not connected to a changed one, but never of permissions", () => {
    expect(reusedAddresses(json(), reviewOf({ "databricks_notebook.a": "update" }))).toEqual([
      "notebook.b",
      "notebook.c",
      "secret_scope.s",
    ]);
    expect(reusedAddresses(json(), reviewOf({ "databricks_secret_acl.acl": "create" }))).toEqual([
      "notebook.a",
      "notebook.b",
      "notebook.c",
    ]);
    // If one element of a count or for_each is written, the results of all its elements are discarded.
    expect(reusedAddresses(json(), reviewOf({ 'databricks_notebook.b["x"]': "create" }))).toEqual([
      "notebook.a",
      "notebook.c",
      "secret_scope.s",
    ]);
    expect(reusedAddresses(json(), reviewOf({ "databricks_secret_scope.s": "update" }))).toEqual([
      "notebook.a",
      "notebook.b",
      "notebook.c",
    ]);
    const resourcesWithDrift = reportBefore.resources.map((result) =>
      result.address === "databricks_notebook.b" ? { ...result, status: "drift" as const } : result,
    );
    const driftedReport = { ...reportBefore, resources: resourcesWithDrift };
    expect(
      reusedAddresses(json(), reviewOf({ "databricks_notebook.a": "update" }), driftedReport),
    ).toEqual(["notebook.c", "secret_scope.s"]);
  });

  test.each(["delete", "replace", "import", "move"] as const)(
    "reuses nothing after the action %s",
    (action) => {
      expect(reusedAddresses(json(), reviewOf({ "databricks_notebook.a": action }))).toEqual([]);
    },
  );

  test("reuses nothing after a deploy of several stacks", () => {
    const review = reviewOf({ "databricks_notebook.a": "update" }, ["lab-local", "other-local"]);
    expect(reusedAddresses(json(), review)).toEqual([]);
  });

  test("reuses nothing if a block other than a resource refers to a resource", () => {
    const stack = json({ locals: { a: "${databricks_notebook.a.id}" } });
    const review = reviewOf({ "databricks_notebook.a": "update" });
    expect(reusedAddresses(stack, review)).toEqual([]);
  });

  test("reuses nothing without an earlier report", () => {
    const findResult = resultsStillValid(json(), undefined, reviewOf({}));
    expect(findResult("lab-local", "databricks_notebook.a")).toBeUndefined();
  });

  test("reads only the resources whose results are not reused, with the same report as a full verification", async () => {
    const calls = (): number =>
      lab.workspace
        .journal({ after: 0 })
        .filter(({ path }) => path.startsWith("/api/2.0/workspace/")).length;
    const callsBefore = calls();
    const fullReport = await check(lab, deployed, { unmanaged: "none" });
    const fullCalls = calls() - callsBefore;
    const findResult = resultsStillValid(
      json(),
      reportBefore,
      reviewOf({ "databricks_notebook.a": "update" }),
    );
    const shortReport = await check(lab, deployed, { unmanaged: "none", known: findResult });
    // Of the three notebooks, only the changed one is read again.
    expect([fullCalls, calls() - callsBefore - fullCalls]).toEqual([4, 2]);
    expect(shortReport.resources).toEqual(fullReport.resources);
    expect(shortReport.counts).toEqual(fullReport.counts);
  });
});
