import { callerPosition, projectRoot, withoutStackTraces } from "../../../constructs/core/source";

describe("source positions", () => {
  // Under jest the lines are those of the compiled file; test/stacks checks the source lines under
  // ts-node.
  test("are relative to the project", () => {
    expect(callerPosition()).toMatch(/^test\/constructs\/core\/source.test.ts:\d+$/);
  });
  test("are recorded even if stack traces are off", () => {
    withoutStackTraces(() => {
      expect(String(new Error("no stack").stack)).not.toMatch(/at /);
      expect(callerPosition()).toMatch(/^test\/constructs\/core\/source.test.ts:\d+$/);
      Error.stackTraceLimit = Number.MAX_SAFE_INTEGER;
      expect(String(new Error("still none").stack)).not.toMatch(/at /);
    });
    expect(new Error("again").stack).toMatch(/at /);
  });
  test("use the folder of cdktf.json, or a given folder, as the project", () => {
    expect(projectRoot()).toBe(process.cwd());
    process.env.LAKEFORM_PROJECT_ROOT = "/elsewhere";
    expect([projectRoot(), callerPosition()]).toEqual(["/elsewhere", undefined]);
    delete process.env.LAKEFORM_PROJECT_ROOT;
  });
});
