import { latest, isTerminal, type Run, type TaskRun } from "./run-model";

/**
 * Counts the workspace's active task runs, and tracks the runs that are queued for lack of
 * capacity.
 */
export class Capacity {
  private readonly countsByRun = new Map<number, number>();
  private activeCount = 0;
  /** The ids of runs that are queued for lack of capacity. */
  private readonly waitingRuns = new Set<number>();

  constructor(private readonly limit: () => number) {}

  /** Whether the limit is reached: new runs must be queued or skipped. */
  get isFull(): boolean {
    return this.activeCount >= this.limit();
  }

  get fullMessage(): string {
    return `The workspace has reached its limit of ${this.limit()} concurrent task runs.`;
  }

  /** Updates the number of active task runs. Call it after each change of a run. */
  updateCount(run: Run): void {
    const count = isTerminal(run.life)
      ? 0
      : run.tasks.reduce((sum, task) => sum + countActiveRuns(task), 0);
    this.activeCount += count - (this.countsByRun.get(run.run_id) ?? 0);
    if (count === 0) this.countsByRun.delete(run.run_id);
    else this.countsByRun.set(run.run_id, count);
  }

  enqueue(id: number): void {
    this.waitingRuns.add(id);
  }

  /** Calls `start` for the waiting runs, oldest first, while there is capacity. */
  startWaiting(start: (id: number) => void): void {
    for (const id of this.waitingRuns) {
      if (this.isFull) return;
      this.waitingRuns.delete(id);
      start(id);
    }
  }
}

/** Returns the number of active runs of a task or of its iterations. */
function countActiveRuns(task: TaskRun): number {
  const { life, iterations } = latest(task);
  if (iterations !== undefined)
    return iterations.reduce((sum, iteration) => sum + countActiveRuns(iteration), 0);
  return life === "PENDING" || life === "RUNNING" || life === "TERMINATING" ? 1 : 0;
}
