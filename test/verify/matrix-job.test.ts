import { openLab } from "./harness";
import { jobLeaves, reasonOutside } from "./matrix-job";
import { runJobMatrix } from "./matrix-run";

test("a part of the job's mutation matrix: every 40th field, changed, added and removed", async () => {
  const lab = await openLab([{ name: "second@example.com" }]);
  const outcomes = await runJobMatrix(lab, (_, at) => at % 40 === 3);
  await lab.close();
  expect(outcomes.filter(({ outcome }) => outcome !== "detected")).toEqual([]);
  expect(outcomes.length).toBeGreaterThan(35);
});

test("what is outside of the matrix is little, and each field has its reason", () => {
  const outside = jobLeaves().filter((leaf) => reasonOutside(leaf) !== undefined);
  expect(outside.length).toBeLessThan(60);
});
