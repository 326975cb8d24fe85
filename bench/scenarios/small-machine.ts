// Deploys with little memory: a Linux control group limits each command and its descendants to 2 GB
// in total (LAKEFORM_BENCH_MEMORY, in MB). The workspace runs outside of the group.
// LAKEFORM_BENCH_JOBS=100 for a quick run. Fails if a process is killed for exceeding the limit.
import { MemoryLimit } from "../memory-limit";
import type { Scenario } from "../scenario";
import { measureDeploys } from "./deploy";

const jobs = Number(process.env.LAKEFORM_BENCH_JOBS ?? "400");
const megabytes = Number(process.env.LAKEFORM_BENCH_MEMORY ?? "2048");

export const scenario: Scenario = {
  title: `${jobs} jobs of 10 tasks in ${megabytes} MB: first deploy, deploy without changes, deploy of one job, verify, review of all, destroy`,
  baseline: "no limit",
  warmup: 0,
  repeats: 1,
  variants: [
    { name: "no limit", run: () => measureDeploys(undefined, jobs) },
    {
      name: `${megabytes} MB`,
      run: async () => {
        const limit = new MemoryLimit(megabytes);
        try {
          return {
            ...(await measureDeploys(undefined, jobs, (command) => limit.within(command))),
            killedProcesses: limit.killed,
          };
        } finally {
          limit.close();
        }
      },
    },
  ],
};
