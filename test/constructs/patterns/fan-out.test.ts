import { FanOut, NotebookTask, Serverless } from "../../../constructs";
import { codes, defaultChild, synth, type Json } from "../support";

describe("fan-out", () => {
  const props = (items: readonly string[]) => ({
    name: "load",
    items,
    run: (country: string) => NotebookTask.at("/load", { country }),
    first: { key: "list", run: NotebookTask.at("/a") },
    join: { key: "merge", run: NotebookTask.at("/a"), runIf: "ALL_DONE" as const },
    on: Serverless.compute,
  });
  test("has a first task, one task per item, and a last one that joins them", () => {
    const { resourceOf } = synth((stack) => {
      const fan = new FanOut(stack, "f", props(["de", "c h"]));
      expect([defaultChild(fan), [...fan.items.keys()], fan.join.key]).toEqual([
        "databricks_job",
        ["de", "c h"],
        "merge",
      ]);
    });
    const tasks = resourceOf("databricks_job").task as Json[];
    expect(tasks.map(({ task_key }) => task_key)).toEqual([
      "list",
      "merge",
      "process_c_h",
      "process_de",
    ]);
    expect(tasks[3]).toMatchObject({ depends_on: [{ task_key: "list" }] });
    expect(tasks[1]).toMatchObject({
      run_if: "ALL_DONE",
      depends_on: [{ task_key: "process_c_h" }, { task_key: "process_de" }],
    });
  });
  test("rejects an empty list of items", () => {
    expect(codes((stack) => new FanOut(stack, "f", props([])))).toEqual(["NO_ITEMS"]);
  });
});
