import { GenAiComputeTask } from "../../../constructs";
import { taskOf } from "../support";

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
