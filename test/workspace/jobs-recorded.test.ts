import fs from "node:fs";
import path from "node:path";
import type { JsonObject } from "../../src/workspace/errors";
import { startTestWorkspace, asId, type TestWorkspace } from "./jobs-support";

/**
 * Requests of the official provider, each with a response after which its next plan was empty
 * (test/fixtures/official-provider).
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

let w: TestWorkspace;
beforeAll(async () => {
  w = await startTestWorkspace({
    admin: "dev@example.com",
    principals: [{ name: "runner@example.com" }],
  });
});
afterAll(() => w.close());

/**
 * Cases whose recorded response was written to cause problems: defaults in a for_each's inner task,
 * or lists that the provider sorts.
 */
const empty = recordings.filter(({ steps }) =>
  steps.some(({ step, plan }) => step === "plan after create" && plan === "no changes"),
);

test("there are recordings with an empty plan", () => expect(empty.length).toBeGreaterThan(25));

describe("jobs created by the official provider are returned as in the recordings with an empty plan", () => {
  test.each(empty.map((recording) => [recording.case, recording] as const))(
    "%s",
    async (_name, { steps }) => {
      const requests = steps[0]?.requests ?? [];
      const create = requests.find(({ path: where }) => where.endsWith("/jobs/create"));
      const get = requests.find(
        ({ path: where, status }) => where.endsWith("/jobs/get") && status === 200,
      );
      if (create?.body === undefined || get === undefined)
        throw new Error("the recording has no create");
      const { job_id } = await w.ok("POST", create.path, create.body);
      const answer = await w.ok("GET", `${get.path}?job_id=${asId(job_id)}`);
      const expected = get.response;
      expect(answer).toMatchObject({
        creator_user_name: "dev@example.com",
        run_as_user_name: expected.run_as_user_name,
        settings: expected.settings,
      });
      // The response must have no field that the recording lacks, since an extra block could be
      // planned as a difference.
      expect(answer.settings).toEqual(expected.settings);
    },
  );
});
