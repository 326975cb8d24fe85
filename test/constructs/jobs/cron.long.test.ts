import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { cronProblem } from "../../../constructs/jobs/cron";
import { isInstalled } from "../../support/installed";
import { makeFolder, removeFolders } from "../../support/project";
import { scaled } from "../../support/scale";

const judgeSource = `import java.io.*;
import org.quartz.CronExpression;
public class Judge {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      try { new CronExpression(line); System.out.println("ok"); } catch (Exception e) { System.out.println(e.getMessage()); }
    }
  }
}
`;

/**
 * The problems of expressions that lakeform rejects although Quartz accepts them: Quartz would
 * ignore a part of them, or they never fire.
 */
const stricterThanQuartz =
  /is ignored after a name|the step \d+ is not between|month: "L" is invalid|must not be in a list|it never fires|(month|day of (month|week)): 0 is not between/;

const number = (low: number, high: number): fc.Arbitrary<string> =>
  fc.integer({ min: low, max: high }).map(String);
const months = fc.constantFrom("JAN", "feb", "MAR", "JUN", "NOV", "DEC");
const days = fc.constantFrom("SUN", "mon", "WED", "FRI", "SAT");
const item = (value: fc.Arbitrary<string>, step: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant("*"),
    value,
    fc.tuple(value, value).map(([a, b]) => `${a}-${b}`),
    fc.tuple(fc.oneof(fc.constantFrom("*", ""), value), step).map(([a, b]) => `${a}/${b}`),
    fc.tuple(value, value, step).map(([a, b, c]) => `${a}-${b}/${c}`),
  );
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));

const expression = fc
  .tuple(
    list(item(number(0, 62), number(0, 62))),
    list(item(number(0, 62), number(0, 62))),
    list(item(number(0, 25), number(0, 25))),
    fc.oneof(
      fc.constantFrom("?", "L", "LW", "L-3", "L-31", "L-3W", "15W", "32W", "1,L", "1W,15W"),
      list(item(number(0, 33), number(0, 33))),
    ),
    fc.oneof(
      list(item(number(0, 13), number(0, 13))),
      list(item(months, number(1, 3))),
      fc.constantFrom("JAN-3", "FEV", "L"),
    ),
    fc.oneof(
      fc.constantFrom(
        "?",
        "L",
        "6L",
        "FRIL",
        "6#3",
        "MON#1",
        "6#6",
        "8L",
        "2#1,3",
        "6#3,2#1",
        "MON-3",
      ),
      list(item(number(0, 9), number(0, 9))),
      list(item(days, number(1, 3))),
    ),
    fc.oneof(
      fc.constantFrom("", "*", "2030-2020", "2026/2", "?"),
      list(item(number(2020, 2040), number(1, 5))),
    ),
  )
  .map((parts) => parts.join(" ").trim());

describe("Quartz cron, compared with Quartz itself", () => {
  afterAll(removeFolders);

  test("rejects what Quartz rejects, and otherwise only what Quartz would ignore or never fire", () => {
    if (!isInstalled("mvn", "java")) {
      console.warn("NOT RUN: Quartz needs java and mvn to be installed");
      return;
    }
    const folder = makeFolder("quartz");
    const mavenRun = spawnSync(
      "mvn",
      [
        "-q",
        "-B",
        "dependency:copy",
        "-Dartifact=org.quartz-scheduler:quartz:2.3.2",
        `-DoutputDirectory=${folder}`,
      ],
      {
        encoding: "utf8",
      },
    );
    expect(`${mavenRun.stdout}${mavenRun.status ?? ""}`).toMatch(/0$/);
    fs.writeFileSync(path.join(folder, "Judge.java"), judgeSource);
    // In most expressions, one of the two day fields is ?; otherwise nearly all would be rejected
    // for that reason.
    const expressions = fc
      .sample(expression, scaled(40_000, 4_000))
      .flatMap((text) => [
        text,
        text.replace(/^(\S+ \S+ \S+) \S+/, "$1 ?"),
        text.replace(/^(\S+ \S+ \S+ \S+ \S+) \S+/, "$1 ?"),
      ]);
    const quartzRun = spawnSync(
      "java",
      ["-cp", path.join(folder, "quartz-2.3.2.jar"), path.join(folder, "Judge.java")],
      {
        input: expressions.join("\n"),
        encoding: "utf8",
        maxBuffer: 1 << 28,
      },
    );
    const verdicts = quartzRun.stdout.trimEnd().split("\n");
    expect([quartzRun.stderr, verdicts.length]).toEqual(["", expressions.length]);
    const comparisons = expressions.map((text, index) => ({
      text,
      quartz: verdicts[index] ?? "",
      ours: cronProblem(text),
    }));
    expect(
      comparisons.filter(({ quartz, ours }) => quartz !== "ok" && ours === undefined).slice(0, 20),
    ).toEqual([]);
    expect(
      comparisons
        .filter(
          ({ quartz, ours }) =>
            quartz === "ok" && ours !== undefined && !stricterThanQuartz.test(ours),
        )
        .slice(0, 20),
    ).toEqual([]);
    const share = (verdict: (item: (typeof comparisons)[number]) => boolean): number =>
      comparisons.filter(verdict).length / comparisons.length;
    expect(share(({ quartz, ours }) => quartz === "ok" && ours === undefined)).toBeGreaterThan(
      0.01,
    );
    expect(share(({ quartz }) => quartz !== "ok")).toBeGreaterThan(0.2);
  });
});
