import { formatDiagnostic, toDiagnostic } from "../../src/terraform/json-lines";
import type { TerraformContext } from "../../src/terraform/run";
import type { SynthesizedStack } from "../../src/terraform/stack";

const stack = {
  metadata: {
    resources: { "databricks_job.etl": { path: "s-dev/etl", source: "stacks/main.ts:7" } },
  },
} as unknown as SynthesizedStack;
const context = {
  credentials: {},
  variables: { KEY: "s3cr3t-value" },
  env: {},
} as unknown as TerraformContext;

describe("a diagnostic of Terraform", () => {
  const formatted = (code: string, offset: number): string =>
    formatDiagnostic(
      toDiagnostic(
        {
          severity: "error",
          summary: "Insufficient rules blocks",
          detail: 'At least 1 "rules" blocks are required.',
          snippet: { context: "resource.databricks_job.etl", code, highlight_start_offset: offset },
        },
        stack,
        context,
      ),
    );

  test("of the configuration has the construct, its source position and the line", () => {
    expect(formatted('        "health": {', 18)).toBe(
      [
        "  s-dev/etl (databricks_job.etl) at stacks/main.ts:7",
        "  Insufficient rules blocks",
        '  "health": {',
        '  At least 1 "rules" blocks are required.',
      ].join("\n"),
    );
  });

  test("shows the part of a long line around the error, without secrets", () => {
    const line = formatted(`"input": "s3cr3t-value ${"x".repeat(300)}\${y"`, 322).split("\n")[2];
    expect(line).toMatch(/^ {2}…x+\$\{y"$/);
    expect(formatted('"input": "s3cr3t-value"', 5)).not.toContain("s3cr3t-value");
    const start = `"input": "${"s3cr3t-value ".repeat(20)}${"x".repeat(100)}`;
    expect(formatted(`${start}\${y}"`, start.length).split("\n")[2]).toMatch(
      /^ {2}…x{60}\$\{y\}"$/,
    );
  });
});
