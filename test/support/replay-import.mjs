// Takes the facts of recorded conversations of the official provider (configuration, environment,
// files, calls, plans, states) into test/fixtures/official-provider/, one file a case. The texts of
// diagnostics stay behind: only how many errors there were is kept.
//   node test/support/replay-import.mjs FOLDER-OF-RECORDINGS
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const from = process.argv[2];
if (from === undefined) throw new Error("which folder holds the recordings?");
const to = path.join(
  path.dirname(fileURLToPath(import.meta.url)),
  "..",
  "fixtures",
  "official-provider",
);
fs.mkdirSync(to, { recursive: true });

/** Answers that the recording shortened, made whole again from what it says about them. */
function wholeAnswer(record, request, earlier) {
  const { response } = request;
  if (response?.$same_as !== undefined) return earlier.get(request.path);
  if (response?.$truncated !== undefined && record.case === "data-jobs") {
    // "30 jobs job-00 .. job-29 with ids 1001 .. 1030", all on one page.
    const jobs = Array.from({ length: 30 }, (_, i) => ({
      job_id: 1001 + i,
      settings: { name: `job-${String(i).padStart(2, "0")}` },
    }));
    return { jobs, has_more: false };
  }
  if (response?.$truncated !== undefined)
    throw new Error(`${record.case}: a shortened answer that nobody can make whole`);
  return response;
}

function errors(diagnostics) {
  if (diagnostics === undefined) return 0;
  if (!Array.isArray(diagnostics)) return 1;
  return diagnostics.filter((one) => one.severity === "error").length;
}

let count = 0;
for (const name of fs.readdirSync(from).filter((file) => file.endsWith(".json"))) {
  const record = JSON.parse(fs.readFileSync(path.join(from, name), "utf8"));
  const earlier = new Map();
  const steps = record.steps.map(({ diagnostics, requests, ...step }) => {
    const calls = (requests ?? []).map((request) => {
      const response = wholeAnswer(record, request, earlier);
      earlier.set(request.path, response);
      const { seconds_after_previous, ...facts } = request;
      return {
        ...facts,
        ...(seconds_after_previous === undefined ? {} : { waited: true }),
        ...(response === undefined ? {} : { response }),
      };
    });
    const failed = errors(diagnostics);
    return { ...step, ...(failed === 0 ? {} : { errors: failed }), requests: calls };
  });
  fs.writeFileSync(path.join(to, name), `${JSON.stringify({ ...record, steps })}\n`);
  count += 1;
}
console.log(`${count} cases`);
