/** The failures of a command: a process dies, or responses are lost, wrong or delayed. */
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { makeFolder } from "../support/project";
import type { ProxyAction, TcpProxy } from "../support/tcp-proxy";

/** Returns a random generator (mulberry32): the same seed gives the same failures. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A command during which a failure is caused. */
export interface CommandUnderFailure {
  readonly workspace: RunningWorkspace;
  /** All commands reach the workspace through it. */
  readonly proxy: TcpProxy;
  readonly random: () => number;
  readonly start: (env?: NodeJS.ProcessEnv) => Running;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
}

const statuses = [500, 502, 503, 504, 408];
const pick = <T>(random: () => number, choices: readonly T[]): T =>
  choices[Math.floor(random() * choices.length)] as T;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function failOneCall(
  { workspace, random }: CommandUnderFailure,
  when: "before" | "after" = pick(random, ["before", "after"]),
): void {
  const failure = pick(random, [
    ...statuses.map((status) => ({ status })),
    { drop: true },
    { truncate: true },
  ]);
  const htmlHeaders =
    "status" in failure && random() < 0.3 ? { headers: { "content-type": "text/html" } } : {};
  // `when` does not apply: a response can only be truncated after the call took effect.
  const fault = "truncate" in failure ? failure : { ...failure, ...htmlHeaders, when };
  workspace.faults.add({
    method: pick(random, ["POST", "POST", "PUT"]),
    path: "/api/*",
    nth: 1 + Math.floor(random() * 20),
    ...fault,
  });
}

/** Causes a failure at a random moment of a running command. @returns the output of the command */
async function runWithFailure(
  step: CommandUnderFailure,
  running: Running,
  causeFailure: () => void,
): Promise<string> {
  // Delays the calls, so that the random moment falls between the first call and a little after the
  // last one.
  step.workspace.faults.add({ method: "POST", path: "/api/*", delay_ms: 60, when: "after" });
  await Promise.race([running.ended, sleep(300 + step.random() * 3500)]);
  if (running.child.exitCode === null) causeFailure();
  return (await running.ended).output;
}

const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/** Returns variables that shift `Date.now()` in every node process, including the provider. */
function shiftClock(hours: number): NodeJS.ProcessEnv {
  const file = path.join(makeFolder("clock"), "clock.cjs");
  fs.writeFileSync(
    file,
    `const now = Date.now.bind(Date); Date.now = () => now() + ${hours * 3_600_000};\n`,
  );
  return { NODE_OPTIONS: `--require ${file}` };
}

export const failures: Readonly<Record<string, (step: CommandUnderFailure) => Promise<string>>> = {
  "a response is lost": async (step) => {
    failOneCall(step);
    return (await step.start().ended).output;
  },
  "several responses are lost": async (step) => {
    for (let i = 0; i < 4; i += 1) failOneCall(step);
    return (await step.start().ended).output;
  },
  "many calls fail": async (step) => {
    const seed = Math.floor(step.random() * 1000);
    step.workspace.faults.add({
      path: "/api/*",
      probability: 0.06,
      status: 503,
      when: "after",
      seed,
    });
    step.workspace.faults.add({ path: "/api/*", probability: 0.06, drop: true, seed: seed + 1 });
    step.workspace.faults.add({ path: "/api/*", probability: 0.06, status: 502, seed: seed + 2 });
    return (await step.start().ended).output;
  },
  "many responses are 429 or 503 with Retry-After": async ({ workspace, random, start }) => {
    const seed = Math.floor(random() * 1000);
    workspace.faults.add({ path: "/api/*", probability: 0.1, retry_after: 1, seed });
    workspace.faults.add({
      path: "/api/*",
      probability: 0.05,
      status: 503,
      headers: { "retry-after": "1" },
      when: "after",
      seed: seed + 1,
    });
    return (await start().ended).output;
  },
  "a gateway returns an error page for every call, temporarily": async (step) => {
    const { workspace, random } = step;
    const when = pick(random, ["before", "after"] as const);
    const errorPageFault = {
      path: "/api/*",
      status: pick(random, [502, 503, 504]),
      headers: { "content-type": "text/html" },
      when,
    };
    const length = 500 + random() * 4000;
    let endTimer: NodeJS.Timeout | undefined;
    const output = await runWithFailure(step, step.start({ LAKEFORM_OUTAGE_SECONDS: "3" }), () => {
      workspace.faults.clear();
      workspace.faults.add(errorPageFault);
      endTimer = setTimeout(() => workspace.faults.clear(), length);
    });
    clearTimeout(endTimer);
    return output;
  },
  "a proxy resets connections and truncates responses": async ({ proxy, random, start }) => {
    const faults: readonly ProxyAction[] = [
      "resetBeforeRequest",
      "resetAfterRequest",
      "resetMidResponse",
      "closeMidResponse",
    ];
    proxy.chooseAction = () => (random() < 0.06 ? pick(random, faults) : "pass");
    return (await start().ended).output;
  },
  "the proxy dies": async (step) => {
    const { proxy, random } = step;
    const isBackSoon = random() < 0.5;
    let revival = Promise.resolve();
    const output = await runWithFailure(step, step.start({ LAKEFORM_OUTAGE_SECONDS: "3" }), () => {
      proxy.stop();
      if (isBackSoon) revival = sleep(1000).then(() => proxy.restart());
    });
    await revival;
    return output;
  },
  "a response is lost, with a wrong local clock": async (step) => {
    failOneCall(step, "after");
    return (await step.start(shiftClock(pick(step.random, [-1, 1]))).ended).output;
  },
  "lakeform and Terraform are killed, with a wrong local clock": (step) => {
    const running = step.start(shiftClock(pick(step.random, [-1, 1])));
    return runWithFailure(step, running, () => killWithTerraform(running));
  },
  "lakeform and Terraform are killed": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () => killWithTerraform(running));
  },
  "lakeform is killed": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () => kill(running.child.pid ?? 0, "SIGKILL"));
  },
  "Terraform is killed": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () =>
      childrenOf(running.child.pid ?? 0).forEach((pid) => kill(pid, "SIGKILL")),
    );
  },
  "the provider is killed": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () =>
      childrenOf(running.child.pid ?? 0)
        .flatMap(childrenOf)
        .forEach((pid) => kill(pid, "SIGKILL")),
    );
  },
  "a signal is sent": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () =>
      kill(running.child.pid ?? 0, pick(step.random, ["SIGINT", "SIGTERM"])),
    );
  },
  "a second signal is sent": (step) => {
    const running = step.start();
    return runWithFailure(step, running, () => {
      const signals = [
        pick(step.random, ["SIGINT", "SIGTERM"] as const),
        pick(step.random, ["SIGINT", "SIGTERM"] as const),
      ];
      kill(running.child.pid ?? 0, signals[0] ?? "SIGINT");
      setTimeout(
        () =>
          running.child.exitCode === null && kill(running.child.pid ?? 0, signals[1] ?? "SIGINT"),
        step.random() * 800,
      );
    });
  },
  "the same command runs twice at the same time": async (step) => {
    const runs = [step.start(), step.start()];
    return (await Promise.all(runs.map(({ ended }) => ended)))
      .map(({ output }) => output)
      .join("\n");
  },
};

function killWithTerraform({ child }: Running): void {
  const pids = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)];
  for (const pid of pids) kill(pid, "SIGKILL");
}
