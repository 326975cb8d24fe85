import {
  Content,
  NotebookTask,
  Schedule,
  Schema,
  Serverless,
  Volume,
  VolumeFile,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const schema = Schema.fromName("main.etl");

describe("volume", () => {
  test("is managed, or external with a storage location", () => {
    const { resourcesOf } = synth((stack) => {
      const volume = new Volume(stack, "managed", { schema, name: "landing" });
      new Volume(stack, "outside", { schema, name: "lake", storageLocation: "s3://b/f" });
      expect([defaultChild(volume), volume.path]).toEqual([
        "databricks_volume",
        "/Volumes/main/etl/landing",
      ]);
      new VolumeFile(stack, "file", { path: volume.pathTo("/a.txt"), content: Content.text("1") });
    });
    expect(
      resourcesOf("databricks_volume")
        .map((volume) => volume.volume_type)
        .sort(),
    ).toEqual(["EXTERNAL", "MANAGED"]);
    expect(resourcesOf("databricks_file")[0]?.path).toMatch(
      /^\$\{databricks_volume\..*\.volume_path\}\/a.txt$/,
    );
  });
  test("is looked up by its full name if it exists already", () => {
    const volume = Volume.fromName("main.etl.landing");
    expect([volume.name, volume.path, volume.pathTo("/in/")]).toEqual([
      "landing",
      "/Volumes/main/etl/landing",
      "/Volumes/main/etl/landing/in/",
    ]);
  });
  test("starts jobs when files arrive in it", () => {
    const { resourceOf } = synth((stack) => {
      const volume = new Volume(stack, "v", { schema, name: "landing" });
      const job = new Workflow(stack, "j", {
        name: "j",
        schedule: Schedule.fileArrival(volume.pathTo("in/")),
      });
      job.addTask("a", { run: NotebookTask.at("/a"), on: Serverless.compute });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      trigger: {
        file_arrival: {
          url: expect.stringMatching(/^\$\{databricks_volume\..*\}\/in\/$/) as unknown,
        },
      },
    });
  });
  test("rejects an invalid name and an invalid storage location", () => {
    expect(() => Volume.fromName("etl.landing")).toThrow("includes its catalog and schema");
    expect(codes((stack) => new Volume(stack, "v", { schema, name: "a/b" }))).toEqual(["BAD_NAME"]);
    expect(
      codes((stack) => new Volume(stack, "v", { schema, name: "a", storageLocation: "/tmp" })),
    ).toEqual(["BAD_URL"]);
  });
});
