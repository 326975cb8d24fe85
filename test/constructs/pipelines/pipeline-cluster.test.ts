import {
  ClusterPolicy,
  InitScript,
  InstancePool,
  LogDelivery,
  SecretReference,
} from "../../../constructs";
import { renderPipelineCluster } from "../../../constructs/pipelines/pipeline-cluster";

test("a cluster of a pipeline has a pool, a policy, scripts, logs and settings", () => {
  expect(
    renderPipelineCluster({
      label: "updates",
      instancePool: InstancePool.fromId("p"),
      policy: ClusterPolicy.fromId("c"),
      numWorkers: 2,
      sparkConf: { a: 1, key: new SecretReference("scope", "key") },
      initScripts: [InitScript.volume("/Volumes/a/b/c/x.sh")],
      logDelivery: LogDelivery.volume("/Volumes/a/b/c/logs"),
    }),
  ).toMatchObject({
    label: "updates",
    instancePoolId: "p",
    policyId: "c",
    numWorkers: 2,
    sparkConf: { a: "1", key: "{{secrets/scope/key}}" },
    initScripts: [{ volumes: { destination: "/Volumes/a/b/c/x.sh" } }],
    clusterLogConf: { volumes: { destination: "/Volumes/a/b/c/logs" } },
  });
});
