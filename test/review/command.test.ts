import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { main } from "../../src/cli/main";

async function run(
  cwd: string,
  ...args: readonly string[]
): Promise<{ code: number; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const chunks: Buffer[] = [];
  stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const code = await main(["review", ...args], {
    stdout,
    stderr,
    cwd,
    env: { PATH: process.env.PATH },
  });
  return { code, err: Buffer.concat(chunks).toString("utf8") };
}

describe("lakeform review rejects", () => {
  let folder: string;
  beforeAll(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-review-"));
    fs.writeFileSync(path.join(folder, "other.json"), '{"format":"lakeform.review","version":2}');
  });
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it.each([
    ["a missing stack and revision", [], "NOTHING_TO_REVIEW"],
    [
      "an output file with an unsupported extension",
      ["dev", "--out", "review.docx"],
      "UNKNOWN_FORMAT",
    ],
    ["a missing approved review", ["dev", "--approved", "nowhere.json"], "REVIEW_UNREADABLE"],
    [
      "an approved review with an unsupported version",
      ["dev", "--approved", "other.json"],
      "REVIEW_UNREADABLE",
    ],
    ["a folder without a project", ["dev"], "NO_PROJECT"],
  ])("%s", async (_, args, errorCode) => {
    const { code, err } = await run(folder, ...args);
    expect(code).toBe(1);
    expect(err).toContain(`${errorCode}: `);
    expect(err).toContain("fix: ");
    expect(err).not.toContain("    at ");
  });

  it.each([
    ["--format", "pdf"],
    ["--budget", "12"],
    ["--fail-on", "info"],
    ["--code-host", "svn"],
  ])("%s %s", async (flag, value) => {
    expect((await run(folder, "dev", flag, value)).code).toBe(1);
  });
});
