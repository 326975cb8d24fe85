import { GenAiComputeTask, type TaskProps, Workflow } from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

describe("training task", () => {
  test("renders its image and its GPUs", () => {
    expect(
      taskOf({
        run: GenAiComputeTask.of({ dlRuntimeImage: "i", compute: { gpuType: "g", numGpus: 1 } }),
      }).gen_ai_compute_task,
    ).toEqual({
      dl_runtime_image: "i",
      source: "WORKSPACE",
      compute: { gpu_type: "g", num_gpus: 1 },
    });
  });
  test("rejects a task without GPUs", () =>
    expect(() =>
      GenAiComputeTask.of({ dlRuntimeImage: "i", compute: { gpuType: "g", numGpus: 0 } }),
    ).toThrow("at least one GPU"));
});
