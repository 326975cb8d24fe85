import { AllPurposeCluster, ClusterLibrary, Library } from "../../../constructs";
import { defaultChild, synth } from "../support";

describe("cluster library", () => {
  test.each([Library.pypi("a==1"), Library.maven("g:a:1"), Library.cran("c"), Library.jar("/a.jar")])(
    "installs %s on a standing cluster",
    (library) => {
      const { only } = synth((stack) => {
        expect(defaultChild(new ClusterLibrary(stack, "l", { cluster: AllPurposeCluster.fromId("c1"), library }))).toBe(
          "databricks_library",
        );
      });
      expect(only("databricks_library").cluster_id).toBe("c1");
    },
  );
});
