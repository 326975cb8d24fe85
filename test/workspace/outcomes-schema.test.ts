import fc from "fast-check";
import path from "node:path";
import { parse } from "yaml";
import type { JsonValue } from "../../src/workspace/errors";
import { Outcomes } from "../../src/workspace/jobs/outcomes";
import { readSchema, schemaProblems } from "../support/json-schema";
import { codeBlocks } from "../support/markdown";
import { repository } from "../support/project";

const schema = readSchema("docs/schemas/outcomes.schema.json");
const isAccepted = (script: JsonValue): boolean => {
  try {
    new Outcomes(script);
    return true;
  } catch {
    return false;
  }
};

describe("the schema of outcomes scripts", () => {
  test("accepts and rejects the same scripts as the workspace", () => {
    const time = fc.constantFrom<JsonValue>(
      0,
      250,
      1.5,
      -1,
      "5s",
      "1.5h",
      "250ms",
      "soon",
      "5",
      null,
    );
    const count = fc.constantFrom<JsonValue>(0, 3, -1, 1.5);
    const text = fc.constantFrom<JsonValue>("", "a*");
    const line = fc.record<Record<string, JsonValue>>(
      {
        job: text,
        task: text,
        attempt: count,
        repair: count,
        run: count,
        iteration: count,
        times: count,
        input: fc.constantFrom<JsonValue>("x", 1, null),
        execution: fc.constantFrom<JsonValue>(true, false, "yes"),
        result: fc.constantFrom<JsonValue>(
          "SUCCESS",
          "FAILED",
          "TIMEDOUT",
          "CANCELED",
          "SKIPPED",
          "OK",
        ),
        setup: time,
        duration: time,
        output: fc.constantFrom<JsonValue>("x", 1, { a: 1 }),
        logs: text,
        error: text,
        error_trace: text,
        values: fc.constantFrom<JsonValue>({ rows: 1 }, {}, [], "x"),
        wait: time,
      },
      { requiredKeys: [] },
    );
    const shortLine = line.map((fields) => Object.fromEntries(Object.entries(fields).slice(0, 3)));
    const script = fc.oneof(
      fc.array(shortLine, { maxLength: 2 }),
      fc.record(
        {
          defaults: fc.record(
            { setup: time, duration: time, terminating: time, other: time },
            { requiredKeys: [] },
          ),
          outcomes: fc.array(shortLine, { maxLength: 2 }),
          more: text,
        },
        { requiredKeys: [] },
      ),
    );
    let acceptedCount = 0;
    fc.assert(
      fc.property(script, (candidate) => {
        const isValid = isAccepted(candidate);
        if (isValid) acceptedCount++;
        expect(schemaProblems(candidate, schema).length === 0).toBe(isValid);
      }),
      { numRuns: 3000 },
    );
    expect(acceptedCount).toBeGreaterThan(100);
  });

  test("accepts the example in the docs", () => {
    const [example] = codeBlocks(path.join(repository, "docs", "outcomes.md")).filter(
      (block) => block.language === "yaml",
    );
    const script = parse(example?.code ?? "") as JsonValue;
    expect(schemaProblems(script, schema)).toEqual([]);
    expect(isAccepted(script)).toBe(true);
  });
});
