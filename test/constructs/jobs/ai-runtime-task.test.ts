import { AiRuntimeTask } from "../../../constructs";

/** These bindings lack the task; test/toolkits.long.test.ts renders it with newer ones. */
test("AiRuntimeTask rejects bindings that lack the task", () => {
  expect(() => AiRuntimeTask.of({ experiment: "x", deployments: [] })).toThrow(
    "the installed bindings do not have aiRuntimeTask",
  );
});
