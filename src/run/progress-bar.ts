import { size } from "./words";

export interface ProgressBar {
  update(bytes: number): void;
  done(): void;
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** A bar on a terminal, nothing elsewhere (a line a file is printed when it is done). */
export function progressBar(stream: Stream, label: string, total: number | undefined, now: () => number, quiet = false): ProgressBar {
  if (quiet || stream.isTTY !== true) return { update: () => undefined, done: () => undefined };
  const started = now();
  let drawn = 0;
  return {
    update: (bytes) => {
      if (now() - drawn < 100 && bytes !== total) return;
      drawn = now();
      const seconds = Math.max(0.001, (drawn - started) / 1000);
      const part = total === undefined || total === 0 ? undefined : bytes / total;
      const bar = part === undefined ? "" : ` ${"█".repeat(Math.round(part * 20)).padEnd(20, "░")} ${Math.floor(part * 100)} %`;
      stream.write(
        `\r\u001B[2K${`${label}${bar} ${size(bytes)} ${size(Math.round(bytes / seconds))}/s`.slice(0, (stream.columns ?? 80) - 1)}`,
      );
    },
    done: () => void stream.write("\r\u001B[2K"),
  };
}
