import {
  type JobCluster,
  AccessToken,
  Catalog,
  ClusterPolicy,
  ClusterSize,
  GitSource,
  Group,
  InstancePool,
  NodeType,
  NotebookTask,
  PolicyRule,
  Repo,
  Secret,
  SecretScope,
  SecretValue,
  SparkPythonTask,
  SparkVersion,
  SqlTask,
  SqlWarehouse,
  Workflow,
  WorkspaceStack,
} from "../../../constructs";

/**
 * Code that does not compile: each `@ts-expect-error` is itself an error if the line below it
 * compiles. `npm run typecheck` compiles this file, and package.long.test.ts compiles it with the
 * installed package; nothing runs it.
 */
export function mistakes(
  stack: WorkspaceStack,
  job: Workflow,
  secrets: SecretScope,
  catalog: Catalog,
  warehouse: SqlWarehouse,
): void {
  const run = NotebookTask.at("/a");
  const cluster = job.addJobCluster("c", {
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("n"),
    size: ClusterSize.fixed(1),
  });
  const ingest = job.addTask("ingest", { run, on: cluster });
  const fresh = job.addCondition("fresh", { left: "1", op: "EQUAL_TO", right: "1" });

  // @ts-expect-error a misspelt handle
  job.addTask("a", { run, on: clutser as JobCluster });
  // @ts-expect-error a task without compute
  job.addTask("a", { run });
  // @ts-expect-error compute by its name
  job.addTask("a", { run, on: "c" });
  // @ts-expect-error a task is not a compute resource
  job.addTask("a", { run, on: ingest });
  // @ts-expect-error a cluster is not a task
  job.addTask("a", { run, on: cluster, after: [cluster] });
  // @ts-expect-error a task by its key
  job.addTask("a", { run, on: cluster, after: ["ingest"] });
  // @ts-expect-error a condition has two outcomes: whenTrue or whenFalse
  job.addTask("a", { run, on: cluster, after: [fresh] });
  // @ts-expect-error a Python file does not run on a warehouse
  job.addTask("a", { run: SparkPythonTask.at("/a.py"), on: warehouse });
  // @ts-expect-error SQL runs on its warehouse, not on a cluster
  job.addTask("a", { run: SqlTask.query("q", { warehouse }), on: cluster });
  // @ts-expect-error SQL without a warehouse
  SqlTask.query("q", {});
  // @ts-expect-error a parameter is a string
  NotebookTask.at("/a", { rows: 7 });
  // @ts-expect-error no such value of runIf
  job.addTask("a", { run, on: cluster, runIf: "SOMETIMES" });
  // @ts-expect-error a for_each task is not retried as a unit
  job.addForEach("a", { inputs: ["a"], maxRetries: 1, task: { key: "b", run, on: cluster } });
  // @ts-expect-error a condition is not retried
  job.addCondition("a", { left: "1", op: "EQUAL_TO", right: "1", maxRetries: 1 });
  // @ts-expect-error no such comparison
  job.addCondition("a", { left: "1", op: "==", right: "1" });
  // @ts-expect-error a cluster without a size
  job.addJobCluster("d", { sparkVersion: SparkVersion.LTS_15_4, nodeType: NodeType.of("n") });
  // @ts-expect-error a cluster without a node type, a pool or a policy
  job.addJobCluster("d", { sparkVersion: SparkVersion.LTS_15_4, size: ClusterSize.fixed(1) });
  // @ts-expect-error a size by its number
  job.addJobCluster("d", {
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("n"),
    size: 2,
  });
  // @ts-expect-error a runtime given as a string
  job.addJobCluster("d", {
    sparkVersion: "15.4.x-scala2.12",
    nodeType: NodeType.of("n"),
    size: ClusterSize.fixed(1),
  });
  // @ts-expect-error a node type together with a pool
  job.addJobCluster("d", {
    sparkVersion: SparkVersion.LTS_15_4,
    nodeType: NodeType.of("n"),
    instancePool: InstancePool.fromId("p"),
    size: ClusterSize.fixed(1),
  });
  // @ts-expect-error a secret as a literal
  new Secret(stack, "s", { scope: secrets, key: "k", value: "hunter2" });
  // @ts-expect-error a scope by its name
  new Secret(stack, "s", { scope: "daily-etl", key: "k", value: SecretValue.fromEnvironment("K") });
  // @ts-expect-error no such level on a job
  job.permissions.allow("CAN_RESTART", Group.users);
  // @ts-expect-error a principal by its name
  job.permissions.allow("CAN_VIEW", "users");
  // @ts-expect-error a group cannot be run as
  new Workflow(stack, "w", { name: "w", runAs: Group.users });
  // @ts-expect-error no such privilege on a catalog
  catalog.grants.give(Group.users, "WRITE");
  // @ts-expect-error classic warehouses have no serverless compute
  new SqlWarehouse(stack, "w", {
    name: "w",
    clusterSize: "Small",
    warehouseType: "CLASSIC",
    enableServerlessCompute: true,
  });
  // @ts-expect-error no such size of a warehouse
  new SqlWarehouse(stack, "w", { name: "w", clusterSize: "Huge" });
  // @ts-expect-error a branch and a tag
  new Repo(stack, "r", {
    url: "https://github.com/a/b",
    gitProvider: "gitHub",
    branch: "main",
    tag: "v1",
  });
  // @ts-expect-error no such provider of Git
  GitSource.tag("https://github.com/a/b", "github.com", "v1");
  // @ts-expect-error a token needs a lifetime
  new AccessToken(stack, "t", { comment: "c" });
  // @ts-expect-error no such attribute in a policy
  new ClusterPolicy(stack, "p", { name: "p", definition: { nodetype: PolicyRule.fixed("n") } });
  // @ts-expect-error a schedule is an object, created by a factory
  new Workflow(stack, "w", { name: "w", schedule: "0 0 6 * * ?" });
}
