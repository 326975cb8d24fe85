import { AiRuntimeTask } from "../../../constructs";

/** Rendered under newer bindings in test/toolkits.long.test.ts: these have no such task. */
test("AiRuntimeTask: rejects bindings that do not have it", () => {
  expect(() => AiRuntimeTask.of({ experiment: "x", deployments: [] })).toThrow("the installed bindings do not have aiRuntimeTask");
});
