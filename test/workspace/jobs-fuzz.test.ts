import fc from "fast-check";
import type { JsonObject, JsonValue } from "../../src/workspace/errors";
import { guideJob, notebook, startTestWorkspace, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
const bugs: string[] = [];
let jobId: number;
let runId: number;
beforeAll(async () => {
  server = await startTestWorkspace({
    log: (line) => {
      if (line.startsWith("BUG")) bugs.push(line);
    },
  });
  jobId = (await server.ok("POST", "/api/2.2/jobs/create", guideJob)).job_id as number;
  runId = (await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: jobId })).run_id as number;
  await server.advance("1m");
});
afterAll(() => server.close());

const ROUNDS = Number(process.env.LAKEFORM_FUZZ ?? 250);
const unusualValue = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    true,
    "",
    "x",
    -1,
    0,
    1.5,
    1e308,
    2 ** 53,
    [],
    {},
    "{{",
    "{{input}}",
    "{{tasks..values}}",
    "\u0000",
    "\ud800",
    "0 0 6 * * ?",
    "__proto__",
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
);
const fields = [
  "name",
  "tasks",
  "job_clusters",
  "schedule",
  "continuous",
  "trigger",
  "git_source",
  "tags",
  "parameters",
  "environments",
  "run_as",
  "queue",
  "health",
  "email_notifications",
  "webhook_notifications",
  "timeout_seconds",
  "max_concurrent_runs",
  "access_control_list",
  "idempotency_token",
  "format",
  "notebook_task",
  "new_cluster",
  "libraries",
  "max_retries",
  "notebook_params",
  "job_parameters",
  "jar_params",
  "only",
  "python_named_params",
  "pipeline_params",
  "rerun_tasks",
  "rerun_all_failed_tasks",
  "latest_repair_id",
  "new_settings",
  "fields_to_remove",
  "run_name",
  "limit",
  "offset",
  "page_token",
  "job_id",
  "run_id",
  "expand_tasks",
  "active_only",
  "run_type",
  "start_time_from",
  "description",
];
const taskFields = [
  "task_key",
  "depends_on",
  "run_if",
  "notebook_task",
  "condition_task",
  "for_each_task",
  "run_job_task",
  "libraries",
  "max_retries",
  "new_cluster",
  "job_cluster_key",
  "disabled",
  "timeout_seconds",
  "min_retry_interval_millis",
];
const dictionary = (names: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc
    .array(fc.tuple(fc.constantFrom(...names), unusualValue), { maxLength: 5 })
    .map((pairs) => Object.fromEntries(pairs));
/** A valid job with a few invalid fields. */
const jobWithInvalidFields = fc
  .tuple(dictionary(fields), dictionary(taskFields))
  .map(([jobFields, task]): JsonObject => ({
    ...guideJob,
    tasks: [{ ...notebook("a"), ...task }, notebook("b", ["a"])],
    job_clusters: undefined,
    ...jobFields,
  }));
const posts = [
  "create",
  "update",
  "reset",
  "run-now",
  "runs/submit",
  "runs/cancel",
  "runs/cancel-all",
  "runs/repair",
  "runs/delete",
];
const gets = ["get", "list", "runs/get", "runs/list", "runs/get-output", "runs/export"];

/** Sends a call, and expects a response other than an internal error. */
async function expectNoInternalError(
  method: string,
  route: string,
  body?: JsonObject,
): Promise<void> {
  const { status, body: response } = await server.call(method, route, body);
  expect([
    method,
    route,
    status < 500 && (status === 200 || typeof response.error_code === "string"),
    bugs,
  ]).toEqual([method, route, true, []]);
}

test("every posted body gets 200 or a rejection, and the lists can be read after the accepted jobs have run", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...posts),
      fc.constantFrom("2.0", "2.1", "2.2"),
      jobWithInvalidFields,
      fc.boolean(),
      async (route, version, body, useIds) => {
        const ids: JsonObject = useIds
          ? { job_id: jobId, ...(route === "runs/delete" ? {} : { run_id: runId }) }
          : {};
        await expectNoInternalError("POST", `/api/${version}/jobs/${route}`, {
          ...(route === "reset" || route === "update" ? { new_settings: body } : body),
          ...ids,
        });
        if (route === "create") await expectNoInternalError("POST", "/api/2.2/jobs/run-now", body);
      },
    ),
    { numRuns: ROUNDS },
  );
  await server.advance("2d");
  await expectNoInternalError("GET", "/api/2.2/jobs/list?limit=100&expand_tasks=true");
  await expectNoInternalError("GET", "/api/2.2/jobs/runs/list?limit=25&expand_tasks=true");
}, 120_000);

test("every GET gets 200 or a rejection", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...gets),
      fc.constantFrom("2.0", "2.1", "2.2"),
      dictionary(fields),
      async (route, version, query) => {
        const text = new URLSearchParams(
          Object.entries(query).map(([name, value]): [string, string] => [
            name,
            typeof value === "string" ? value : JSON.stringify(value),
          ]),
        ).toString();
        await expectNoInternalError("GET", `/api/${version}/jobs/${route}?${text}`);
      },
    ),
    { numRuns: ROUNDS },
  );
}, 120_000);

test("the control routes answer invalid requests without an internal error", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("clock", "outcomes"),
      dictionary([
        "outcomes",
        "defaults",
        "mode",
        "advance",
        "to",
        "task",
        "result",
        "duration",
        "values",
      ]),
      async (route, body) => {
        if (
          route === "clock" &&
          (body.mode === "real" ||
            typeof body.advance === "number" ||
            typeof body.to === "number" ||
            (typeof body.to === "string" && Number.isFinite(Date.parse(body.to))))
        )
          return;
        await expectNoInternalError("POST", `/_lakeform/${route}`, body);
      },
    ),
    { numRuns: Math.ceil(ROUNDS / 4) },
  );
}, 60_000);
