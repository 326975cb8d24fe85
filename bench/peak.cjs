// Writes the peak resident memory (KB) of a command when it ends.
const fs = require("node:fs");
process.on("exit", () => fs.writeFileSync(process.env.LAKEFORM_PEAK_FILE, String(process.resourceUsage().maxRSS)));
