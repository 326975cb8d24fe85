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
    [Library.pypi("a==1"), { pypi: [{ package: "a==1" }] }],
    [Library.maven("g:a:1"), { maven: [{ coordinates: "g:a:1" }] }],
    [Library.cran("c"), { cran: [{ package: "c" }] }],
    [Library.jar("/a.jar"), { jar: "/a.jar" }],
  ])("installs %s on an existing cluster", (library, rendered) => {
    const { resourceOf } = synth((stack) => {
      expect(
        defaultChild(
          new ClusterLibrary(stack, "l", { cluster: AllPurposeCluster.fromId("c1"), library }),
        ),
      ).toBe("databricks_library");
    });
    expect(resourceOf("databricks_library")).toEqual({ cluster_id: "c1", ...rendered });
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
