/**
 * Loses the response to each write call of each kind, before and after it took effect: the second
 * deploy succeeds, and every object exists once.
 */
import type { Sample } from "../support/every-kind";
import { removeFolders } from "../support/project";
import { longScale } from "../support/scale";
import { useWorkspace } from "../support/workspace";
import { samplesIn, tryWrites } from "./lost-writes";

const workspace = useWorkspace();
let samples: readonly Sample[];
beforeAll(async () => {
  samples = await samplesIn(workspace);
}, 60_000);
afterAll(removeFolders);

test("after a write whose response is lost, the next deploy succeeds, and every object exists once", async () => {
  let [caseCount, triedCount] = [0, 0];
  const step = Math.max(1, Math.round(0.5 / longScale));
  const isChosen = (): boolean => {
    const isSelected = caseCount++ % step === 0;
    if (isSelected) triedCount += 1;
    return isSelected;
  };
  const problems: string[] = [];
  for (const sample of samples) problems.push(...(await tryWrites(workspace, sample, isChosen)));
  expect(problems).toEqual([]);
  expect(triedCount).toBeGreaterThan(100);
}, 3_600_000);
