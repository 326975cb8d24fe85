import { PythonOperatorTask } from "../../../constructs";

/** Rendered under newer bindings in test/toolkits.long.test.ts: these have no such task. */
test("PythonOperatorTask: rejects bindings that do not have it", () => {
  expect(() => PythonOperatorTask.of("a.b:c")).toThrow("the installed bindings do not have pythonOperatorTask");
});
