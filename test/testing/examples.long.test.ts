import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeApp } from "../support/app";
import { codeBlocks } from "../support/markdown";
import { removeFolders, repository } from "../support/project";

afterAll(removeFolders);

test("the example of docs/testing.md, which is shorter than 25 lines, and the tests that lakeform init writes pass", async () => {
  const root = await makeApp();
  const [example] = codeBlocks(path.join(repository, "docs", "testing.md")).filter(
    (block) => block.language === "ts",
  );
  fs.writeFileSync(path.join(root, "test", "example.test.ts"), example?.code ?? "");
  expect(
    (example?.code ?? "").split("\n").filter((line) => line.trim() !== "").length,
  ).toBeLessThan(25);
  const env = { PATH: process.env.PATH, HOME: root };
  const jest = path.join(repository, "node_modules", "jest", "bin", "jest.js");
  const out = path.join(root, "result.json");
  execFileSync(process.execPath, [jest, "--runInBand", "--json", "--outputFile", out], {
    cwd: root,
    env,
    stdio: "pipe",
  });
  expect(JSON.parse(fs.readFileSync(out, "utf8"))).toMatchObject({
    success: true,
    numPassedTestSuites: 3,
  });
}, 240_000);
