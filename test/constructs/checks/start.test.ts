import type { Block } from "../../../constructs/checks/rendered";
import { checkStart } from "../../../constructs/checks/start";

describe("the trigger of a job", () => {
  test.each<[string, Block, string[]]>([
    [
      "a schedule",
      { schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Europe/Berlin" } },
      [],
    ],
    [
      "what is known later",
      { schedule: { quartz_cron_expression: "${var.cron}", timezone_id: "${var.zone}" } },
      [],
    ],
    [
      "a bad cron",
      { schedule: { quartz_cron_expression: "0 6 * * *", timezone_id: "UTC" } },
      ["BAD_CRON"],
    ],
    ["no time zone", { schedule: { quartz_cron_expression: "0 0 6 * * ?" } }, ["BAD_TIMEZONE"]],
    [
      "two starters",
      { schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "UTC" }, trigger: {} },
      ["TWO_SCHEDULES"],
    ],
    ["a trigger beside several", { trigger: {}, triggers: [{ periodic: {} }] }, ["TWO_SCHEDULES"]],
    [
      "one of several triggers",
      { triggers: [{}, { schedule: { quartz_cron_expression: "0 6 * * *", timezone_id: "UTC" } }] },
      ["BAD_CRON"],
    ],
    [
      "a continuous job with two runs",
      { continuous: {}, max_concurrent_runs: 2 },
      ["CONTINUOUS_CONCURRENT"],
    ],
    ["too many runs", { max_concurrent_runs: 1001 }, ["OUT_OF_RANGE"]],
    ["control of what is not continuous", { control_run_state: true }, ["NOT_CONTINUOUS"]],
  ])("accepts or rejects %s", (_, body, codes) => {
    expect(checkStart(body).map(({ code }) => code)).toEqual(codes);
  });
});
