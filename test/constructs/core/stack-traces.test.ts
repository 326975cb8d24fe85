import { withoutStackTraces } from "../../../constructs/core/stack-traces";

test("errors have no stack trace while a build runs, even if the build sets the limit", () => {
  withoutStackTraces(() => {
    expect(String(new Error("no stack").stack)).not.toMatch(/at /);
    Error.stackTraceLimit = Number.MAX_SAFE_INTEGER;
    expect(String(new Error("still none").stack)).not.toMatch(/at /);
  });
  expect(new Error("again").stack).toMatch(/at /);
});
