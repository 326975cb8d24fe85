// The jobs of lakeform.ts, written with cdktf and the generated bindings alone, in the structure of
// the `cdktf init` template.
import type { Construct } from "constructs";
import { App, TerraformStack } from "cdktf";
import { Job } from "@cdktf/provider-databricks/lib/job";
import { DatabricksProvider } from "@cdktf/provider-databricks/lib/provider";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "1000");

class BenchStack extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new DatabricksProvider(this, "provider");
    for (let index = 0; index < jobs; index++) this.addJob(index);
  }

  private addJob(index: number): void {
    new Job(this, `job-${index}`, {
      name: `job ${index}`,
      tags: { team: "bench" },
      jobCluster: [
        {
          jobClusterKey: "shared",
          newCluster: {
            sparkVersion: "15.4.x-scala2.12",
            nodeTypeId: "Standard_DS3_v2",
            numWorkers: 2,
          },
        },
      ],
      task: Array.from({ length: 10 }, (_, taskIndex) => ({
        taskKey: `task_${taskIndex}`,
        jobClusterKey: "shared",
        dependsOn: taskIndex === 0 ? undefined : [{ taskKey: `task_${taskIndex - 1}` }],
        notebookTask: {
          notebookPath: `/Shared/notebook_${taskIndex}`,
          baseParameters: { input_path: "s3://raw-data/", step: String(taskIndex) },
          source: "WORKSPACE",
        },
        maxRetries: 1,
        timeoutSeconds: 3600,
      })),
    });
  }
}

const app = new App();
new BenchStack(app, "bench");
app.synth();
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(`peak ${maxRSS} cpu ${userCPUTime + systemCPUTime}`);
