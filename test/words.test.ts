/** The word check of the lint run: what it reports, and what it accepts. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const root = path.join(__dirname, "..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-words-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));

function check(files: Readonly<Record<string, string>>): {
  status: number | null;
  found: string[];
} {
  const paths = Object.entries(files).map(([name, text]) => {
    fs.writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  });
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(root, "scripts", "words.mjs"), ...paths],
    { encoding: "utf8" },
  );
  return {
    status,
    found: stderr.split("\n").flatMap((line) => /([\w.]+:\d+ {2}".*"): /.exec(line)?.[1] ?? []),
  };
}

test("the word check finds listed words in comments, messages, test names and Markdown, with their lines", () => {
  const { status, found } = check({
    "a.ts":
      '/** Mends it. */\nconst beside = 1; // it goes on with it\nfail("cannot be right", `the lock of ${beside} is somebody else\'s`);\n',
    "b.test.ts": 'test("is put right", () => expect(said).toBe("nobody can be asked"));\n',
    "c.md": "# A page\n\nThis is done\nby hand.\n",
  });
  expect(found).toEqual([
    'a.ts:1  "Mends"',
    'a.ts:2  "goes on with"',
    'a.ts:3  "cannot be right"',
    'a.ts:3  "somebody"',
    'b.test.ts:1  "put right"',
    'c.md:4  "by hand"',
  ]);
  expect(status).toBe(1);
});

test("the word check ignores identifiers, strings of one word, Markdown code and parts of other words", () => {
  expect(
    check({
      "d.ts":
        'export const beside = "beside"; // `mend()` amends the recommended somebody-elses-value\n',
      "e.md": "Run `put right` or\n\n```sh\nby hand\n```\n\n    whoever\n",
    }),
  ).toEqual({ status: 0, found: [] });
});
