/** Time, passed in: the run engine and the state machines ask nothing else for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once, after `ms`. @returns how to cancel it */
  setTimer(ms: number, callback: () => void): () => void;
}

/** The machine's clock. Its timers do not keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  setTimer: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** How the clock stands: what the control route shows, and what survives a restart. */
export interface ClockState {
  readonly mode: "real" | "manual";
  /** Milliseconds that a running clock is ahead of the machine's. */
  readonly offset_ms: number;
  /** Where a stopped clock stands. */
  readonly stopped_at?: number;
}

/** node's timers hold 31 bits of milliseconds (24.8 days). */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * The workspace's clock: it runs with the machine's, can be moved forward at any time, and can be stopped so that tests drive it. Moving it fires
 * every timer on the way in order, each at its own time, so a run that is due to end at noon ends at noon however far the clock is moved.
 */
export class WorkspaceClock implements Clock {
  private timers: Timer[] = [];
  private order = 0;
  private offset: number;
  /** Set while the clock stands still, and while it is being moved. */
  private stoppedAt: number | undefined;
  private moving = false;
  private cancelSleep: (() => void) | undefined;

  constructor(
    private readonly machine: Clock = realClock,
    state: ClockState = { mode: "real", offset_ms: 0 },
  ) {
    this.offset = state.offset_ms;
    this.stoppedAt = state.mode === "manual" ? (state.stopped_at ?? machine.now() + state.offset_ms) : undefined;
  }

  /** A clock that stands still until it is moved. */
  static stopped(at: number): WorkspaceClock {
    return new WorkspaceClock(realClock, { mode: "manual", offset_ms: 0, stopped_at: at });
  }

  now(): number {
    return this.stoppedAt ?? this.machine.now() + this.offset;
  }

  get state(): ClockState {
    if (this.stoppedAt === undefined) return { mode: "real", offset_ms: this.offset };
    return { mode: "manual", offset_ms: this.stoppedAt - this.machine.now(), stopped_at: this.stoppedAt };
  }

  /** Takes over how another clock stood, before a restart. */
  restore(state: ClockState): void {
    this.offset = state.offset_ms;
    this.stoppedAt = state.mode === "manual" ? (state.stopped_at ?? this.machine.now() + state.offset_ms) : undefined;
    this.sleep();
  }

  setTimer(ms: number, callback: () => void): () => void {
    const timer: Timer = { due: this.now() + Math.max(0, ms), order: this.order++, callback };
    let at = this.timers.length;
    while (at > 0 && (this.timers[at - 1] as Timer).due > timer.due) at--;
    this.timers.splice(at, 0, timer);
    if (at === 0) this.sleep();
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  /** When the next timer fires; undefined without timers. */
  get next(): number | undefined {
    return this.timers[0]?.due;
  }

  /** Stops the clock where it stands. */
  stop(): void {
    this.stoppedAt = this.now();
    this.cancelSleep?.();
  }

  /** Lets a stopped clock go on from where it stands. */
  resume(): void {
    if (this.stoppedAt === undefined) return;
    this.offset = this.stoppedAt - this.machine.now();
    this.stoppedAt = undefined;
    this.sleep();
  }

  /** Moves the clock forward by `ms`, running or stopped. */
  advance(ms: number): void {
    this.moveTo(this.now() + Math.max(0, ms));
  }

  /** Moves the clock forward to `time`; a time in the past changes nothing. */
  moveTo(time: number): void {
    if (this.moving || time < this.now()) return;
    const running = this.stoppedAt === undefined;
    this.moving = true;
    try {
      for (let next = this.timers[0]; next !== undefined && next.due <= time; next = this.timers[0]) {
        this.timers.shift();
        this.stoppedAt = Math.max(this.now(), next.due);
        next.callback();
      }
    } finally {
      this.moving = false;
      this.stoppedAt = time;
      if (running) this.resume();
    }
  }

  /** One timer of the machine for the next of ours. */
  private sleep(): void {
    this.cancelSleep?.();
    this.cancelSleep = undefined;
    const next = this.timers[0];
    if (next === undefined || this.stoppedAt !== undefined) return;
    this.cancelSleep = this.machine.setTimer(Math.min(LONGEST_SLEEP, Math.max(0, next.due - this.now())), () => {
      this.wake();
      this.sleep();
    });
  }

  /** Fires what is due. The clock runs on meanwhile, so a late timer sees the real time. */
  private wake(): void {
    const until = this.now();
    for (let next = this.timers[0]; next !== undefined && next.due <= until; next = this.timers[0]) {
      this.timers.shift();
      next.callback();
    }
  }
}
