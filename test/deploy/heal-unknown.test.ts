import { heal } from "../../src/deploy/heal";
import { listHealings, listNotHealed } from "../../src/review/changes/healing";
import {
  check,
  checkFully,
  deployDirect,
  openLab,
  summary,
  type Deployed,
  type Lab,
} from "../verify/harness";

const events = { step: () => undefined, note: () => undefined, terraform: () => undefined };

/**
 * The workspace has a changed number of runs; the code has a value of the job that verify cannot
 * determine.
 */
describe("a value that the code does not determine", () => {
  let lab: Lab;
  let deployed: Deployed;
  beforeAll(async () => {
    lab = await openLab();
    deployed = await deployDirect(lab, {
      databricks_job: { j: { name: "j", max_concurrent_runs: 2, description: "by terraform" } },
    });
    const id = deployed.state.resources[0]?.instances[0]?.attributes?.id;
    await lab.client.post("/api/2.1/jobs/update", {
      job_id: Number(id),
      new_settings: { max_concurrent_runs: 3 },
    });
  });
  afterAll(() => lab.close());

  test("is not written: the job is unchanged, and the reason is reported", async () => {
    const stack = {
      resource: {
        databricks_job: { j: { name: "j", max_concurrent_runs: 2, description: "${uuid()}" } },
      },
    };
    const { raw } = await checkFully(lab, deployed, { stack });
    expect(listHealings(raw)).toEqual([]);
    expect(listNotHealed(raw)).toMatchObject([
      {
        address: "databricks_job.j",
        fields: [{ path: "max_concurrent_runs", desired: 2, remote: 3 }],
        reason: expect.stringContaining("an expression") as string,
      },
    ]);
  });

  test("is written once all values are known", async () => {
    const verification = await checkFully(lab, deployed);
    expect(listNotHealed(verification.raw)).toEqual([]);
    await heal(
      { client: lab.client, stack: { name: "lab-local", directory: "/nowhere" } },
      verification,
      events,
    );
    expect(summary(await check(lab, deployed))).toEqual([]);
    // Healing of a value that has changed again is not requested, and writes nothing.
    expect(listHealings((await checkFully(lab, deployed)).raw)).toEqual([]);
  });
});
