import { latest, terminal, type Run, type TaskRun } from "./run-model";

/**
 * Counts the workspace's active task runs, and tracks the runs that are queued for lack of
 * capacity.
 */
export class Capacity {
  private readonly byRun = new Map<number, number>();
  private all = 0;
  /** The ids of runs that are queued for lack of capacity. */
  private readonly waiting = new Set<number>();

  constructor(private readonly limit: () => number) {}

  /** Whether the limit is reached: new runs must be queued or skipped. */
  get full(): boolean {
    return this.all >= this.limit();
  }

  get why(): string {
    return `The workspace has reached its limit of ${this.limit()} concurrent task runs.`;
  }

  /** Updates the count. Call it after each change of a run. */
  weigh(run: Run): void {
    const now = terminal(run.life) ? 0 : run.tasks.reduce((sum, task) => sum + workingOn(task), 0);
    this.all += now - (this.byRun.get(run.run_id) ?? 0);
    if (now === 0) this.byRun.delete(run.run_id);
    else this.byRun.set(run.run_id, now);
  }

  wait(id: number): void {
    this.waiting.add(id);
  }

  /** Calls `start` for the waiting runs, oldest first, while there is capacity. */
  admit(start: (id: number) => void): void {
    for (const id of this.waiting) {
      if (this.full) return;
      this.waiting.delete(id);
      start(id);
    }
  }
}

/** Returns the number of active runs of a task or of its iterations. */
function workingOn(task: TaskRun): number {
  const { life, iterations } = latest(task);
  if (iterations !== undefined) return iterations.reduce((sum, each) => sum + workingOn(each), 0);
  return life === "PENDING" || life === "RUNNING" || life === "TERMINATING" ? 1 : 0;
}
