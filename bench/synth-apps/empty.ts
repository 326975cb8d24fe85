import { synthesize, WorkspaceStack } from "lakeform/constructs";

synthesize((app) => {
  new WorkspaceStack(app, "bench", {
    project: "bench",
    environment: { name: "local", provider: "embedded", values: {} },
  });
});
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
console.log(`peak ${maxRSS} cpu ${userCPUTime + systemCPUTime}`);
