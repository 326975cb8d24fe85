import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { redact, Redactor } from "../../src/workspace/execution/redactor";
import { createReport, OutputFiles, readOutput } from "../../src/workspace/execution/report";

test("an empty secret redacts nothing", () => {
  const secrets = new Set(["", "key"]);
  expect(redact("the key", secrets)).toBe("the [REDACTED]");
  const redactor = new Redactor(secrets);
  expect(redactor.push("the k") + redactor.push("ey") + redactor.flush()).toBe("the [REDACTED]");
});

test("a log keeps its end, and reports the exact number of dropped bytes", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "task-output-"));
  try {
    const report = createReport("python");
    const files = new OutputFiles(folder, report);
    const megabytes = (count: number): number => count * 1024 * 1024;
    for (const size of [megabytes(6), megabytes(7), 1])
      files.write(1, { stream: "stdout", text: "x".repeat(size) });
    files.close();
    const kept = readOutput(folder, 1).reduce((sum, piece) => sum + piece.text.length, 0);
    expect([kept, report.cut[1]]).toEqual([megabytes(7) + 1, megabytes(6)]);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
