import type { Clock } from "../clock";
import type { JsonObject } from "../errors";
import { asNumber, asObject, asText } from "./json";
import { nextFire, parseCron } from "./cron";
import type { Run } from "./run-model";
import { activeTriggers, type JobRecord } from "./settings";

/** The pause between two runs of a continuous job, so that short runs do not create a busy loop. */
const CONTINUOUS_PAUSE_MS = 60_000;

const periods: Readonly<Record<string, number>> = {
  HOURS: 3_600_000,
  DAYS: 86_400_000,
  WEEKS: 7 * 86_400_000,
};

/**
 * Returns the time after `now` at which the job's next cron or periodic trigger fires, and the trigger
 * that the run reports; undefined if the job has no such trigger, or all are paused.
 */
export function nextTrigger(
  job: JobRecord,
  now: number,
): { time: number; trigger: Run["trigger"] } | undefined {
  const times = activeTriggers(job.settings).flatMap(
    (trigger) => nextTime(trigger, job.created_time, now) ?? [],
  );
  // The API reports runs of cron schedules as PERIODIC, too.
  return times.length === 0 ? undefined : { time: Math.min(...times), trigger: "PERIODIC" };
}

function nextTime(trigger: JsonObject, created: number, now: number): number | undefined {
  const schedule = asObject(trigger.schedule);
  if (schedule !== undefined) {
    const cron = parseCron(asText(schedule.quartz_cron_expression));
    return cron === undefined
      ? undefined
      : nextFire(cron, asText(schedule.timezone_id) || "UTC", now);
  }
  const periodic = asObject(trigger.periodic);
  if (periodic === undefined) return undefined;
  const intervalMs = asNumber(periodic.interval, 1) * (periods[asText(periodic.unit)] ?? 3_600_000);
  // Periods start at the job's creation, so that a restart does not shift them.
  const periodCount = Math.floor((now - created) / intervalMs) + 1;
  return created + periodCount * intervalMs;
}

/** Whether the job is continuous and not paused. */
function isContinuous(job: JobRecord): boolean {
  const continuous = asObject(job.settings.continuous);
  return continuous !== undefined && continuous.pause_status !== "PAUSED";
}

/** Starts scheduled, periodic and continuous jobs. */
export class Schedules {
  private readonly timers = new Map<number, () => void>();

  constructor(
    private readonly clock: Clock,
    /** Returns the current job; undefined if it was deleted. */
    private readonly findJob: (id: number) => JobRecord | undefined,
    private readonly startRun: (job: JobRecord, trigger: Run["trigger"]) => void,
    /** Whether the job has an unfinished run. */
    private readonly isRunning: (id: number) => boolean,
  ) {}

  /** Schedules the next start of a job. Call it after a job was created or changed. */
  schedule(job: JobRecord): void {
    this.cancel(job.job_id);
    if (isContinuous(job)) {
      if (!this.isRunning(job.job_id)) this.setTimer(job.job_id, 0, "CONTINUOUS");
      return;
    }
    const now = this.clock.now();
    const next = nextTrigger(job, now);
    if (next !== undefined) this.setTimer(job.job_id, next.time - now, next.trigger);
  }

  /** Schedules the next run of a continuous job after a run has ended. */
  scheduleNextRun(jobId: number): void {
    const job = this.findJob(jobId);
    if (job !== undefined && isContinuous(job) && !this.timers.has(jobId))
      this.setTimer(jobId, CONTINUOUS_PAUSE_MS, "CONTINUOUS");
  }

  cancel(id: number): void {
    this.timers.get(id)?.();
    this.timers.delete(id);
  }

  /** The number of jobs with a scheduled start. */
  get size(): number {
    return this.timers.size;
  }

  close(): void {
    for (const id of [...this.timers.keys()]) this.cancel(id);
  }

  private setTimer(id: number, ms: number, trigger: Run["trigger"]): void {
    const stop = this.clock.setTimer(ms, () => {
      this.timers.delete(id);
      const job = this.findJob(id);
      if (job === undefined) return;
      if (trigger !== "CONTINUOUS") this.schedule(job);
      else if (!isContinuous(job) || this.isRunning(id)) return;
      this.startRun(job, trigger);
    });
    this.timers.set(id, stop);
  }
}
