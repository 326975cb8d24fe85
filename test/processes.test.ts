import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { identity, isRunning } from "../src/processes";

describe("a process on this machine", () => {
  test("is running until it ends, and is distinguished from a later one with the same pid", async () => {
    const child = spawn("sleep", ["60"]);
    const pid = child.pid ?? 0;
    const known = identity(pid);
    expect([isRunning(known), isRunning({ pid })]).toEqual([true, true]);
    if (process.platform === "linux") expect(isRunning({ pid, started: "1" })).toBe(false);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect([isRunning(known), isRunning({ pid })]).toEqual([false, false]);
  });

  test("counts as ended even if it was not reaped", async () => {
    if (process.platform !== "linux") return;
    // sleep does not reap the child of the shell that it replaced, so the child stays a zombie.
    const parent = spawn("sh", ["-c", "sh -c 'read wait' <&3 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    });
    const [line] = (await once(parent.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
    const known = identity(Number(line.toString()));
    expect(isRunning(known)).toBe(true);
    // Until then the shell could still reap it.
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    while (fs.readFileSync(`/proc/${parent.pid ?? 0}/comm`, "utf8").trim() !== "sleep")
      await pause();
    (parent.stdio[3] as NodeJS.WritableStream).end("\n");
    const state = (): string =>
      fs.readFileSync(`/proc/${known.pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().charAt(0);
    while (state() !== "Z") await pause();
    expect([isRunning(known), isRunning({ pid: known.pid })]).toEqual([false, false]);
    parent.kill("SIGKILL");
  });
});
