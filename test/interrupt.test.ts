import { setImmediate as nextTurn } from "node:timers/promises";
import { atInterrupt, handleSignals } from "../src/interrupt";

test("a clean-up that is registered while others run takes place before the process ends", async () => {
  const before = process.listeners("SIGTERM");
  // The real exit would end the test, and a real signal would reach Jest.
  const exited = new Promise<unknown>((resolve) =>
    jest.spyOn(process, "exit").mockImplementation(((code: number) => resolve(code)) as never),
  );
  // With real timers, the time limit of the clean-ups would still run after the test.
  jest.useFakeTimers({ doNotFake: ["setImmediate"] });
  jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  const done: string[] = [];
  const stopHandlingSignals = handleSignals("the advice that the interrupted command prints");
  const remove = [
    atInterrupt(async () => {
      await nextTurn();
      done.push("lock");
    }),
  ];
  const onSignal = process.listeners("SIGTERM").find((listener) => !before.includes(listener));
  onSignal?.("SIGTERM");
  remove.push(
    atInterrupt(() => {
      done.push("plan");
    }),
  );
  expect(await exited).toBe(143);
  expect(done).toEqual(["lock", "plan"]);
  [...remove, stopHandlingSignals].forEach((end) => end());
  jest.useRealTimers();
  jest.restoreAllMocks();
});
