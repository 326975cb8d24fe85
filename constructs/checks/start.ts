import { cronAllowed, cronProblem } from "../jobs/cron";
import { timezoneAllowed, timezoneProblem } from "../jobs/time-zone";
import { blocks, isReference, number, text, type Block, type Finding } from "./rendered";

/** Checks the triggers and the concurrent runs of a job. */
export function checkStart(body: Block): Finding[] {
  const findings: Finding[] = [];
  const triggerBlocks = ["schedule", "trigger", "continuous", "triggers"].filter(
    (name) => blocks(body, name).length > 0,
  );
  if (triggerBlocks.length > 1) {
    findings.push({
      code: "TWO_SCHEDULES",
      message: "the job has more than one trigger",
      value: triggerBlocks.join(" and "),
      fix: "keep one of them",
    });
  }
  for (const schedule of [body, ...blocks(body, "triggers")].flatMap((container) =>
    blocks(container, "schedule"),
  ))
    findings.push(...checkSchedule(schedule));
  const maxConcurrentRuns = number(body, "max_concurrent_runs");
  if (
    maxConcurrentRuns !== undefined &&
    (!Number.isInteger(maxConcurrentRuns) || maxConcurrentRuns < 0 || maxConcurrentRuns > 1000)
  ) {
    findings.push({
      code: "OUT_OF_RANGE",
      message: "invalid number of concurrent runs",
      value: String(maxConcurrentRuns),
      allowed: "0 to 1000",
      fix: "set maxConcurrentRuns to the number of parallel runs",
    });
  }
  if (
    blocks(body, "continuous").length > 0 &&
    maxConcurrentRuns !== undefined &&
    maxConcurrentRuns > 1
  ) {
    findings.push({
      code: "CONTINUOUS_CONCURRENT",
      message: "a continuous job must have maxConcurrentRuns 1",
      value: String(maxConcurrentRuns),
      allowed: "1",
      fix: "remove maxConcurrentRuns",
    });
  }
  if (body.control_run_state === true && blocks(body, "continuous").length === 0) {
    findings.push({
      code: "NOT_CONTINUOUS",
      message: "controlRunState has an effect on continuous jobs only",
      fix: "set schedule: Schedule.continuous(), or remove controlRunState",
    });
  }
  return findings;
}

/** Checks a schedule from an override or a raw resource as {@link Schedule} does. */
function checkSchedule(schedule: Block): Finding[] {
  const cron = text(schedule, "quartz_cron_expression") ?? "";
  const zone = text(schedule, "timezone_id") ?? "";
  const problem = isReference(cron) ? undefined : cronProblem(cron);
  const zoneProblem = isReference(zone) ? undefined : timezoneProblem(zone);
  return [
    ...(problem === undefined
      ? []
      : [
          {
            code: "BAD_CRON",
            message: `invalid cron expression: ${problem}`,
            value: cron,
            allowed: cronAllowed,
            fix: "correct quartz_cron_expression, or build it with Schedule.cron(…)",
          },
        ]),
    ...(zoneProblem === undefined
      ? []
      : [
          {
            code: "BAD_TIMEZONE",
            message: `invalid time zone: ${zoneProblem}`,
            value: zone,
            allowed: timezoneAllowed,
            fix: "use the exact name from the IANA database",
          },
        ]),
  ];
}
