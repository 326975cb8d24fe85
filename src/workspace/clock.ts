/** The only source of time for the run engine and the state machines. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once after `ms`. @returns a function that cancels the timer */
  setTimer(ms: number, callback: () => void): () => void;
}

/** The system clock. Its timers do not keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  setTimer: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The time of a change: later than the previous one of the object, also on a stopped clock. */
export const changeTime = (clock: Clock, previous = -Infinity): number =>
  Math.max(clock.now(), previous + 1);

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** The state of the clock: returned by the control route, and restored after a restart. */
export interface ClockState {
  readonly mode: "real" | "manual";
  /** How far the clock is ahead of the system clock, in milliseconds. */
  readonly offset_ms: number;
  /** The time of a stopped clock. */
  readonly stopped_at?: number;
}

/** The largest delay of a Node.js timer: 31 bits of milliseconds (24.8 days). */
const LONGEST_SLEEP = 2 ** 31 - 1;

/**
 * The workspace's clock. It runs with the system clock, can be moved forward, and can be stopped so
 * that tests control it. Moving it fires all timers in between in order, each at its own time: a
 * run that is due to end at noon ends at noon, however far the clock is moved.
 */
export class WorkspaceClock implements Clock {
  private timers: Timer[] = [];
  private order = 0;
  private offset = 0;
  /** The current time while the clock is stopped or moving. */
  private stoppedAt: number | undefined;
  private moving = false;
  private cancelSleep: (() => void) | undefined;

  constructor(
    private readonly systemClock: Clock = realClock,
    state: ClockState = { mode: "real", offset_ms: 0 },
  ) {
    this.restore(state);
  }

  /** Creates a clock that is stopped at a time. */
  static stopped(time: number): WorkspaceClock {
    return new WorkspaceClock(realClock, { mode: "manual", offset_ms: 0, stopped_at: time });
  }

  now(): number {
    return this.stoppedAt ?? this.systemClock.now() + this.offset;
  }

  get state(): ClockState {
    if (this.stoppedAt === undefined) return { mode: "real", offset_ms: this.offset };
    return {
      mode: "manual",
      offset_ms: this.stoppedAt - this.systemClock.now(),
      stopped_at: this.stoppedAt,
    };
  }

  /** Restores the state of the clock after a restart. */
  restore(state: ClockState): void {
    this.offset = state.offset_ms;
    this.stoppedAt =
      state.mode === "manual"
        ? (state.stopped_at ?? this.systemClock.now() + state.offset_ms)
        : undefined;
    this.sleep();
  }

  setTimer(ms: number, callback: () => void): () => void {
    const timer: Timer = { due: this.now() + Math.max(0, ms), order: this.order++, callback };
    let position = this.timers.length;
    while (position > 0 && (this.timers[position - 1] as Timer).due > timer.due) position--;
    this.timers.splice(position, 0, timer);
    if (position === 0) this.sleep();
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  /** The time at which the next timer fires; undefined without timers. */
  get nextDue(): number | undefined {
    return this.timers[0]?.due;
  }

  /** Stops the clock at its current time. */
  stop(): void {
    this.stoppedAt = this.now();
    this.cancelSleep?.();
  }

  /** Restarts a stopped clock at its current time. */
  resume(): void {
    if (this.stoppedAt === undefined) return;
    this.offset = this.stoppedAt - this.systemClock.now();
    this.stoppedAt = undefined;
    this.sleep();
  }

  /** Moves the clock forward by `ms`, running or stopped. */
  advance(ms: number): void {
    this.moveTo(this.now() + Math.max(0, ms));
  }

  /**
   * Moves the clock forward to `time`. Ignores a time in the past, and a call from the callback of
   * a timer while the clock is being moved.
   */
  moveTo(time: number): void {
    if (this.moving || time < this.now()) return;
    const running = this.stoppedAt === undefined;
    this.moving = true;
    try {
      for (
        let next = this.timers[0];
        next !== undefined && next.due <= time;
        next = this.timers[0]
      ) {
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

  /** Sets one system timer for the next timer of this clock. */
  private sleep(): void {
    this.cancelSleep?.();
    this.cancelSleep = undefined;
    const next = this.timers[0];
    if (next === undefined || this.stoppedAt !== undefined) return;
    this.cancelSleep = this.systemClock.setTimer(
      Math.min(LONGEST_SLEEP, Math.max(0, next.due - this.now())),
      () => {
        this.wake();
        this.sleep();
      },
    );
  }

  /** Fires the due timers. In their callbacks, `now()` is the current time, even if they are late. */
  private wake(): void {
    const now = this.now();
    for (let next = this.timers[0]; next !== undefined && next.due <= now; next = this.timers[0]) {
      this.timers.shift();
      next.callback();
    }
  }
}
