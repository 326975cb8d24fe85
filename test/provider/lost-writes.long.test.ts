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

test("the second deploy succeeds, and every object exists once", async () => {
  let [seen, tried] = [0, 0];
  const every = Math.max(1, Math.round(0.5 / longScale));
  const chosen = (): boolean => {
    const take = seen++ % every === 0;
    if (take) tried += 1;
    return take;
  };
  const wrong: string[] = [];
  for (const sample of samples) wrong.push(...(await tryWrites(workspace, sample, chosen)));
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(100);
}, 3_600_000);
