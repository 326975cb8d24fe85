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
    "0 0 6 L-30 * ?",
    "0 0 6 L-3W * ?",
    "0 0 6 LW * ?",
    "0 0 6 31W * ?",
    "0 /15 6 * * ?",
    "0 0 22-2 * * ?",
    "0 0 6 ? NOV-FEB FRI-MON",
    "0 0 6 29 2 ?",
    "0 0 6 31 * ? 2026/2",
    "0 0 6 ? * mon-fri",
  ])("accepts %s", (expression) => {
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
    ["0 x 6 * * ?", "is invalid"],
    ["0 0 6 * * ? 2027 1", "8 fields"],
    ["0 */0 6 * * ?", "the step 0 is not between 1 and 59"],
    ["0 */60 6 * * ?", "the step 60 is not between 1 and 59"],
    ["0 0 */24 * * ?", "the step 24 is not between 1 and 23"],
    ["0 0 6 */32 * ?", "the step 32"],
    ["0 0 6 ? * 1/8", "the step 8"],
    ["0 0 6 ? * MON-FRI/2", "ignored after a name"],
    ["0 0 6 ? JAN-3 2", "a name at one end"],
    ["0 0 6 L-31 * ?", "is invalid"],
    ["0 0 6 32W * ?", "is invalid"],
    ["0 0 6 1,L * ?", "must not be in a list"],
    ["0 0 6 1W,15W * ?", "must not be in a list"],
    ["0 0 6 ? * 6#3,2#1", "must not be in a list"],
    ["0 0 6 ? * 6#6", "is invalid"],
    ["0 0 6 ? L 2", "is invalid"],
    ["0 0 ? * * ?", "hours"],
    ["0 0 6 *-5 * ?", "is invalid"],
    ["0 0 6 1,,2 * ?", "is invalid"],
    ["0 0 6 * * ? 2030-2020", "2020 comes before 2030"],
    ["0 0 6 * * ? 1969", "1969 is not between"],
    ["0 0 6 31 2,4 ?", "never fires"],
    ["0 0 6 30-31 2 ?", "never fires"],
  ])("rejects %p: %s", (expression, message) => {
    expect(cronProblem(expression)).toContain(message);
  });
});
