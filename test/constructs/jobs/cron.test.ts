import { cronProblem } from "../../../constructs/jobs/cron";

describe("Quartz cron", () => {
  test.each([
    "0 0 6 * * ?",
    "0 0/15 8-18 ? * MON-FRI",
    "0 0 12 L * ?",
    "0 0 12 1W * ?",
    "0 0 12 ? * 6#3",
    "0 30 5 ? JAN,JUL 2 2027-2030",
    "0 0 0 ? * SUNL",
  ])("takes %s", (expression) => {
    expect(cronProblem(expression)).toBeUndefined();
  });
  test.each([
    ["", "0 fields"],
    ["0 6 * * *", "Unix cron"],
    ["0 0 6 * * *", "exactly one"],
    ["0 0 6 ? * ?", "exactly one"],
    ["60 0 6 * * ?", "seconds: 60"],
    ["0 0 24 * * ?", "hours: 24"],
    ["0 0 6 32 * ?", "day of month: 32"],
    ["0 0 6 ? FEV 2", "month: FEV"],
    ["0 0 6 ? * 8", "day of week: 8"],
    ["0 0/0 6 * * ?", "step 0"],
    ["0 x 6 * * ?", "not understood"],
    ["0 0 6 * * ? 2027 1", "8 fields"],
  ])("rejects %p: %s", (expression, message) => {
    expect(cronProblem(expression)).toContain(message);
  });
});
