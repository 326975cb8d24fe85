import fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

/**
 * A recording of the official provider (test/fixtures/official-provider): the requests and responses
 * of each step, and its plan.
 */
interface Recording {
  readonly case: string;
  readonly kind: string;
  readonly steps: readonly {
    readonly step: string;
    readonly plan?: unknown;
    readonly requests: readonly Exchange[];
  }[];
}
interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  readonly status: number;
  readonly response: JsonObject;
}

const folder = path.join(__dirname, "../fixtures/official-provider");
const recordings = fs
  .readdirSync(folder)
  .filter((file) => file.startsWith("job-") && file.endsWith(".json"))
  .map((file) => JSON.parse(fs.readFileSync(path.join(folder, file), "utf8")) as Recording);

let server: TestWorkspace;
beforeAll(async () => {
  server = await startTestWorkspace({
    admin: "dev@example.com",
    principals: [{ name: "runner@example.com" }],
  });
});
afterAll(() => server.close());

/**
 * The recordings with an empty plan after the create. In the others, the response causes a plan on
 * purpose: defaults in the inner task of a for_each, or lists that the provider sorts.
 */
const withEmptyPlan = recordings.filter(({ steps }) =>
  steps.some(({ step, plan }) => step === "plan after create" && plan === "no changes"),
);

test("more than 25 recordings have an empty plan", () =>
  expect(withEmptyPlan.length).toBeGreaterThan(25));

describe("jobs created by the official provider are returned as in the recordings with an empty plan", () => {
  test.each(withEmptyPlan.map((recording) => [recording.case, recording] as const))(
    "%s",
    async (_name, { steps }) => {
      const requests = steps[0]?.requests ?? [];
      const create = requests.find(({ path: requestPath }) => requestPath.endsWith("/jobs/create"));
      const get = requests.find(
        ({ path: requestPath, status }) => requestPath.endsWith("/jobs/get") && status === 200,
      );
      if (create?.body === undefined || get === undefined)
        throw new Error("the recording has no create");
      const { job_id } = await server.ok("POST", create.path, create.body);
      const response = await server.ok("GET", `${get.path}?job_id=${asId(job_id)}`);
      const expected = get.response;
      expect(response).toMatchObject({
        creator_user_name: "dev@example.com",
        run_as_user_name: expected.run_as_user_name,
        settings: expected.settings,
      });
      // The response must have no field that the recording lacks, since an extra block could be
      // planned as a difference.
      expect(response.settings).toEqual(expected.settings);
    },
  );
});
