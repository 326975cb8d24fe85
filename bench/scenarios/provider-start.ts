// The start of the provider process until the handshake, with certificate, code cache and mutual
// TLS, compared with a `node -e` that prints one line. The variants alternate. Processor time varies
// less than wall time on a busy machine.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { generate } from "selfsigned";
import type { Scenario } from "../scenario";

const entry = path.join(__dirname, "..", "..", "dist", "provider.js");

interface Context {
  readonly cache: string;
  readonly certificate: string;
}

/** Measures a process until it prints its first output. */
function measureFirstOutput(
  args: readonly string[],
  { cache, certificate }: Context,
): Promise<Record<string, number>> {
  const environment = {
    ...process.env,
    TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    PLUGIN_CLIENT_CERT: certificate,
    XDG_CACHE_HOME: cache,
  };
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(process.execPath, args, {
      env: environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.once("error", reject);
    child.stdout.once("data", () => {
      const milliseconds = performance.now() - started;
      resolve({ milliseconds, processorMilliseconds: processorOf(child.pid ?? 0) });
      child.kill("SIGKILL");
    });
  });
}

/** Returns the processor time of all threads of a process in milliseconds. */
function processorOf(pid: number): number {
  const threads = `/proc/${pid}/task`;
  return readdirSync(threads).reduce((sum, thread) => {
    const nanoseconds = readFileSync(`${threads}/${thread}/schedstat`, "utf8").split(" ")[0];
    return sum + Number(nanoseconds) / 1e6;
  }, 0);
}

export const scenario: Scenario<Context> = {
  title: "the provider's process: start to handshake",
  baseline: "node alone",
  warmup: 3,
  repeats: 41,
  setup: async () => ({
    cache: mkdtempSync(path.join(os.tmpdir(), "bench-start-")),
    certificate: (await generate([{ name: "commonName", value: "terraform" }], { keyType: "ec" }))
      .cert,
  }),
  teardown: async ({ cache }) => {
    await rm(cache, { recursive: true, force: true });
  },
  variants: [
    { name: "node alone", run: (context) => measureFirstOutput(["-e", "console.log(1)"], context) },
    { name: "provider", run: (context) => measureFirstOutput([entry], context) },
  ],
};
