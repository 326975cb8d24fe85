// Writes the peak resident memory (KB) and CPU time (microseconds) of a command when it ends. CPU
// time varies less than wall time on a busy machine. `%p` in the file name stands for the process
// id, for commands that start several processes.
const fs = require("node:fs");
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  fs.writeFileSync(
    process.env.LAKEFORM_PEAK_FILE.replace("%p", process.pid),
    `${maxRSS} ${userCPUTime + systemCPUTime}`,
  );
});
