import { PassThrough } from "node:stream";
import { main } from "../../src/cli/main";
import { defined } from "../../src/defined";
import { makeHome } from "./project";

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a command in this process, without a terminal. Of the test's environment, only PATH and the
 * memory settings of Terraform (scripts/test.mjs) are passed; HOME is a new folder, unless `env`
 * sets it.
 */
export async function lakeform(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<CliResult> {
  const collect = (): { stream: PassThrough; text: () => string } => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    return { stream, text: () => Buffer.concat(chunks).toString("utf8") };
  };
  const [stdout, stderr] = [collect(), collect()];
  const { PATH, GOGC, GOMEMLIMIT } = process.env;
  const code = await main(args, {
    stdout: stdout.stream,
    stderr: stderr.stream,
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    env: {
      ...{ PATH, ...defined({ GOGC, GOMEMLIMIT }) },
      ...{ HOME: env.HOME ?? makeHome(), CHECKPOINT_DISABLE: "1" },
      ...env,
    },
    cwd,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** Fails with the complete output of the command if the exit code is not `code`. */
export function expectExit(result: CliResult, code: number): void {
  if (result.code !== code)
    throw new Error(`exit code ${result.code}, not ${code}\n${result.stderr}\n${result.stdout}`);
}
