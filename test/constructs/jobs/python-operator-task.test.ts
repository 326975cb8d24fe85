import { PythonOperatorTask } from "../../../constructs";

/** These bindings lack the task; test/toolkits.long.test.ts renders it with newer ones. */
test("PythonOperatorTask rejects bindings that lack the task", () => {
  expect(() => PythonOperatorTask.of("a.b:c")).toThrow(
    "the installed bindings do not have pythonOperatorTask",
  );
});
