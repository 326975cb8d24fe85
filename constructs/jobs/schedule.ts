import { defined } from "../../src/defined";
import type { JobConfig } from "../core/bindings";
import { ConstructError } from "../core/errors";
import { isReference } from "../core/names";
import { requireBindingsWith, renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import { callerPosition } from "../core/caller-position";
import type { IQuery } from "../sql/query";
import type { ISqlWarehouse } from "../sql/sql-warehouse";
import { cronAllowed, cronProblem } from "./cron";
import { timezoneAllowed, timezoneProblem } from "./time-zone";

/** The fields of a job that a schedule sets. */
export type RenderedSchedule = Pick<JobConfig, "schedule" | "trigger" | "continuous"> & {
  readonly triggers?: readonly object[];
};

export interface FileArrivalProps {
  /** The minimum number of seconds between two runs, at least 60. */
  readonly minTimeBetweenTriggersSeconds?: number;
  /** The number of seconds without a further change before a run starts, at least 60. */
  readonly waitAfterLastChangeSeconds?: number;
}

export interface TableUpdateProps extends FileArrivalProps {
  /** Whether any or all of the tables must have changed. @default "ANY_UPDATED" */
  readonly condition?: "ANY_UPDATED" | "ALL_UPDATED";
}

export interface ContinuousProps {
  /** Whether failed tasks of a continuous run are retried. */
  readonly taskRetryMode?: "NEVER" | "ON_FAILURE";
  /**
   * When the platform may restart the run for maintenance. Requires cdktn.
   * @default - the platform chooses
   */
  readonly maintenanceWindow?: {
    /** The day on which the window starts: `SUNDAY`. */
    readonly dayOfWeek: string;
    /** The hour at which the window starts, from 0 to 23. */
    readonly startHour: number;
    /** The time zone, such as `Europe/Berlin`. */
    readonly timezoneId: string;
  };
}

/**
 * What starts the runs of a workflow automatically. A workflow has at most one schedule;
 * {@link Schedule.anyOf} combines several.
 *
 * @example
 * Schedule.cron("0 0 6 * * ?", "Europe/Berlin");
 * @see https://docs.databricks.com/aws/en/jobs/triggers
 */
export class Schedule {
  /**
   * Starts runs at the times of a Quartz cron expression.
   * @param timezone an IANA name: `Europe/Berlin`, `UTC`
   * @throws ConstructError BAD_CRON, BAD_TIMEZONE
   */
  static cron(expression: string, timezone: string): Schedule {
    const problem = cronProblem(expression);
    if (problem !== undefined) {
      throw new ConstructError("BAD_CRON", `invalid cron expression: ${problem}`, {
        path: callerPosition(),
        value: expression,
        allowed: cronAllowed,
        fix: "add the seconds in front of a five-field expression, and use ? for one of the two day fields",
      });
    }
    const zoneProblem = timezoneProblem(timezone);
    if (zoneProblem !== undefined)
      throw new ConstructError("BAD_TIMEZONE", `invalid time zone: ${zoneProblem}`, {
        path: callerPosition(),
        value: timezone,
        allowed: timezoneAllowed,
        fix: "use the exact name from the IANA database",
      });
    return new Schedule((pauseStatus) => ({
      schedule: { quartzCronExpression: expression, timezoneId: timezone, pauseStatus },
    }));
  }

  /**
   * Starts a run every `interval` hours, days or weeks. The platform chooses the time.
   * @throws ConstructError BAD_INTERVAL
   */
  static every(interval: number, unit: "HOURS" | "DAYS" | "WEEKS"): Schedule {
    if (!Number.isInteger(interval) || interval < 1) {
      throw new ConstructError("BAD_INTERVAL", "an interval is an integer of at least 1", {
        path: callerPosition(),
        value: String(interval),
        fix: "use a shorter unit for a shorter interval",
      });
    }
    return new Schedule((pauseStatus) => ({
      trigger: { periodic: { interval, unit }, pauseStatus },
    }));
  }

  /**
   * Starts a run when files arrive in a folder of a volume (`volume.pathTo("landing/")`) or of an
   * external location.
   * @throws ConstructError BAD_URL, BAD_INTERVAL
   */
  static fileArrival(url: string, props: FileArrivalProps = {}): Schedule {
    if (
      (!/^(\/Volumes\/|s3:\/\/|abfss:\/\/|gs:\/\/)/.test(url) && !isReference(url)) ||
      !url.endsWith("/")
    ) {
      throw new ConstructError("BAD_URL", "not a folder in a volume or an external location", {
        path: callerPosition(),
        value: url,
        allowed: "/Volumes/…/, s3://…/, abfss://…/ or gs://…/, with / at the end",
        fix: "use the full path of the folder, and end it with /",
      });
    }
    checkWaits(props);
    return new Schedule((pauseStatus) => ({
      trigger: { fileArrival: { url, ...props }, pauseStatus },
    }));
  }

  /**
   * Starts a run when tables are updated.
   * @param tables full names: `catalog.schema.table`
   * @throws ConstructError BAD_TABLE, BAD_INTERVAL
   */
  static tableUpdate(tables: readonly string[], props: TableUpdateProps = {}): Schedule {
    const invalidTable =
      tables.length === 0
        ? "none"
        : tables.find((table) => table.split(".").length !== 3 && !table.includes("${"));
    if (invalidTable !== undefined) {
      throw new ConstructError("BAD_TABLE", "a table needs its full name", {
        path: callerPosition(),
        value: invalidTable,
        allowed: "catalog.schema.table, at least one",
        fix: "add catalog and schema to the name",
      });
    }
    checkWaits(props);
    return new Schedule((pauseStatus) => ({
      trigger: { tableUpdate: { tableNames: [...tables], ...props }, pauseStatus },
    }));
  }

  /**
   * Starts a run when models of Unity Catalog change.
   * @param props.securableName a model, a schema or a catalog; if omitted, the complete metastore
   * @param props.aliases the aliases to watch, for MODEL_ALIAS_SET
   * @throws ConstructError BAD_INTERVAL
   */
  static modelUpdate(
    condition: "MODEL_CREATED" | "MODEL_VERSION_READY" | "MODEL_ALIAS_SET",
    props: FileArrivalProps & {
      readonly securableName?: string;
      readonly aliases?: readonly string[];
    } = {},
  ): Schedule {
    checkWaits(props);
    const { aliases, ...rest } = props;
    return new Schedule((pauseStatus) => ({
      trigger: {
        model: { condition, ...rest, ...(aliases && { aliases: [...aliases] }) },
        pauseStatus,
      },
    }));
  }

  /**
   * Starts a new run when the previous one ends. Requires `maxConcurrentRuns` of 1.
   * @throws ConstructError NEWER_BINDINGS_NEEDED for a maintenance window with older bindings
   */
  static continuous(props: ContinuousProps = {}): Schedule {
    const { maintenanceWindow, ...rest } = props;
    const window = renderFactoryFieldsOfNewerBindings({ maintenanceWindow }, "1.132.0");
    return new Schedule((pauseStatus) => ({ continuous: { pauseStatus, ...rest, ...window } }));
  }

  /**
   * Starts runs at the times and events of each of these schedules, which can be paused separately.
   * Requires cdktn.
   * @throws ConstructError NEWER_BINDINGS_NEEDED, BAD_SCHEDULE
   */
  static anyOf(first: Schedule, ...others: readonly Schedule[]): Schedule {
    const schedules = [first, ...others];
    const isCombinedOrContinuous = ({ continuous, triggers }: RenderedSchedule): boolean =>
      continuous !== undefined || triggers !== undefined;
    if (schedules.some((schedule) => isCombinedOrContinuous(schedule.render()))) {
      throw scheduleError(
        "BAD_SCHEDULE",
        "a combined or continuous schedule cannot be part of another one",
        "pass the parts of a combined schedule separately, and use a continuous schedule alone",
      );
    }
    requireBindingsWith(["triggers"]);
    return new Schedule((pauseStatus) => ({
      triggers: schedules.map((schedule) =>
        renderTrigger(schedule.#render(schedule.isPaused ? "PAUSED" : pauseStatus)),
      ),
    }));
  }

  readonly #render: (pauseStatus: "PAUSED" | "UNPAUSED") => RenderedSchedule;

  private constructor(
    render: (pauseStatus: "PAUSED" | "UNPAUSED") => RenderedSchedule,
    readonly isPaused = false,
  ) {
    this.#render = render;
  }

  /** Returns the same schedule, deployed as paused. */
  paused(): Schedule {
    return new Schedule(this.#render, true);
  }

  /**
   * Returns the same schedule with a condition: a run starts only if the result of the query meets
   * the condition. Requires cdktn.
   * @throws ConstructError NEWER_BINDINGS_NEEDED, BAD_SCHEDULE
   */
  onlyIf(query: IQuery | string, warehouse: ISqlWarehouse, triggerMode?: string): Schedule {
    const { continuous, triggers } = this.render();
    if (continuous !== undefined)
      throw scheduleError(
        "BAD_SCHEDULE",
        "a continuous schedule has no condition",
        "remove onlyIf, or use Schedule.cron or Schedule.every",
      );
    if (triggers !== undefined)
      throw scheduleError(
        "BAD_SCHEDULE",
        "a combined schedule has no condition of its own",
        "call onlyIf on each part before you combine them",
      );
    const sqlQueryId = typeof query === "string" ? query : query.renderId();
    const condition = renderFactoryFieldsOfNewerBindings({
      sqlCondition: { sqlQueryId, warehouseId: warehouse.renderWarehouseId(), triggerMode },
    });
    return new Schedule((pauseStatus) => {
      const { schedule, trigger } = this.#render(pauseStatus);
      return {
        ...(schedule && { schedule: { ...schedule, ...condition } }),
        ...(trigger && { trigger: { ...trigger, ...condition } }),
      };
    }, this.isPaused);
  }

  /** @internal */
  render(): RenderedSchedule {
    return this.#render(this.isPaused ? "PAUSED" : "UNPAUSED");
  }
}

/** Renders the schedule as an entry in the list of a job with several triggers. */
function renderTrigger({ schedule, trigger }: RenderedSchedule): object {
  if (schedule === undefined) return { ...trigger };
  const { pauseStatus, sqlCondition, ...rest } = schedule as typeof schedule & {
    readonly sqlCondition?: object;
  };
  return { schedule: rest, pauseStatus, ...defined({ sqlCondition }) };
}

function scheduleError(code: string, message: string, fix: string): ConstructError {
  return new ConstructError(code, message, {
    path: callerPosition(),
    allowed: "Schedule.cron, every, fileArrival, tableUpdate or modelUpdate",
    fix,
  });
}

function checkWaits(props: FileArrivalProps): void {
  for (const name of ["minTimeBetweenTriggersSeconds", "waitAfterLastChangeSeconds"] as const) {
    const value = props[name];
    if (value === undefined || (Number.isInteger(value) && value >= 60)) continue;
    throw new ConstructError("BAD_INTERVAL", `${name} is too short`, {
      path: callerPosition(),
      value: String(value),
      allowed: "an integer of at least 60 seconds",
      fix: "use 60 or more, or remove it",
    });
  }
}
