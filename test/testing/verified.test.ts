import { verifyMatchers } from "../../src/testing";
import { check, deployDirect, openLab, type Deployed, type Lab } from "../verify/harness";

expect.extend(verifyMatchers);

let lab: Lab;
let deployed: Deployed;
beforeAll(async () => {
  lab = await openLab();
  deployed = await deployDirect(lab, { databricks_secret_scope: { s: { name: "etl" } } });
});
afterAll(() => lab.close());

describe("toBeVerified", () => {
  test("passes for a clean report, and shows the report otherwise", async () => {
    expect(await check(lab, deployed)).toBeVerified();
    await lab.client.post("/api/2.0/secrets/scopes/delete", { scope: "etl" });
    const report = await check(lab, deployed);
    expect(report).not.toBeVerified();
    expect(() => expect(report).toBeVerified()).toThrow(/missing[\s\S]*lab-local\/s/);
  });

  test("rejects what is no report", () => {
    expect(() => expect(Promise.resolve()).toBeVerified()).toThrow(/is an await missing/);
  });
});
