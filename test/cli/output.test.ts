import fs from "node:fs";
import path from "node:path";
import { checkOutput, writeOutput } from "../../src/cli/output";
import { folderInRepository, mainFileOf } from "../../src/terraform/repository";
import { makeFolder, removeFolders } from "../support/project";

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
