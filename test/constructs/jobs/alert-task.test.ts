import { AlertTask } from "../../../constructs";

/** These bindings lack the task; test/toolkits.long.test.ts renders it with newer ones. */
test("AlertTask rejects bindings that lack the task", () => {
  expect(() => AlertTask.of("a", { parameters: { day: "1" } })).toThrow(
    "the installed bindings do not have parameters",
  );
});
