import type { Block } from "../../../constructs/checks/rendered";
import { checkStart } from "../../../constructs/checks/start";

describe("the trigger of a job", () => {
  test.each<[string, Block]>([
    [
      "a schedule",
      { schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "Europe/Berlin" } },
    ],
    [
      "a schedule known only at apply time",
      { schedule: { quartz_cron_expression: "${var.cron}", timezone_id: "${var.zone}" } },
    ],
  ])("can be %s", (_, body) => {
    expect(checkStart(body)).toEqual([]);
  });
  test.each<[string, Block, string[]]>([
    [
      "an invalid cron expression",
      { schedule: { quartz_cron_expression: "0 6 * * *", timezone_id: "UTC" } },
      ["BAD_CRON"],
    ],
    [
      "a missing time zone",
      { schedule: { quartz_cron_expression: "0 0 6 * * ?" } },
      ["BAD_TIMEZONE"],
    ],
    [
      "a schedule together with a trigger",
      { schedule: { quartz_cron_expression: "0 0 6 * * ?", timezone_id: "UTC" }, trigger: {} },
      ["TWO_SCHEDULES"],
    ],
    [
      "a trigger together with a list of triggers",
      { trigger: {}, triggers: [{ periodic: {} }] },
      ["TWO_SCHEDULES"],
    ],
    [
      "a list of triggers with an invalid cron expression",
      { triggers: [{}, { schedule: { quartz_cron_expression: "0 6 * * *", timezone_id: "UTC" } }] },
      ["BAD_CRON"],
    ],
    [
      "a continuous job with two runs",
      { continuous: {}, max_concurrent_runs: 2 },
      ["CONTINUOUS_CONCURRENT"],
    ],
    ["too many runs", { max_concurrent_runs: 1001 }, ["OUT_OF_RANGE"]],
    [
      "controlRunState without a continuous schedule",
      { control_run_state: true },
      ["NOT_CONTINUOUS"],
    ],
  ])("is rejected with %s", (_, body, codes) => {
    expect(checkStart(body).map(({ code }) => code)).toEqual(codes);
  });
});
