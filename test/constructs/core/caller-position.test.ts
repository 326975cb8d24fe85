import { callerPosition } from "../../../constructs/core/caller-position";
import { withoutStackTraces } from "../../../constructs/core/stack-traces";

describe("the caller's position", () => {
  // Under jest the lines are those of the compiled file; test/stacks checks the source lines under
  // ts-node.
  test("is relative to the project", () => {
    expect(callerPosition()).toMatch(/^test\/constructs\/core\/caller-position.test.ts:\d+$/);
  });
  test("is available without stack traces", () => {
    withoutStackTraces(() => {
      expect(callerPosition()).toMatch(/^test\/constructs\/core\/caller-position.test.ts:\d+$/);
    });
  });
  test("is undefined for a caller outside the project", () => {
    process.env.LAKEFORM_PROJECT_ROOT = "/elsewhere";
    expect(callerPosition()).toBeUndefined();
    delete process.env.LAKEFORM_PROJECT_ROOT;
  });
});
