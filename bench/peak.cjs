// Preloaded into a Node process: writes its peak resident memory (KB) and CPU time (microseconds)
// to LAKEFORM_PEAK_FILE when it ends. `%p` in the file name stands for the process id, for commands
// that start several processes. CPU time varies less than wall time on a busy machine.
const fs = require("node:fs");
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  fs.writeFileSync(
    process.env.LAKEFORM_PEAK_FILE.replace("%p", process.pid),
    `${maxRSS} ${userCPUTime + systemCPUTime}`,
  );
});
