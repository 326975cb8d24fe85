import { latest, terminal, type Run, type TaskRun } from "./run-model";

/** How many task runs are under way in the workspace, and who waits for one of them to end. */
export class Capacity {
  private readonly byRun = new Map<number, number>();
  private all = 0;
  /** Runs that are queued for want of room. */
  private readonly waiting = new Set<number>();

  constructor(private readonly limit: () => number) {}

  /** A run that is not queued cannot start. */
  get full(): boolean {
    return this.all >= this.limit();
  }

  get why(): string {
    return `The workspace has reached its limit of ${this.limit()} concurrent task runs.`;
  }

  /** To be called after each change of a run. */
  weigh(run: Run): void {
    const now = terminal(run.life) ? 0 : run.tasks.reduce((sum, task) => sum + workingOn(task), 0);
    this.all += now - (this.byRun.get(run.run_id) ?? 0);
    if (now === 0) this.byRun.delete(run.run_id);
    else this.byRun.set(run.run_id, now);
  }

  wait(id: number): void {
    this.waiting.add(id);
  }

  /** Hands the waiting runs to `start`, the oldest first, as long as there is room. */
  admit(start: (id: number) => void): void {
    for (const id of this.waiting) {
      if (this.full) return;
      this.waiting.delete(id);
      start(id);
    }
  }
}

/** A task's runs that are under way: its own, or its iterations'. */
function workingOn(task: TaskRun): number {
  const { life, iterations } = latest(task);
  if (iterations !== undefined) return iterations.reduce((sum, each) => sum + workingOn(each), 0);
  return life === "PENDING" || life === "RUNNING" || life === "TERMINATING" ? 1 : 0;
}
