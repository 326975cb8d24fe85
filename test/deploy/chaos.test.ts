import { removeFolders } from "../support/project";
import { chaos } from "./chaos";

afterAll(removeFolders);

test("bad days with a fixed seed: one plain deploy afterwards ends with 0, everything is there once, nothing is left behind", async () => {
  const { wrong, rows } = await chaos(Number(process.env.CHAOS_RUNS ?? 2), Number(process.env.CHAOS_SEED ?? 23), 4);
  expect(wrong).toEqual([]);
  expect([...rows.values()].reduce((sum, { tried }) => sum + tried, 0)).toBeGreaterThan(1);
}, 300_000);
