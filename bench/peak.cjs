// Writes the peak resident memory (KB) and the CPU time (microseconds) of a command when it ends:
// the latter is what a busy machine does not blur. `%p` in the file's name is the process id, for
// commands that start several processes.
const fs = require("node:fs");
process.on("exit", () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  fs.writeFileSync(
    process.env.LAKEFORM_PEAK_FILE.replace("%p", process.pid),
    `${maxRSS} ${userCPUTime + systemCPUTime}`,
  );
});
