import fs from "node:fs";
import path from "node:path";
import { findProject } from "../../src/terraform/project";
import { synthesize } from "../../src/terraform/synth";
import { makeProject, removeFolders, setStacks } from "../support/project";

/** Writes one stack into a folder, as cdktf does. */
const appWritingTo = (folder: string, extra = ""): string => `
const fs = require("fs"), path = require("path"), out = ${folder};
fs.mkdirSync(path.join(out, "stacks", "plain"), { recursive: true });
fs.writeFileSync(path.join(out, "stacks", "plain", "cdk.tf.json"), JSON.stringify({ now: Date.now() }));
${extra}
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify({ version: "0.21.0", stacks: { plain: { name: "plain" } } }));
`;

/**
 * A project that was built once, with the files that Terraform and a user keep in the folder of its
 * stack.
 */
async function builtProject(): Promise<{
  readonly root: string;
  readonly remainingFiles: () => string[];
  readonly writeApp: (text: string) => void;
}> {
  const root = makeProject({ plain: {} });
  await synthesize(findProject(root), process.env);
  const folder = path.join(root, "cdktf.out", "stacks", "plain");
  for (const name of [
    ".terraform/providers/p",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "states/prod.tfstate",
    ".terraform.lock.hcl",
    "notes.md",
  ]) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), name);
  }
  const remainingFiles = (): string[] =>
    fs
      .readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && item.name !== "cdk.tf.json")
      .map((item) => path.join(path.relative(folder, item.parentPath), item.name))
      .sort();
  return {
    root,
    remainingFiles,
    writeApp: (text) => fs.writeFileSync(path.join(root, "app.js"), text),
  };
}
const allFiles = [
  ".terraform.lock.hcl",
  ".terraform/providers/p",
  "notes.md",
  "states/prod.tfstate",
  "terraform.tfstate",
  "terraform.tfstate.backup",
];

describe("the output folder", () => {
  afterAll(removeFolders);

  const otherFileSystem = "/dev/shm";
  // Only Linux has a second file system that every user can write to.
  (fs.existsSync(otherFileSystem) ? test : test.skip)(
    "may be on another file system than the project",
    async () => {
      const root = makeProject({ plain: {} });
      const volume = fs.mkdtempSync(path.join(otherFileSystem, "lakeform-"));
      try {
        fs.symlinkSync(volume, path.join(root, "cdktf.out"));
        const stack = path.join(volume, "stacks", "plain");
        await synthesize(findProject(root), process.env);
        const first = fs.readFileSync(path.join(stack, "cdk.tf.json"), "utf8");
        setStacks(root, { plain: { output: { x: { value: "1" } } } });
        await synthesize(findProject(root), process.env);
        expect(fs.readFileSync(path.join(stack, "cdk.tf.json"), "utf8")).not.toBe(first);
        expect(fs.readdirSync(stack)).toEqual(["cdk.tf.json"]);
        expect(fs.readdirSync(volume).sort()).toEqual(["manifest.json", "stacks"]);
      } finally {
        fs.rmSync(volume, { recursive: true });
      }
    },
  );

  test("is accepted from an app that ignores CDKTF_OUTDIR", async () => {
    const { root, remainingFiles, writeApp } = await builtProject();
    writeApp(appWritingTo('path.join(__dirname, "cdktf.out")'));
    expect(await synthesize(findProject(root), process.env)).toEqual(["plain"]);
    expect(remainingFiles()).toEqual(allFiles);
    expect(fs.readdirSync(root).sort()).toEqual([
      "app.js",
      "cdktf.json",
      "cdktf.out",
      "stacks.json",
    ]);
  });

  test("is kept if the app writes to another folder; the error names that folder", async () => {
    const { root, remainingFiles, writeApp } = await builtProject();
    writeApp(appWritingTo('path.join(__dirname, "infra", "out")'));
    await expect(synthesize(findProject(root), process.env)).rejects.toMatchObject({
      code: "OUTPUT_ELSEWHERE",
      details: { value: path.join("infra", "out"), allowed: "cdktf.out" },
    });
    expect(remainingFiles()).toEqual(allFiles);
    fs.writeFileSync(
      path.join(root, "cdktf.json"),
      JSON.stringify({ app: "node app.js", output: "infra/out" }),
    );
    expect(await synthesize(findProject(root), process.env)).toEqual(["plain"]);
  });

  test("cannot be the project folder; the error does not suggest setting `output` to it", async () => {
    const { root, remainingFiles, writeApp } = await builtProject();
    writeApp(appWritingTo("__dirname"));
    await expect(synthesize(findProject(root), process.env)).rejects.toMatchObject({
      code: "OUTPUT_ELSEWHERE",
      details: {
        value: "the project's folder itself",
        fix: expect.not.stringContaining('"output"') as string,
      },
    });
    expect(remainingFiles()).toEqual(allFiles);
  });

  test.each([
    ["no output files", "process.exit(0);", "NO_OUTPUT"],
    [
      "a manifest that lists missing stacks",
      appWritingTo(
        "process.env.CDKTF_OUTDIR",
        'fs.rmSync(path.join(out, "stacks"), { recursive: true });',
      ),
      "INCOMPLETE_OUTPUT",
    ],
  ])("an app that succeeds with %s is refused, and nothing is lost", async (_case, text, code) => {
    const { root, remainingFiles, writeApp } = await builtProject();
    writeApp(text);
    await expect(synthesize(findProject(root), process.env)).rejects.toMatchObject({ code });
    expect(remainingFiles()).toEqual(allFiles);
    expect(fs.existsSync(path.join(root, "cdktf.out", "stacks", "plain", "cdk.tf.json"))).toBe(
      true,
    );
  });

  test("keeps the state and lock files of a stack removed from the code, and leaves other folders unchanged", async () => {
    const { root, remainingFiles } = await builtProject();
    const foreignFile = path.join(root, "cdktf.out", "stacks", "by-hand", "cdk.tf.json");
    fs.mkdirSync(path.dirname(foreignFile));
    fs.writeFileSync(foreignFile, "{}");
    fs.writeFileSync(path.join(root, "stacks.json"), JSON.stringify({ other: {} }));
    expect(await synthesize(findProject(root), process.env)).toEqual(["other"]);
    expect(remainingFiles()).toEqual(allFiles);
    expect(fs.existsSync(path.join(root, "cdktf.out", "stacks", "plain", "cdk.tf.json"))).toBe(
      false,
    );
    expect(fs.existsSync(foreignFile)).toBe(true);
  });

  test("contains only the assets of the last build", async () => {
    const { root, writeApp } = await builtProject();
    const asset = (name: string): string =>
      appWritingTo(
        "process.env.CDKTF_OUTDIR",
        `fs.mkdirSync(path.join(out, "stacks", "plain", "assets", "${name}"), { recursive: true }); fs.writeFileSync(path.join(out, "stacks", "plain", "assets", "${name}", "x"), "");`,
      );
    for (const name of ["one", "two"]) {
      writeApp(asset(name));
      await synthesize(findProject(root), process.env);
      expect(fs.readdirSync(path.join(root, "cdktf.out", "stacks", "plain", "assets"))).toEqual([
        name,
      ]);
    }
    writeApp(appWritingTo("process.env.CDKTF_OUTDIR"));
    await synthesize(findProject(root), process.env);
    expect(fs.existsSync(path.join(root, "cdktf.out", "stacks", "plain", "assets"))).toBe(false);
  });
});
