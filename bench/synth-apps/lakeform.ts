import {
  ClusterSize,
  NodeType,
  NotebookTask,
  SparkVersion,
  synthesize,
  Workflow,
  WorkspaceStack,
  type Task,
} from "lakeform/constructs";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "1000");

synthesize((app) => {
  const stack = new WorkspaceStack(app, "bench", {
    project: "bench",
    environment: { name: "local", provider: "embedded", values: {} },
  });
  for (let index = 0; index < jobs; index++) {
    const workflow = new Workflow(stack, `job-${index}`, {
      name: `job ${index}`,
      tags: { team: "bench" },
    });
    const shared = workflow.addJobCluster("shared", {
      sparkVersion: SparkVersion.LTS_15_4,
      nodeType: NodeType.of("Standard_DS3_v2"),
      size: ClusterSize.fixed(2),
    });
    let previous: Task | undefined;
    for (let taskIndex = 0; taskIndex < 10; taskIndex++) {
      previous = workflow.addTask(`task_${taskIndex}`, {
        run: NotebookTask.at(`/Shared/notebook_${taskIndex}`, {
          input_path: "s3://raw-data/",
          step: String(taskIndex),
        }),
        on: shared,
        after: previous === undefined ? [] : [previous],
        maxRetries: 1,
        timeoutSeconds: 3600,
      });
    }
  }
});
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(`peak ${maxRSS} cpu ${userCPUTime + systemCPUTime}`);
