import { parseIgnoreFile, renderReport } from "../../src/verify";
import { changeJob, useDeployedStack, verifyLab } from "./deployed-stack";
import { summary } from "./harness";

describe("ignore rules", () => {
  useDeployedStack();

  test("apply to the named fields, are counted, expire, and are listed when unused", async () => {
    await changeJob((settings) => {
      settings.description = "by hand";
      settings.timeout_seconds = 60;
    });
    const rules = parseIgnoreFile(
      `- {path: "lab-local/**", kind: job, field: description, reason: a person owns it, expires: "2999-12-31"}
- {kind: databricks_job, field: timeout_seconds, reason: was needed once, expires: "2020-01-01"}
- {path: nowhere, reason: no such object, expires: "2999-12-31"}`,
      "lakeform.ignore.yaml",
    );
    const report = await verifyLab({ ignore: rules });
    expect(summary(report)).toEqual([
      "drift databricks_job.pipeline timeout_seconds",
      "ignored databricks_job.pipeline description",
    ]);
    expect(report.ignoreRules.map(({ state, count }) => [state, count])).toEqual([
      ["used", 1],
      ["expired", 0],
      ["unused", 0],
    ]);
    expect(await renderReport(report, "text")).toContain("EXPIRED 2020-01-01");
  });

  test("give exit code 0 if only ignored differences exist", async () => {
    await changeJob((settings) => (settings.description = "by hand"));
    const metadata = { ignores: [{ field: "description", reason: "r", expires: "2999-12-31" }] };
    expect((await verifyLab({ metadata })).exitCode).toBe(0);
  });
});

describe("invalid ignore rules", () => {
  test.each([
    ["- {path: a, expires: '2999-01-01'}", /"reason" is required/],
    ["- {path: a, reason: r}", /"expires" is required/],
    ["- {path: a, reason: r, expires: 2999-02-31}", /expires/],
    ["- {path: a, reason: r, expires: '2999-13-01'}", /"expires" is required, a date/],
    ["- {reason: r, expires: '2999-01-01'}", /would ignore everything/],
    ["- {pth: a, reason: r, expires: '2999-01-01'}", /unknown key "pth"/],
    ["a: [", /lakeform.ignore.yaml:/],
    ["text", /a list of rules/],
  ])("are rejected: %s", (text, message) => {
    expect(() => parseIgnoreFile(text, "lakeform.ignore.yaml")).toThrow(
      expect.objectContaining({
        code: "BAD_IGNORE_FILE",
        details: expect.objectContaining({
          value: expect.stringMatching(message) as string,
        }) as object,
      }) as Error,
    );
  });
});
