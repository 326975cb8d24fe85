import { Readable, Writable } from "node:stream";
import { main } from "../../src/cli/main";
import type { Io } from "../../src/cli/io";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, in an empty home and outside any project unless `cwd` is set. */
export async function command(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  options: { readonly stdin?: string; readonly cwd?: string } = {},
): Promise<CommandResult> {
  let stdout = "";
  let stderr = "";
  const sink = (onText: (text: string) => void): NodeJS.WritableStream =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        onText(chunk.toString("utf8"));
        done();
      },
    });
  const io: Partial<Io> = {
    stdout: sink((text) => (stdout += text)),
    stderr: sink((text) => (stderr += text)),
    stdin: Readable.from(
      options.stdin === undefined ? [] : [Buffer.from(options.stdin)],
    ) as unknown as NodeJS.ReadStream,
    env: { HOME: "/nonexistent", ...env },
    cwd: options.cwd ?? "/",
  };
  const code = await main(words, io);
  return { code, stdout, stderr };
}
