import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { checkOutput, writeOutput } from "../../src/cli/output";
import { folderInRepository, mainFileOf } from "../../src/terraform/repository";
import { makeFolder, removeFolders, repository } from "../support/project";

afterAll(removeFolders);

describe("--out", () => {
  const folder = makeFolder("output");
  fs.writeFileSync(path.join(folder, "file"), "");
  fs.mkdirSync(path.join(folder, "folder.json"));
  const cannotWrite = expect.objectContaining({ code: "CANNOT_WRITE" }) as Error;

  test("creates the parent folders", () => {
    const file = path.join(folder, "a/b/report.json");
    checkOutput(file);
    writeOutput(file, "x");
    expect(fs.readFileSync(file, "utf8")).toBe("x");
    expect(() => checkOutput(file)).not.toThrow();
  });

  test.each(["file/report.json", "folder.json"])(
    "rejects %s before the command starts, and when the file is written",
    (name) => {
      expect(() => checkOutput(path.join(folder, name))).toThrow(cannotWrite);
      expect(() => writeOutput(path.join(folder, name), "x")).toThrow(cannotWrite);
    },
  );
});

/** Calls a function of `dist/src` in a process that cannot write more than 4 KB. */
function runOnFullDisk(module: string, call: string, file: string): number | null {
  const code = `require(${JSON.stringify(path.join(repository, "dist", "src", module))}).${call}`;
  const words = ["-c", 'ulimit -f 4; exec "$0" -e "$1" "$2"', process.execPath, code, file];
  return spawnSync("bash", words).status;
}

test("a full disk leaves no part of a plan", () => {
  const folder = makeFolder("full");
  const call = 'newPlanFile(process.argv[1], "x".repeat(9000))';
  expect(runOnFullDisk("terraform/plan.js", call, folder)).toBe(1);
  expect(fs.readdirSync(folder)).toEqual([]);
});

test("a file with secrets becomes private, even if it exists", () => {
  const file = path.join(makeFolder("private"), "state");
  fs.writeFileSync(file, "before", { mode: 0o644 });
  writeOutput(file, Buffer.from("x"), 0o600);
  expect([fs.readFileSync(file, "utf8"), fs.statSync(file).mode & 0o777]).toEqual(["x", 0o600]);
});

test("--out keeps the previous report, and no part of the new one, if the disk is full", () => {
  const folder = makeFolder("full");
  const write = 'writeOutput(process.argv[1], "x".repeat(9000))';
  const run = (file: string): number | null => runOnFullDisk("cli/output.js", write, file);
  const [report, newReport] = [path.join(folder, "report.json"), path.join(folder, "new.json")];
  fs.writeFileSync(report, "before");
  expect([run(report), run(newReport)]).toEqual([1, 1]);
  expect(fs.readdirSync(folder)).toEqual(["report.json"]);
  expect(fs.readFileSync(report, "utf8")).toBe("before");
});

test("--out writes to links and devices in place", () => {
  const folder = makeFolder("links");
  const [target, link] = [path.join(folder, "target"), path.join(folder, "link")];
  fs.writeFileSync(target, "", { mode: 0o600 });
  fs.symlinkSync(target, link);
  writeOutput(link, "x");
  expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
  expect([fs.readFileSync(target, "utf8"), fs.statSync(target).mode & 0o777]).toEqual(["x", 0o600]);
  expect(() => writeOutput("/dev/full", "x")).toThrow(/cannot write/);
  writeOutput("/dev/null", "x");
  expect(fs.statSync("/dev/null").isFile()).toBe(false);
});

describe("the path of a project in its repository", () => {
  const root = makeFolder("repository");
  const project = path.join(root, "data/etl");
  fs.mkdirSync(project, { recursive: true });

  test("is determined from .git, a folder or a file", () => {
    fs.writeFileSync(path.join(root, ".git"), "gitdir: elsewhere");
    expect([folderInRepository(project), folderInRepository(root)]).toEqual(["data/etl", ""]);
    fs.mkdirSync(path.join(project, ".git"));
    expect(folderInRepository(project)).toBe("");
  });

  test("ends in main.tf for a plain Terraform project, else in its first file", () => {
    fs.writeFileSync(path.join(project, "b.tf.json"), "");
    fs.writeFileSync(path.join(project, "a.tf"), "");
    expect(mainFileOf(project)).toBe("a.tf");
    fs.writeFileSync(path.join(project, "main.tf"), "");
    expect(mainFileOf(project)).toBe("main.tf");
  });
});
