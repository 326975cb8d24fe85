// Imports recorded runs of the official provider (configuration, environment, files, calls, plans,
// states) to test/fixtures/official-provider/, one file per case. Of the diagnostics, only the
// number of errors is kept.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const sourceFolder = process.argv[2];
if (sourceFolder === undefined)
  throw new Error("usage: node test/support/replay-import.mjs FOLDER-OF-RECORDINGS");
const targetFolder = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  "..",
  "fixtures",
  "official-provider",
);
fs.mkdirSync(targetFolder, { recursive: true });

/** Restores a response that the recording abbreviated. */
function restoreResponse(record, request, earlierResponses) {
  const { response } = request;
  if (response?.$same_as !== undefined) return earlierResponses.get(request.path);
  if (response?.$truncated !== undefined && record.case === "data-jobs") {
    // "30 jobs job-00 .. job-29 with ids 1001 .. 1030", all on one page.
    const jobs = Array.from({ length: 30 }, (_, i) => ({
      job_id: 1001 + i,
      settings: { name: `job-${String(i).padStart(2, "0")}` },
    }));
    return { jobs, has_more: false };
  }
  if (response?.$truncated !== undefined)
    throw new Error(`${record.case}: cannot restore an abbreviated response`);
  return response;
}

function errorCount(diagnostics) {
  if (diagnostics === undefined) return 0;
  if (!Array.isArray(diagnostics)) return 1;
  return diagnostics.filter(({ severity }) => severity === "error").length;
}

let count = 0;
for (const name of fs.readdirSync(sourceFolder).filter((file) => file.endsWith(".json"))) {
  const record = JSON.parse(fs.readFileSync(path.join(sourceFolder, name), "utf8"));
  const earlierResponses = new Map();
  const steps = record.steps.map(({ diagnostics, requests, ...step }) => {
    const calls = (requests ?? []).map((request) => {
      const response = restoreResponse(record, request, earlierResponses);
      earlierResponses.set(request.path, response);
      const { seconds_after_previous, ...recordedFields } = request;
      return {
        ...recordedFields,
        ...(seconds_after_previous === undefined ? {} : { waited: true }),
        ...(response === undefined ? {} : { response }),
      };
    });
    const errors = errorCount(diagnostics);
    return { ...step, ...(errors === 0 ? {} : { errors }), requests: calls };
  });
  fs.writeFileSync(path.join(targetFolder, name), `${JSON.stringify({ ...record, steps })}\n`);
  count += 1;
}
console.log(`${count} cases`);
