import {
  AllPurposeCluster,
  ClusterLibrary,
  ClusterSize,
  Library,
  NodeType,
  SparkVersion,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("cluster library", () => {
  test.each([
    Library.pypi("a==1"),
    Library.maven("g:a:1"),
    Library.cran("c"),
    Library.jar("/a.jar"),
  ])("installs %s on an existing cluster", (library) => {
    const { resourceOf } = synth((stack) => {
      expect(
        defaultChild(
          new ClusterLibrary(stack, "l", { cluster: AllPurposeCluster.fromId("c1"), library }),
        ),
      ).toBe("databricks_library");
    });
    expect(resourceOf("databricks_library").cluster_id).toBe("c1");
  });

  test("rejects a cluster that lists its own libraries, since each plan would remove the added one", () => {
    const errorCodes = codes((stack) => {
      const cluster = new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion: SparkVersion.LTS_15_4,
        nodeType: NodeType.of("i3.xlarge"),
        size: ClusterSize.fixed(1),
        libraries: [Library.pypi("a==1")],
      });
      new ClusterLibrary(stack, "l", { cluster, library: Library.pypi("b==1") });
    });
    expect(errorCodes).toEqual(["LIBRARY_OF_TWO"]);
  });
});
