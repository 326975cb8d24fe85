import {
  AllPurposeCluster,
  ClusterSize,
  Content,
  InitScript,
  LogDelivery,
  NodeType,
  SparkVersion,
  WorkspaceFile,
} from "../../../constructs";
import { codes, synth } from "../support";

describe("init scripts and logs", () => {
  test("render the storage type of their path", () => {
    expect(
      [
        InitScript.workspace("/a"),
        InitScript.volume("/Volumes/a"),
        InitScript.gcs("gs://a"),
        InitScript.abfss("abfss://a"),
        InitScript.file("file:/a"),
        InitScript.s3({ destination: "s3://a" }),
      ].map((script) => Object.keys(script.rendered)),
    ).toEqual([["workspace"], ["volumes"], ["gcs"], ["abfss"], ["file"], ["s3"]]);
    expect(
      [
        LogDelivery.volume("/Volumes/a"),
        LogDelivery.s3({ destination: "s3://a" }),
        LogDelivery.dbfs("dbfs:/a"),
      ].map((script) => Object.keys(script.rendered)),
    ).toEqual([["volumes"], ["s3"], ["dbfs"]]);
    expect(String(InitScript.gcs("gs://a"))).toContain("gs://a");
  });
  test("refer to a workspace file of the stack", () => {
    const { resourceOf } = synth((stack) => {
      const script = new WorkspaceFile(stack, "script", {
        path: "/Shared/s.sh",
        content: Content.text("1"),
      });
      new AllPurposeCluster(stack, "c", {
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
        name: "c",
        initScripts: [InitScript.workspace(script)],
      });
    });
    expect(resourceOf("databricks_cluster").init_scripts).toEqual([
      { workspace: { destination: expect.stringMatching(/databricks_workspace_file/) as unknown } },
    ]);
  });
  test("are limited to ten scripts", () => {
    const initScripts = Array.from({ length: 11 }, () => InitScript.gcs("gs://a"));
    expect(
      codes(
        (stack) =>
          new AllPurposeCluster(stack, "c", {
            sparkVersion: SparkVersion.LTS_15_4,
            nodeType: NodeType.of("i3.xlarge"),
            size: ClusterSize.fixed(1),
            name: "c",
            initScripts,
          }),
      ),
    ).toEqual(["TOO_MANY_INIT_SCRIPTS"]);
  });
});
