import {
  AllPurposeCluster,
  Catalog,
  ClusterPolicy,
  ClusterSize,
  Content,
  DbfsFile,
  Directory,
  Group,
  InstancePool,
  Library,
  NodeType,
  NotebookTask,
  PolicyRule,
  PythonWheel,
  Serverless,
  SparkPythonTask,
  SparkVersion,
  User,
  warningsOf,
  Workflow,
  type IConstruct,
  type TerraformResource,
  type WorkspaceStack,
} from "../../constructs";
import { problems, synth } from "./support";

/**
 * Common mistakes (with the numbers of issue 4), each with a complete synth: the mistake is
 * reported with its code, its construct path and the fix, and the correct form passes. Mistakes
 * that the types rule out are made with an override. P1, P2 and P3 are in
 * test/stacks/plans.long.test.ts, with real plans.
 */
interface Pain {
  readonly bad: (stack: WorkspaceStack) => unknown;
  readonly code: string;
  readonly path: string;
  readonly fix: RegExp;
  readonly good: (stack: WorkspaceStack) => unknown;
}

const sparkVersion = SparkVersion.LTS_15_4;
const nodeType = NodeType.of("i3.xlarge");
const notebook = NotebookTask.at("/Shared/a");
const file = SparkPythonTask.at("/Workspace/Shared/a.py");
const cluster = AllPurposeCluster.fromId("0923-164208-meows279");

const override = (construct: IConstruct, path: string, value: unknown): void =>
  (construct.node.defaultChild as TerraformResource).addOverride(path, value);
const allPurposeCluster = (stack: WorkspaceStack, size: ClusterSize): AllPurposeCluster =>
  new AllPurposeCluster(stack, "c", { name: "c", sparkVersion, nodeType, size });
const job = (stack: WorkspaceStack): Workflow => new Workflow(stack, "job", { name: "job" });
const policy = (stack: WorkspaceStack): ClusterPolicy =>
  new ClusterPolicy(stack, "policy", {
    name: "policy",
    definition: {
      "spark_conf.spark.speculation": PolicyRule.fixed("true"),
      "autoscale.min_workers": PolicyRule.fixed(1),
      "autoscale.max_workers": PolicyRule.range({ maxValue: 4, defaultValue: 4 }),
    },
  });
const clusterInPool = (
  stack: WorkspaceStack,
  more: { enableElasticDisk?: boolean },
): AllPurposeCluster =>
  new AllPurposeCluster(stack, "c", {
    name: "c",
    sparkVersion,
    instancePool: InstancePool.fromId("pool"),
    size: ClusterSize.fixed(1),
    ...more,
  });
const clusterWithPolicy = (stack: WorkspaceStack, more: object): AllPurposeCluster =>
  new AllPurposeCluster(stack, "c", {
    name: "c",
    sparkVersion,
    nodeType,
    policy: policy(stack),
    size: ClusterSize.fromPolicy(),
    ...more,
  });
const jobWithChain = (stack: WorkspaceStack): Workflow => {
  const workflow = job(stack);
  const a = workflow.addTask("a", { run: notebook, on: Serverless.compute });
  const b = workflow.addTask("b", { run: notebook, on: Serverless.compute, after: [a] });
  workflow.addTask("c", { run: notebook, on: Serverless.compute, after: [b] });
  return workflow;
};
const jobWithForEach = (stack: WorkspaceStack): Workflow => {
  const workflow = job(stack);
  const shared = workflow.addJobCluster("shared", {
    sparkVersion,
    nodeType,
    size: ClusterSize.fixed(1),
  });
  workflow.addForEach("each", {
    inputs: ["a"],
    task: { key: "one", run: notebook, on: shared, maxRetries: 1 },
  });
  return workflow;
};
const directoryWithAccess = (stack: WorkspaceStack, ...levels: readonly string[]): void => {
  const { permissions } = new Directory(stack, "folder", { path: "/Shared/a" });
  permissions.allow("CAN_READ", Group.named("a"));
  override(
    permissions,
    "access_control",
    levels.map((level) => ({ group_name: "a", permission_level: level })),
  );
};
const jobWithLibraries = (stack: WorkspaceStack, ...versions: readonly string[]): Workflow => {
  const workflow = job(stack);
  workflow.addTask("a", {
    run: notebook,
    on: cluster,
    libraries: versions.map((version) => Library.pypi(`requests==${version}`)),
  });
  return workflow;
};
const clusterWithConf = (stack: WorkspaceStack, value: string): AllPurposeCluster =>
  new AllPurposeCluster(stack, "c", {
    name: "c",
    sparkVersion,
    nodeType,
    size: ClusterSize.fixed(1),
    sparkConf: { "spark.a": value },
  });

const pains: Readonly<Record<string, Pain>> = {
  "P5 a disk setting that the pool decides": {
    bad: (stack) => clusterInPool(stack, { enableElasticDisk: true }),
    code: "POOL_DECIDES_DISK",
    path: "test-local/c",
    fix: /remove enableElasticDisk/,
    good: (stack) => clusterInPool(stack, {}),
  },
  "P6 a setting that differs from the value fixed by the policy": {
    bad: (stack) => clusterWithPolicy(stack, { sparkConf: { "spark.speculation": "false" } }),
    code: "POLICY_CONFLICT",
    path: "test-local/c",
    fix: /a value that the policy allows/,
    good: (stack) => clusterWithPolicy(stack, { sparkConf: { "spark.speculation": "true" } }),
  },
  "P7 applyPolicyDefaultValues without a policy": {
    bad: (stack) =>
      new AllPurposeCluster(stack, "c", {
        name: "c",
        sparkVersion,
        nodeType,
        size: ClusterSize.fixed(1),
        applyPolicyDefaultValues: true,
      }),
    code: "DEFAULTS_WITHOUT_POLICY",
    path: "test-local/c",
    fix: /set a policy for the cluster/,
    good: (stack) => clusterWithPolicy(stack, { applyPolicyDefaultValues: true }),
  },
  "P8 zero workers on a cluster that is not a single node": {
    bad: (stack) => override(allPurposeCluster(stack, ClusterSize.fixed(1)), "num_workers", 0),
    code: "ZERO_WORKERS",
    path: "test-local/c",
    fix: /singleNode/,
    good: (stack) => allPurposeCluster(stack, ClusterSize.singleNode()),
  },
  "P9 a single node with workers": {
    bad: (stack) => override(allPurposeCluster(stack, ClusterSize.singleNode()), "num_workers", 2),
    code: "SINGLE_NODE_WITH_WORKERS",
    path: "test-local/c",
    fix: /singleNode/,
    good: (stack) => allPurposeCluster(stack, ClusterSize.singleNode()),
  },
  "P9 a single node with workers inside a for_each": {
    bad: (stack) =>
      override(jobWithForEach(stack), "task.0.for_each_task.task.new_cluster", {
        num_workers: 2,
        spark_conf: { "spark.databricks.cluster.profile": "singleNode" },
      }),
    code: "SINGLE_NODE_WITH_WORKERS",
    path: "test-local/job/each/one",
    fix: /singleNode/,
    good: jobWithForEach,
  },
  "P10 ClusterSize.fromPolicy() without a policy": {
    bad: (stack) => allPurposeCluster(stack, ClusterSize.fromPolicy()),
    code: "NO_SIZE",
    path: "test-local/c",
    fix: /a policy that sets the size, or a size/,
    good: (stack) => clusterWithPolicy(stack, {}),
  },
  "P10 a fixed number of workers under a policy that sets a range": {
    bad: (stack) => override(clusterWithPolicy(stack, {}), "num_workers", 2),
    code: "TWO_SIZES",
    path: "test-local/c",
    fix: /fixed or ClusterSize.autoscale/,
    good: (stack) => clusterWithPolicy(stack, {}),
  },
  "P11 a misspelt job cluster": {
    bad: (stack) => override(jobWithChain(stack), "task.0.job_cluster_key", "shraed"),
    code: "UNKNOWN_JOB_CLUSTER",
    path: "test-local/job/a",
    fix: /addJobCluster/,
    good: jobWithChain,
  },
  "P11 a misspelt job cluster inside a for_each": {
    bad: (stack) => {
      const workflow = jobWithForEach(stack);
      override(workflow, "task.0.for_each_task.task.job_cluster_key", "shraed");
      override(workflow, "job_cluster", undefined);
    },
    code: "UNKNOWN_JOB_CLUSTER",
    path: "test-local/job/each/one",
    fix: /addJobCluster/,
    good: jobWithForEach,
  },
  "P12 a task without compute": {
    bad: (stack) => {
      const workflow = job(stack);
      workflow.addTask("a", { run: file, on: cluster });
      override(workflow, "task.0.existing_cluster_id", undefined);
    },
    code: "NO_COMPUTE",
    path: "test-local/job/a",
    fix: /set `on` to/,
    good: (stack) => job(stack).addTask("a", { run: file, on: cluster }),
  },
  "P13 a cycle": {
    bad: (stack) => override(jobWithChain(stack), "task.0.depends_on", [{ task_key: "c" }]),
    code: "TASK_CYCLE",
    path: "test-local/job",
    fix: /remove one of the dependencies/,
    good: jobWithChain,
  },
  "P13 a dependency on a task that does not exist": {
    bad: (stack) => override(jobWithChain(stack), "task.0.depends_on", [{ task_key: "x" }]),
    code: "UNKNOWN_TASK",
    path: "test-local/job/a",
    fix: /after/,
    good: jobWithChain,
  },
  "P14 retries on a for_each task instead of its inner task": {
    bad: (stack) => override(jobWithForEach(stack), "task.0.max_retries", 2),
    code: "FOR_EACH_RETRIES",
    path: "test-local/job/each",
    fix: /inner task/,
    good: jobWithForEach,
  },
  "P14 retries set on the job": {
    bad: (stack) => override(jobWithChain(stack), "max_retries", 2),
    code: "JOB_LEVEL_FIELD",
    path: "test-local/job",
    fix: /on each task/,
    good: jobWithChain,
  },
  "P18 two owners": {
    bad: (stack) => {
      const workflow = jobWithChain(stack);
      workflow.permissions.allow("IS_OWNER", User.named("a@example.com"));
      override(workflow.permissions, "access_control.1", {
        user_name: "b@example.com",
        permission_level: "IS_OWNER",
      });
    },
    code: "TWO_OWNERS",
    path: "test-local/job/Permissions",
    fix: /keep one/,
    good: (stack) => jobWithChain(stack).permissions.allow("IS_OWNER", User.named("a@example.com")),
  },
  "P18 a group as owner": {
    bad: (stack) => jobWithChain(stack).permissions.allow("IS_OWNER", Group.named("a")),
    code: "GROUP_OWNER",
    path: "test-local/job/Permissions",
    fix: /CAN_MANAGE/,
    good: (stack) => jobWithChain(stack).permissions.allow("CAN_MANAGE", Group.named("a")),
  },
  "P20 two permission levels for one principal": {
    bad: (stack) => directoryWithAccess(stack, "CAN_READ", "CAN_MANAGE"),
    code: "TWO_LEVELS",
    path: "test-local/folder/Permissions",
    fix: /one level/,
    good: (stack) =>
      new Directory(stack, "folder", { path: "/Shared/a" }).permissions.allow(
        "CAN_READ",
        Group.named("a"),
      ),
  },
  "P22 a privilege that ALL_PRIVILEGES includes": {
    bad: (stack) =>
      new Catalog(stack, "catalog", { name: "main" }).grants.give(
        Group.named("a"),
        "ALL_PRIVILEGES",
        "SELECT",
      ),
    code: "REDUNDANT_PRIVILEGE",
    path: "test-local/catalog",
    fix: /ALL_PRIVILEGES alone/,
    good: (stack) =>
      new Catalog(stack, "catalog", { name: "main" }).grants.give(
        Group.named("a"),
        "ALL_PRIVILEGES",
        "MANAGE",
        "READ_METADATA",
        "EXTERNAL_USE_SCHEMA",
      ),
  },
  "P28 a credential in the code": {
    bad: (stack) => clusterWithConf(stack, `dapi${"0123456789abcdef".repeat(2)}`),
    code: "CREDENTIAL_LITERAL",
    path: "test-local/c",
    fix: /SecretValue.fromEnvironment|secret.reference/,
    good: (stack) => clusterWithConf(stack, "dapi is the beginning of a token"),
  },
  "P32 two versions of a library": {
    bad: (stack) => jobWithLibraries(stack, "2.31.0", "2.32.0"),
    code: "DUPLICATE_LIBRARY",
    path: "test-local/job/a",
    fix: /keep one/,
    good: (stack) => jobWithLibraries(stack, "2.32.0"),
  },
  "P32 a library set on the job": {
    bad: (stack) =>
      override(jobWithLibraries(stack, "2.31.0"), "library", [{ pypi: { package: "requests" } }]),
    code: "JOB_LEVEL_FIELD",
    path: "test-local/job",
    fix: /on each task/,
    good: (stack) => jobWithLibraries(stack, "2.31.0"),
  },
};

describe("common mistakes", () => {
  test.each(Object.entries(pains))(
    "rejects %s, with path and fix, and accepts the correct version",
    (_, { bad, code, path, fix, good }) => {
      expect(
        problems(bad).map(
          ({ code: problemCode, details }) => `${problemCode} ${details.path ?? ""}`,
        ),
      ).toEqual([`${code} ${path}`]);
      expect(problems(bad)[0]?.details.fix ?? "").toMatch(fix);
      expect(problems(good).map((problem) => problem.format())).toEqual([]);
    },
  );

  test("P13: the error shows the tasks of the cycle", () => {
    const [problem] = problems((stack) =>
      override(jobWithChain(stack), "task.0.depends_on", [{ task_key: "c" }]),
    );
    expect(problem?.details.value).toBe("a → c → b → a");
  });
  test("P8, P9: a single node has the configuration and the tag that it needs", () => {
    expect(
      synth((stack) => allPurposeCluster(stack, ClusterSize.singleNode())).resourceOf(
        "databricks_cluster",
      ),
    ).toMatchObject({
      num_workers: 0,
      spark_conf: { "spark.databricks.cluster.profile": "singleNode", "spark.master": "local[*]" },
      custom_tags: { ResourceClass: "SingleNode" },
    });
  });
  test("P6, P10: a cluster sets the values that its policy supplies, so that no plan removes them", () => {
    expect(
      synth((stack) => clusterWithPolicy(stack, {})).resourceOf("databricks_cluster"),
    ).toMatchObject({
      spark_conf: { "spark.speculation": "true" },
      autoscale: { min_workers: 1, max_workers: 4 },
    });
  });
  test("P28: no message contains the credential", () => {
    const token = `dapi${"0123456789abcdef".repeat(2)}`;
    expect(
      problems((stack) => clusterWithConf(stack, token)).map((problem) => problem.format()),
    ).toEqual([expect.not.stringContaining(token)]);
  });
  test("P30: a file in DBFS warns, with the fix; the same props elsewhere do not", () => {
    let warnings: string[] = [];
    synth((stack) => {
      new DbfsFile(stack, "file", { path: "/a", content: Content.text("1") });
      warnings = warningsOf(stack).map(({ code, path, fix }) => `${code} ${path} ${fix ?? ""}`);
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^DBFS_DEPRECATED test-local\/file use VolumeFile or WorkspaceFile/),
    ]);
  });
  test("P31: a rebuilt wheel has a new path", () => {
    const paths = ["one", "two"].map((bytes) => {
      class Built extends Content {
        readonly fileName = "etl-1.0-py3-none-any.whl";
        sha256 = (): string => Buffer.from(bytes).toString("hex").repeat(10);
        render = (): { contentBase64: string } => ({ contentBase64: bytes });
      }
      return synth(
        (stack) =>
          new PythonWheel(stack, "wheel", { folder: "/Shared/wheels", content: new Built() }),
      ).resourceOf("databricks_workspace_file").path;
    });
    expect(paths[0]).not.toBe(paths[1]);
  });
  test("all problems are reported at once", () => {
    const allProblems = problems((stack) => {
      clusterInPool(stack, { enableElasticDisk: true });
      override(jobWithChain(stack), "task.0.job_cluster_key", "shraed");
      new DbfsFile(stack, "file", {
        path: "/a",
        content: Content.file("gone"),
        acceptDeprecation: "a test",
      });
      new Workflow(stack, "empty", { name: "empty" });
    });
    expect(allProblems.map(({ code }) => code).sort()).toEqual([
      "FILE_NOT_FOUND",
      "INVALID_CONSTRUCT",
      "POOL_DECIDES_DISK",
      "UNKNOWN_JOB_CLUSTER",
    ]);
  });
});
