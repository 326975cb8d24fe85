import { formatDuration, formatSize } from "./format";

export interface ProgressBar {
  update(bytes: number): void;
  done(): void;
}

type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Shows a progress bar on a terminal, and nothing elsewhere (a line is printed for each finished
 * file). Fits the terminal's width for any label.
 */
export function progressBar(
  stream: Stream,
  label: string,
  total: number | undefined,
  now: () => number,
  quiet = false,
): ProgressBar {
  if (quiet || stream.isTTY !== true) return { update: () => undefined, done: () => undefined };
  const started = now();
  let drawnAt = 0;
  let isShown = false;
  return {
    update: (bytes) => {
      if (now() - drawnAt < 100 && bytes !== total) return;
      drawnAt = now();
      const ms = Math.max(1, drawnAt - started);
      const part = total === undefined || total === 0 ? undefined : Math.min(1, bytes / total);
      const width = (stream.columns ?? 80) - 1;
      const parts =
        part === undefined || total === undefined
          ? [formatSize(bytes)]
          : [
              `${"█".repeat(Math.round(part * 20)).padEnd(20, "░")} ${String(Math.floor(part * 100)).padStart(3)} %`,
              `${formatSize(bytes)} of ${formatSize(total)}`,
            ];
      parts.push(`${formatSize(Math.round((bytes / ms) * 1000))}/s`);
      if (part !== undefined && part > 0)
        parts.push(`${formatDuration((ms / part) * (1 - part))} left`);
      // On a narrow terminal, the bar and the name have priority.
      const minLabel = Math.min(label.length, 20);
      while (parts.length > 1 && minLabel + 2 + parts.join("  ").length > width) parts.pop();
      const details = parts.join("  ");
      const line = `${shorten(label, width - details.length - 2)}  ${details}`;
      // Overwriting the previous line avoids flicker.
      stream.write(`\r${line.slice(0, width)}\u001B[K`);
      isShown = true;
    },
    done: () => {
      if (isShown) stream.write("\r\u001B[2K");
      isShown = false;
    },
  };
}

/** Shortens a path at its start, because the end identifies it better. */
function shorten(label: string, width: number): string {
  return label.length <= width
    ? label
    : `…${label.slice(Math.max(0, label.length - Math.max(0, width - 1)))}`;
}
