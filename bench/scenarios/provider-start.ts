// The start of the provider process until the handshake, with certificate, code cache and mutual
// TLS, compared with a `node -e` that prints one line.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { generate } from "selfsigned";
import type { Scenario } from "../scenario";

const entry = path.join(__dirname, "..", "..", "dist", "provider.js");
const starts = 15;

interface Context {
  readonly cache: string;
  readonly certificate: string;
}

/** Returns the milliseconds until a process prints its first output. */
function firstLine(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.once("error", reject);
    child.stdout.once("data", () => {
      resolve(performance.now() - started);
      child.kill("SIGKILL");
    });
  });
}

async function median(
  args: readonly string[],
  { cache, certificate }: Context,
): Promise<Record<string, number>> {
  const environment = {
    ...process.env,
    TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    PLUGIN_CLIENT_CERT: certificate,
    XDG_CACHE_HOME: cache,
  };
  const times: number[] = [];
  for (let i = 0; i < starts; i += 1) times.push(await firstLine(args, environment));
  return { medianMs: times.sort((a, b) => a - b)[Math.floor(starts / 2)] ?? Number.NaN };
}

export const scenario: Scenario<Context> = {
  title: `the provider's process: start to handshake, median of ${starts}`,
  baseline: "bare node",
  warmup: 1,
  repeats: 3,
  setup: async () => ({
    cache: mkdtempSync(path.join(os.tmpdir(), "bench-start-")),
    certificate: (await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" }))
      .cert,
  }),
  teardown: async ({ cache }) => {
    await rm(cache, { recursive: true, force: true });
  },
  variants: [
    { name: "bare node", run: (context) => median(["-e", "console.log(1)"], context) },
    { name: "provider", run: (context) => median([entry], context) },
  ],
};
