import { AlertTask } from "../../../constructs";

/** Rendered under newer bindings in test/toolkits.long.test.ts: these have no such task. */
test("AlertTask: rejects bindings that do not have it", () => {
  expect(() => AlertTask.of("a", { parameters: { day: "1" } })).toThrow("the installed bindings do not have parameters");
});
