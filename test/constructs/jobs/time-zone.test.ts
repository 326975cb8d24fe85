import { timezoneProblem } from "../../../constructs/jobs/time-zone";

describe("time zone", () => {
  test.each([
    "UTC",
    "GMT",
    "Europe/Berlin",
    "America/New_York",
    "America/Argentina/Buenos_Aires",
    "Etc/GMT+5",
    "US/Pacific",
    "Asia/Calcutta",
    "Asia/Kolkata",
  ])("accepts %s", (zone) => {
    expect(timezoneProblem(zone)).toBeUndefined();
  });
  test.each([
    ["Europe/Atlantis", "unknown name"],
    ["", "unknown name"],
    ["CEST", "unknown name"],
    ["+01:00", "name"],
    ["europe/berlin", "right capitals"],
    ["us/pacific", "right capitals"],
    ["Europe/BERLIN", "spelt Europe/Berlin"],
    ["Utc", "spelt UTC"],
  ])("rejects %j: %s", (zone, message) => {
    expect(timezoneProblem(zone)).toContain(message);
  });
});
