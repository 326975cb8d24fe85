import { WorkspaceClock, type ClockState } from "../clock";
import { invalid, WorkspaceError, type JsonObject } from "../errors";
import type { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { milliseconds } from "./outcomes";
import type { JobsService } from "./service";

/** `/_lakeform/clock` and `/_lakeform/outcomes`: how tests drive time and what runs come to. */
export function controlRoutes(app: WorkspaceApp, service: JobsService): void {
  const kept = app.store.collection<JsonObject>("control");
  app.onStart(() => {
    const clock = kept.get("clock");
    // Times that were given out must not come again: a clock that was moved or stopped stays so after a restart.
    if (clock !== undefined && app.clock instanceof WorkspaceClock) app.clock.restore(clock as unknown as ClockState);
    const script = kept.get("outcomes");
    if (script !== undefined) service.outcomes.replace(script);
  });
  app.control("GET", "/clock", () => shown(app));
  app.control("POST", "/clock", async ({ input }) => {
    const clock = movable(app);
    drive(clock, input);
    await service.runs.flush();
    await app.store.write(() => kept.put("clock", { ...clock.state }));
    return shown(app);
  });

  const keep = async (): Promise<JsonObject> => {
    const script = service.outcomes.show();
    await app.store.write(() => kept.put("outcomes", script));
    return script;
  };
  app.control("GET", "/outcomes", () => service.outcomes.show());
  app.control("POST", "/outcomes", ({ input }) => {
    // One line, or a script.
    service.outcomes.add(input.has("outcomes") || input.has("defaults") ? input.values : [input.values]);
    return keep();
  });
  app.control("PUT", "/outcomes", ({ input }) => {
    service.outcomes.replace(input.values);
    return keep();
  });
  app.control("DELETE", "/outcomes", async () => {
    service.outcomes.replace(app.outcomes ?? []);
    await app.store.write(() => kept.remove("outcomes"));
    return service.outcomes.show();
  });
}

/** `{mode: "manual" | "real"}` stops the clock and lets it go; `{advance: "1h"}` and `{to: time}` move it forward, firing what is due on the way. */
function drive(clock: WorkspaceClock, input: Fields): void {
  const mode = input.optionalEnum("mode", ["manual", "real"]);
  const advance = input.values.advance ?? input.values.advance_ms;
  const to = input.values.to;
  if (mode === undefined && advance === undefined && to === undefined) throw invalid("Expected one of mode, advance and to.");
  if (mode === "manual") clock.stop();
  if (advance !== undefined) clock.advance(milliseconds(advance, "advance"));
  if (to !== undefined) {
    const time = typeof to === "number" ? to : typeof to === "string" ? Date.parse(to) : Number.NaN;
    if (!Number.isFinite(time)) throw invalid("Invalid value for to: expected milliseconds since 1970 or an ISO time.");
    if (time < clock.now()) throw invalid(`Invalid value for to: the clock stands at ${clock.now()} and does not go back.`);
    clock.moveTo(time);
  }
  if (mode === "real") clock.resume();
}

function movable(app: WorkspaceApp): WorkspaceClock {
  if (app.clock instanceof WorkspaceClock) return app.clock;
  throw new WorkspaceError("INVALID_STATE", "this workspace was started with a clock that cannot be driven");
}

function shown(app: WorkspaceApp): JsonObject {
  const now = app.clock.now();
  return {
    mode: app.clock instanceof WorkspaceClock ? app.clock.state.mode : "real",
    now,
    time: new Date(now).toISOString(),
  };
}
