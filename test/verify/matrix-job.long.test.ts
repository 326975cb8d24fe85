import { openLab } from "./harness";
import { runJobMatrix } from "./matrix-run";

test("every field of a job that REST lets one change is seen when it is changed, added or removed, and nothing else is", async () => {
  const lab = await openLab([{ name: "second@example.com" }]);
  const outcomes = await runJobMatrix(lab, () => true);
  await lab.close();
  const detected = outcomes.filter(({ outcome }) => outcome === "detected").length;
  // The figure of docs/verify.md.
  process.stdout.write(`mutation matrix of databricks_job: ${detected} of ${outcomes.length} changes detected\n`);
  expect(outcomes.filter(({ outcome }) => outcome !== "detected")).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(1650);
});
