import { WorkspaceClock, type ClockState } from "../clock";
import { invalid, WorkspaceError, type JsonObject, type JsonValue } from "../errors";
import { eventsOf } from "../events";
import type { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { parseDuration } from "./outcomes";
import type { JobsService } from "./service";

/**
 * Routes of `/_lakeform/clock`, `/limits`, `/arrivals` and `/outcomes`, with which tests control
 * time, capacity, triggers and the outcomes of runs.
 */
export function jobsControlRoutes(app: WorkspaceApp, service: JobsService): void {
  const storedState = app.store.collection<JsonObject>("control");
  app.onStart(() => {
    const clock = storedState.get("clock");
    // The clock must not go back, so a clock that was moved or stopped keeps its state after a
    // restart.
    if (clock !== undefined && app.clock instanceof WorkspaceClock)
      app.clock.restore(clock as unknown as ClockState);
    const script = storedState.get("outcomes");
    if (script !== undefined) service.outcomes.replace(script);
  });
  app.control("GET", "/clock", () => renderClock(app));
  // Moves run one after the other: each starts from the time that the previous one has reached.
  let lastMove: Promise<void> = Promise.resolve();
  app.control("POST", "/clock", async ({ input }) => {
    const clock = requireMovableClock(app);
    const move = lastMove.then(() => moveClock(clock, input, () => service.runs.flush()));
    lastMove = move.catch(() => undefined);
    await move;
    await service.runs.flush();
    await app.store.write(() => storedState.put("clock", { ...clock.state }));
    return renderClock(app);
  });

  const storeScript = async (): Promise<JsonObject> => {
    const script = service.outcomes.currentScript();
    await app.store.write(() => storedState.put("outcomes", script));
    return script;
  };
  app.control("GET", "/limits", () => service.limits);
  app.control("PUT", "/limits", ({ input }) => {
    const maxConcurrent = input.integer("concurrent_task_runs");
    if (maxConcurrent < 1) throw invalid("concurrent_task_runs must be at least 1.");
    service.limits = { concurrent_task_runs: maxConcurrent };
    return service.limits;
  });

  // Simulates events outside the workspace: a file in cloud storage, a table written by a query.
  app.control("POST", "/arrivals", async ({ input }) => {
    const [files, tables] = [
      input.optionalStrings("files") ?? [],
      input.optionalStrings("tables") ?? [],
    ];
    if (files.length + tables.length === 0)
      throw invalid(
        "Expected files (paths or URLs) or tables (full names), each as a list of strings.",
      );
    await app.store.write(() => {
      for (const file of files) eventsOf(app).emit("file", file);
      for (const table of tables) eventsOf(app).emit("table", table);
    });
    return undefined;
  });

  app.control("GET", "/outcomes", () => service.outcomes.currentScript());
  app.control("POST", "/outcomes", ({ input }) => {
    // The body is one outcome or a script.
    service.outcomes.add(
      input.has("outcomes") || input.has("defaults") ? input.values : [input.values],
    );
    return storeScript();
  });
  app.control("PUT", "/outcomes", ({ input }) => {
    service.outcomes.replace(input.values);
    return storeScript();
  });
  app.control("DELETE", "/outcomes", async () => {
    service.outcomes.replace(app.outcomes ?? []);
    await app.store.write(() => storedState.remove("outcomes"));
    return service.outcomes.currentScript();
  });
}

/** A longer move is probably a mistake, and would run a continuous job half a million times. */
const MAX_MOVE_MS = 366 * 86_400_000;
/**
 * A move is split into steps, between which other work can run. Each step ends this long after the
 * next timer.
 */
const STEP_MS = 3_600_000;

/**
 * Controls the clock: `{mode: "manual" | "real"}` stops or restarts it; `{advance: "1h"}` (or
 * `advance_ms`) or `{to: time}` moves it forward and fires the timers that become due.
 */
async function moveClock(
  clock: WorkspaceClock,
  input: Fields,
  flushRuns: () => Promise<void>,
): Promise<void> {
  const mode = input.optionalEnum("mode", ["manual", "real"]);
  const advance = input.values.advance ?? input.values.advance_ms;
  const to = input.values.to;
  if (mode === undefined && advance === undefined && to === undefined)
    throw invalid("Expected mode, advance or to.");
  if (advance !== undefined && to !== undefined)
    throw invalid("Expected either advance or to, not both.");
  const now = clock.now();
  const target =
    to === undefined
      ? now + (advance === undefined ? 0 : parseDuration(advance, "advance"))
      : parseTime(to);
  if (target < now)
    throw invalid(`Invalid value for to: the clock is at ${now} and cannot be moved back.`);
  if (target - now > MAX_MOVE_MS)
    throw invalid("The clock can be moved by at most 366 days at a time.");
  if (mode === "manual") clock.stop();
  for (let next = clock.nextDue; next !== undefined && next <= target; next = clock.nextDue) {
    clock.moveTo(Math.min(target, next + STEP_MS));
    await flushRuns();
    await new Promise(setImmediate);
  }
  clock.moveTo(target);
  if (mode === "real") clock.resume();
}

function parseTime(to: JsonValue): number {
  const time = typeof to === "number" ? to : typeof to === "string" ? Date.parse(to) : Number.NaN;
  if (!Number.isFinite(time))
    throw invalid("Invalid value for to: expected milliseconds since 1970 or an ISO time.");
  return time;
}

function requireMovableClock(app: WorkspaceApp): WorkspaceClock {
  if (app.clock instanceof WorkspaceClock) return app.clock;
  throw new WorkspaceError(
    "INVALID_STATE",
    "this workspace was started with a clock that cannot be controlled",
  );
}

function renderClock(app: WorkspaceApp): JsonObject {
  const now = app.clock.now();
  return {
    mode: app.clock instanceof WorkspaceClock ? app.clock.state.mode : "real",
    now,
    time: new Date(now).toISOString(),
  };
}
