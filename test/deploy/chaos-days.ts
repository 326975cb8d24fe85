/** Kinds of failures of a command: a process dies, a response is wrong or sent twice. */
import type { ChildProcess } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { RunningWorkspace } from "../../src/workspace/server";
import { childrenOf } from "../support/children";
import { makeFolder } from "../support/project";
import type { ProxyAction, TcpProxy } from "../support/tcp-proxy";

/** mulberry32: the same seed gives the same failures. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Day {
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

function loseResponse(
  { workspace, random }: Day,
  when: "before" | "after" = pick(random, ["before", "after"]),
): void {
  const failure = pick(random, [
    ...statuses.map((status) => ({ status })),
    { drop: true },
    { truncate: true },
  ]);
  const page =
    "status" in failure && random() < 0.3 ? { headers: { "content-type": "text/html" } } : {};
  // A truncated response is truncated after the call took effect.
  const fault = "truncate" in failure ? failure : { ...failure, ...page, when };
  workspace.faults.add({
    method: pick(random, ["POST", "POST", "PUT"]),
    path: "/api/*",
    nth: 1 + Math.floor(random() * 20),
    ...fault,
  });
}

async function runDuring(day: Day, running: Running, causeFailure: () => void): Promise<string> {
  // The time spans from the first call to long after the last one.
  day.workspace.faults.add({ method: "POST", path: "/api/*", delay_ms: 60, when: "after" });
  await Promise.race([running.ended, sleep(300 + day.random() * 3500)]);
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

/** Sets a wrong clock for every node process of the deploy, including the provider. */
function clockOff(hours: number): NodeJS.ProcessEnv {
  const file = path.join(makeFolder("clock"), "clock.cjs");
  fs.writeFileSync(
    file,
    `const now = Date.now.bind(Date); Date.now = () => now() + ${hours * 3_600_000};\n`,
  );
  return { NODE_OPTIONS: `--require ${file}` };
}

export const kinds: Readonly<Record<string, (day: Day) => Promise<string>>> = {
  "a response is lost": async (day) => {
    loseResponse(day);
    return (await day.start().ended).output;
  },
  "several responses are lost": async (day) => {
    for (let i = 0; i < 4; i += 1) loseResponse(day);
    return (await day.start().ended).output;
  },
  "many calls fail": async (day) => {
    const seed = Math.floor(day.random() * 1000);
    day.workspace.faults.add({
      path: "/api/*",
      probability: 0.06,
      status: 503,
      when: "after",
      seed,
    });
    day.workspace.faults.add({ path: "/api/*", probability: 0.06, drop: true, seed: seed + 1 });
    day.workspace.faults.add({ path: "/api/*", probability: 0.06, status: 502, seed: seed + 2 });
    return (await day.start().ended).output;
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
  "a gateway returns an error page for every call, temporarily": async (day) => {
    const { workspace, random } = day;
    const when = pick(random, ["before", "after"] as const);
    const page = {
      path: "/api/*",
      status: pick(random, [502, 503, 504]),
      headers: { "content-type": "text/html" },
      when,
    };
    const length = 500 + random() * 4000;
    let isOver: NodeJS.Timeout | undefined;
    const output = await runDuring(day, day.start({ LAKEFORM_OUTAGE_SECONDS: "3" }), () => {
      workspace.faults.clear();
      workspace.faults.add(page);
      isOver = setTimeout(() => workspace.faults.clear(), length);
    });
    clearTimeout(isOver);
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
  "the proxy dies": async (day) => {
    const { proxy, random } = day;
    const isBackSoon = random() < 0.5;
    let revival = Promise.resolve();
    const output = await runDuring(day, day.start({ LAKEFORM_OUTAGE_SECONDS: "3" }), () => {
      proxy.stop();
      if (isBackSoon) revival = sleep(1000).then(() => proxy.restart());
    });
    await revival;
    return output;
  },
  "a response is lost, with a wrong local clock": async (day) => {
    loseResponse(day, "after");
    return (await day.start(clockOff(pick(day.random, [-1, 1]))).ended).output;
  },
  "lakeform and Terraform are killed, with a wrong local clock": (day) => {
    const running = day.start(clockOff(pick(day.random, [-1, 1])));
    return runDuring(day, running, () => killAll(running));
  },
  "lakeform and Terraform are killed": (day) => {
    const running = day.start();
    return runDuring(day, running, () => killAll(running));
  },
  "lakeform is killed": (day) => {
    const running = day.start();
    return runDuring(day, running, () => kill(running.child.pid ?? 0, "SIGKILL"));
  },
  "Terraform is killed": (day) => {
    const running = day.start();
    return runDuring(day, running, () =>
      childrenOf(running.child.pid ?? 0).forEach((pid) => kill(pid, "SIGKILL")),
    );
  },
  "the provider is killed": (day) => {
    const running = day.start();
    return runDuring(day, running, () =>
      childrenOf(running.child.pid ?? 0)
        .flatMap(childrenOf)
        .forEach((pid) => kill(pid, "SIGKILL")),
    );
  },
  "a signal is sent": (day) => {
    const running = day.start();
    return runDuring(day, running, () =>
      kill(running.child.pid ?? 0, pick(day.random, ["SIGINT", "SIGTERM"])),
    );
  },
  "a second signal is sent": (day) => {
    const running = day.start();
    return runDuring(day, running, () => {
      const signals = [
        pick(day.random, ["SIGINT", "SIGTERM"] as const),
        pick(day.random, ["SIGINT", "SIGTERM"] as const),
      ];
      kill(running.child.pid ?? 0, signals[0] ?? "SIGINT");
      setTimeout(
        () =>
          running.child.exitCode === null && kill(running.child.pid ?? 0, signals[1] ?? "SIGINT"),
        day.random() * 800,
      );
    });
  },
  "the same command runs twice": async (day) => {
    const runs = [day.start(), day.start()];
    return (await Promise.all(runs.map(({ ended }) => ended)))
      .map(({ output }) => output)
      .join("\n");
  },
};

function killAll({ child }: Running): void {
  const pids = [child.pid ?? 0, ...childrenOf(child.pid ?? 0)];
  for (const pid of pids) kill(pid, "SIGKILL");
}
