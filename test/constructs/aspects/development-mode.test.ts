import {
  Aspects,
  DevelopmentMode,
  Pipeline,
  PipelineLibrary,
  PipelineTask,
  Schedule,
  Workflow,
} from "../../../constructs";
import { synth } from "../support";

describe("development mode", () => {
  test.each([
    ["schedule", Schedule.cron("0 0 6 * * ?", "UTC")],
    ["trigger", Schedule.every(1, "DAYS")],
    ["continuous", Schedule.continuous()],
  ])("pauses a %s, names and tags", (field, schedule) => {
    const { resourceOf } = synth((stack) => {
      new Workflow(stack, "job", { name: "j", schedule }).addTask("a", {
        run: PipelineTask.of("p"),
      });
      Aspects.of(stack).add(new DevelopmentMode({ user: "ada@example.com" }));
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      name: "[dev ada] j",
      tags: { dev: "ada" },
      [field]: { pause_status: "PAUSED" },
    });
  });

  test("prefixes a pipeline's name and puts the pipeline into development mode", () => {
    const { resourceOf } = synth((stack) => {
      new Pipeline(stack, "p", {
        name: "bronze",
        libraries: [PipelineLibrary.notebook("/Shared/a")],
      });
      Aspects.of(stack).add(new DevelopmentMode({ user: "ada@example.com" }));
    });
    expect(resourceOf("databricks_pipeline")).toMatchObject({
      name: "[dev ada] bronze",
      development: true,
    });
  });
});
