import { spawn } from "node:child_process";
import path from "node:path";
import { repository } from "./project";

/** Keys that are typed when the output matches an expression. */
export type TypedInput = readonly [expected: RegExp, keys: string];

/** Runs the built command on a pseudo-terminal. @returns all output as `screen` */
export function onTerminal(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  {
    typed = [],
    columns = 100,
    cwd = "/",
  }: { typed?: readonly TypedInput[]; columns?: number | undefined; cwd?: string } = {},
): Promise<{ readonly code: number | null; readonly screen: string }> {
  return new Promise((resolve, reject) => {
    const bin = path.join(repository, "bin", "lakeform.js");
    const child = spawn(
      "python3",
      [
        path.join(repository, "test/support/terminal.py"),
        String(columns),
        "30",
        process.execPath,
        bin,
        ...words,
      ],
      {
        env: { PATH: process.env.PATH, HOME: "/nonexistent", TERM: "xterm", ...env },
        cwd,
      },
    );
    let screen = "";
    let nextInput = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      screen += chunk.toString("utf8");
      const input = typed[nextInput];
      if (input === undefined || !input[0].test(screen)) return;
      nextInput += 1;
      child.stdin.write(input[1]);
    });
    child.stderr.on("data", (chunk: Buffer) => (screen += chunk.toString("utf8")));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, screen }));
  });
}
