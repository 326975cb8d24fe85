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
  test.each([0, 1.5])("rejects %d GPUs", (numGpus) =>
    expect(() =>
      GenAiComputeTask.of({ dlRuntimeImage: "i", compute: { gpuType: "g", numGpus } }),
    ).toThrow("the number of GPUs must be an integer of at least 1"),
  );
});
