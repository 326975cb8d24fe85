import { Schedule, SqlWarehouse } from "../../../constructs";

describe("schedule", () => {
  test.each([
    [
      "a cron expression",
      Schedule.cron("0 0 6 * * ?", "Europe/Berlin"),
      {
        schedule: {
          quartzCronExpression: "0 0 6 * * ?",
          timezoneId: "Europe/Berlin",
          pauseStatus: "UNPAUSED",
        },
      },
    ],
    [
      "a paused period",
      Schedule.every(2, "DAYS").paused(),
      { trigger: { periodic: { interval: 2, unit: "DAYS" }, pauseStatus: "PAUSED" } },
    ],
    [
      "a file arrival",
      Schedule.fileArrival("s3://b/f/"),
      { trigger: { fileArrival: { url: "s3://b/f/" }, pauseStatus: "UNPAUSED" } },
    ],
    [
      "a table update",
      Schedule.tableUpdate(["a.b.c"], { condition: "ALL_UPDATED" }),
      {
        trigger: {
          tableUpdate: { tableNames: ["a.b.c"], condition: "ALL_UPDATED" },
          pauseStatus: "UNPAUSED",
        },
      },
    ],
    [
      "a model update",
      Schedule.modelUpdate("MODEL_CREATED"),
      { trigger: { model: { condition: "MODEL_CREATED" }, pauseStatus: "UNPAUSED" } },
    ],
    ["continuous runs", Schedule.continuous(), { continuous: { pauseStatus: "UNPAUSED" } }],
  ])("renders %s", (_, schedule, expected) => {
    expect(schedule.render()).toEqual(expected);
  });
  test("rejects a condition on a continuous schedule, and conditions that the bindings lack", () => {
    const warehouse = SqlWarehouse.fromId("1234567890abcdef");
    expect(() => Schedule.continuous().onlyIf("q", warehouse)).toThrow(
      "a continuous schedule has no condition",
    );
    expect(() => Schedule.every(1, "DAYS").onlyIf("q", warehouse)).toThrow(
      "the installed bindings do not have sqlCondition",
    );
  });
  test("combines only simple schedules, and only with newer bindings", () => {
    const [daily, files] = [Schedule.cron("0 0 6 * * ?", "UTC"), Schedule.fileArrival("s3://b/f/")];
    expect(() => Schedule.anyOf(daily, Schedule.continuous())).toThrow(
      "a combined or continuous schedule cannot be part of another one",
    );
    expect(() => Schedule.anyOf(daily, files)).toThrow(
      "the installed bindings do not have triggers",
    );
  });
  test("rejects invalid schedules", () => {
    expect(() => Schedule.cron("0 6 * * *", "UTC")).toThrow("Unix cron");
    expect(() => Schedule.cron("0 0 6 * * ?", "Europe/Atlantis")).toThrow(
      "invalid time zone: unknown name",
    );
    expect(() => Schedule.cron("0 0 6 * * ?", "+01:00")).toThrow("time zone");
    expect(() => Schedule.every(0, "DAYS")).toThrow("at least 1");
    expect(() => Schedule.fileArrival("/tmp")).toThrow("not a folder in a volume");
    expect(() => Schedule.fileArrival("s3://b/f/", { waitAfterLastChangeSeconds: 5 })).toThrow(
      "too short",
    );
    expect(() => Schedule.tableUpdate(["a.b"])).toThrow("full name");
    expect(() => Schedule.tableUpdate([])).toThrow("full name");
  });
});
