import type { Breach, Policy } from "./policy";
import { clustersOf } from "./shape";

/** GPU families by cloud: Azure NC/ND/NV, AWS g and p, Google a2, a3 and g2. */
const gpuNode = /^(Standard_N[CDV]|g[3-6][a-z]*\.|p[2-6][a-z]*\.|a[23]-|g2-)/i;

export const photonCompatibility: Policy = {
  id: "photon-compatibility",
  title: "engine, runtime and node type are compatible",
  severity: "error",
  explanation:
    "Photon does not run on GPU nodes or GPU runtimes; a GPU runtime needs GPU nodes; a Photon runtime conflicts with the standard engine. The API accepts some of these combinations, and the run fails later.",
  fix: "choose a CPU node type for Photon, a -gpu-ml- runtime for GPU nodes, and select Photon only with runtime_engine",
  types: ["databricks_job", "databricks_cluster"],
  check: (resource) =>
    clustersOf(resource).flatMap(({ where, cluster }): Breach[] => {
      const version = typeof cluster.spark_version === "string" ? cluster.spark_version : "";
      const nodes = [cluster.node_type_id, cluster.driver_node_type_id].filter(
        (node) => typeof node === "string",
      );
      const usesPhoton = cluster.runtime_engine === "PHOTON" || version.includes("-photon-");
      const gpuNodeType = nodes.find((node) => gpuNode.test(node));
      if (usesPhoton && gpuNodeType !== undefined)
        return [
          { where: `${where}node_type_id`, message: `Photon does not run on ${gpuNodeType}` },
        ];
      if (usesPhoton && version.includes("-gpu-"))
        return [
          {
            where: `${where}runtime_engine`,
            message: `Photon does not run in the GPU runtime ${version}`,
          },
        ];
      if (version.includes("-photon-") && cluster.runtime_engine === "STANDARD")
        return [
          {
            where: `${where}runtime_engine`,
            message: `${version} is Photon and the engine is STANDARD`,
          },
        ];
      if (version.includes("-gpu-") && nodes.length > 0 && gpuNodeType === undefined)
        return [
          { where: `${where}node_type_id`, message: `the GPU runtime ${version} needs GPU nodes` },
        ];
      return [];
    }),
  examples: {
    good: {
      type: "databricks_cluster",
      config: {
        spark_version: "15.4.x-scala2.12",
        runtime_engine: "PHOTON",
        node_type_id: "Standard_D4ds_v5",
      },
    },
    bad: {
      type: "databricks_cluster",
      config: {
        spark_version: "15.4.x-scala2.12",
        runtime_engine: "PHOTON",
        node_type_id: "Standard_NC4as_T4_v3",
      },
    },
  },
};
