import fs from "node:fs";
import path from "node:path";
import { LakeformError } from "../../src/errors";
import { findProject } from "../../src/terraform/project";
import { readStack } from "../../src/terraform/stack";
import { selectStacks } from "../../src/terraform/stack-selection";
import { synthesize } from "../../src/terraform/synth";
import { makeFolder, makeProject, removeFolders, setResource } from "../support/project";

function linkTo(root: string, text: string): void {
  fs.rmSync(path.join(root, "link"), { force: true });
  fs.writeFileSync(path.join(root, `${text}.txt`), text);
  fs.symlinkSync(`${text}.txt`, path.join(root, "link"));
}

describe("synth", () => {
  afterAll(removeFolders);

  test("writes the stacks, and selects them by name and environment from a subfolder", async () => {
    const root = makeProject({ "etl-local": {}, "ml-local": {}, "etl-dev": {} });
    fs.mkdirSync(path.join(root, "deep", "er"), { recursive: true });
    const project = findProject(path.join(root, "deep", "er"));
    expect(await synthesize(project, process.env)).toEqual(["etl-local", "ml-local", "etl-dev"]);
    expect(selectStacks(project, ["local"]).map((stack) => stack.name)).toEqual([
      "etl-local",
      "ml-local",
    ]);
    expect(selectStacks(project, ["etl-dev", "local"]).map((stack) => stack.name)).toEqual([
      "etl-dev",
      "etl-local",
      "ml-local",
    ]);
  });

  test("leaves the last valid output unchanged and no other files if the app fails", async () => {
    const root = makeProject();
    const project = findProject(root);
    await synthesize(project, process.env);
    fs.writeFileSync(
      path.join(root, "app.js"),
      'require("fs").mkdirSync(process.env.CDKTF_OUTDIR + "/stacks", { recursive: true }); console.error("WORKFLOW_WITHOUT_TASKS: etl-local/x"); process.exit(3);',
    );
    await expect(synthesize(project, process.env)).rejects.toMatchObject({
      code: "SYNTH_FAILED",
      message: expect.stringContaining("WORKFLOW_WITHOUT_TASKS") as string,
    });
    expect(readStack(project, "etl-local").metadata.environment).toBe("local");
    expect(fs.readdirSync(root).sort()).toEqual([
      "app.js",
      "cdktf.json",
      "cdktf.out",
      "stacks.json",
    ]);
  });

  test("names the type check for an error that it would find", async () => {
    const root = makeProject();
    const project = findProject(root);
    const fixOf = async (app: string): Promise<string | undefined> => {
      fs.writeFileSync(path.join(root, "app.js"), app);
      const error: unknown = await synthesize(project, process.env).catch(
        (thrown: unknown) => thrown,
      );
      return error instanceof LakeformError ? error.details.fix : undefined;
    };
    const fix = "fix the error above; the last good synth output was kept";
    expect(await fixOf("undefined.length;")).toBe(fix);
    fs.writeFileSync(path.join(root, "tsconfig.json"), "{}");
    expect(await fixOf('throw new Error("BAD_NAME")')).toBe(fix);
    expect(await fixOf("undefined.length;")).toBe(
      "fix the error above (`npx tsc --noEmit` checks the types); the last good synth output was kept",
    );
  });

  test("reports that the output is unchanged, unless another command wrote it meanwhile", async () => {
    const root = makeProject();
    const project = findProject(root);
    const manifest = path.join(project.outdir, "manifest.json");
    const reportsUnchanged = async (
      writeMeanwhile: () => void = () => undefined,
    ): Promise<boolean> => {
      let unchanged = false;
      const onUnchanged = (): void => void (unchanged = true);
      await synthesize(project, process.env, { meanwhile: writeMeanwhile, onUnchanged });
      return unchanged;
    };
    expect(await reportsUnchanged()).toBe(false);
    expect(await reportsUnchanged()).toBe(true);
    // Another command writes a different output, and then the same one again.
    expect(
      await reportsUnchanged(() => {
        const text = fs.readFileSync(manifest);
        fs.writeFileSync(`${manifest}.new`, text);
        fs.renameSync(`${manifest}.new`, manifest);
      }),
    ).toBe(false);
    const stray = path.join(project.outdir, "stacks", "etl-local", "cdk.tf.json.bak");
    expect(await reportsUnchanged(() => fs.writeFileSync(stray, ""))).toBe(false);
    expect(await reportsUnchanged()).toBe(true);
    setResource(root, "etl-local", { databricks_job: { a: { name: "a" } } });
    expect(await reportsUnchanged()).toBe(false);
  });

  test("passes the stderr of a successful app through once", async () => {
    const root = makeProject();
    const project = findProject(root);
    const file = path.join(root, "app.js");
    fs.writeFileSync(
      file,
      `console.log("chatter"); console.error("warning DBFS_DEPRECATED: é");\n${fs.readFileSync(file, "utf8")}`,
    );
    const output: string[] = [];
    await synthesize(project, process.env, { onWarnings: (text) => output.push(text) });
    expect(output).toEqual(["warning DBFS_DEPRECATED: é\n"]);
  });

  test("keeps Terraform's files in a stack's folder, and removes stacks that no longer exist", async () => {
    const root = makeProject({ "etl-local": {}, "old-local": {} });
    const project = findProject(root);
    await synthesize(project, process.env);
    const lock = path.join(project.outdir, "stacks", "etl-local", ".terraform.lock.hcl");
    fs.writeFileSync(lock, "kept");
    const stacks = JSON.parse(fs.readFileSync(path.join(root, "stacks.json"), "utf8")) as Record<
      string,
      unknown
    >;
    delete stacks["old-local"];
    fs.writeFileSync(path.join(root, "stacks.json"), JSON.stringify(stacks));
    await synthesize(project, process.env);
    expect(fs.readFileSync(lock, "utf8")).toBe("kept");
    expect(fs.readdirSync(path.join(project.outdir, "stacks"))).toEqual(["etl-local"]);
  });

  test("with compareOnly, leaves the output unchanged, and rejects it if the app writes other output", async () => {
    const root = makeProject();
    const project = findProject(root);
    await expect(synthesize(project, process.env, { compareOnly: true })).rejects.toMatchObject({
      code: "NOT_SYNTHESIZED",
    });
    await synthesize(project, process.env);
    expect(await synthesize(project, process.env, { compareOnly: true })).toEqual(["etl-local"]);
    const file = path.join(project.outdir, "stacks", "etl-local", "cdk.tf.json");
    const fileBefore = fs.readFileSync(file, "utf8");
    setResource(root, "etl-local", { databricks_secret_scope: { s: { name: "s" } } });
    await expect(synthesize(project, process.env, { compareOnly: true })).rejects.toMatchObject({
      code: "STALE_SYNTH",
      details: {
        value: path.join("cdktf.out", "stacks", "etl-local", "cdk.tf.json"),
        fix: expect.stringContaining("lakeform synth") as string,
      },
    });
    expect(fs.readFileSync(file, "utf8")).toBe(fileBefore);
    expect(fs.readdirSync(root).sort()).toEqual([
      "app.js",
      "cdktf.json",
      "cdktf.out",
      "stacks.json",
    ]);
  });

  test.each([
    [
      "a file in a folder that a build writes",
      (root: string) => fs.writeFileSync(path.join(root, "dist", "tool.whl"), "new"),
    ],
    [
      "a file in a folder whose name starts with a dot",
      (root: string) => fs.writeFileSync(path.join(root, ".notebooks", "a.py"), "new"),
    ],
    [
      "a file in node_modules",
      (root: string) =>
        fs.writeFileSync(
          path.join(root, "node_modules", "own", "index.js"),
          'module.exports = "new"',
        ),
    ],
    [
      "a file outside of the project",
      (root: string) =>
        fs.writeFileSync(path.join(root, "..", `${path.basename(root)}.txt`), "new"),
    ],
    ["an environment variable", () => (process.env.SYNTH_TEST = "new")],
    ["the target of a link", (root: string) => linkTo(root, "new")],
  ])(
    "includes the new content of %s that the app reads, despite an old timestamp",
    async (_what, changeInput) => {
      const root = makeProject();
      const outside = path.join(root, "..", `${path.basename(root)}.txt`);
      for (const folder of ["dist", ".notebooks", "node_modules/own"])
        fs.mkdirSync(path.join(root, folder), { recursive: true });
      fs.writeFileSync(path.join(root, "dist", "tool.whl"), "old");
      fs.writeFileSync(path.join(root, ".notebooks", "a.py"), "old");
      fs.writeFileSync(
        path.join(root, "node_modules", "own", "index.js"),
        'module.exports = "old"',
      );
      fs.writeFileSync(outside, "old");
      linkTo(root, "old");
      const app = path.join(root, "app.js");
      fs.writeFileSync(
        app,
        `${fs.readFileSync(app, "utf8")}
const read = (file) => fs.readFileSync(file, "utf8");
const inputs = [read("dist/tool.whl"), read(".notebooks/a.py"), require("own"), read(${JSON.stringify(outside)}), read("link"), process.env.SYNTH_TEST];
fs.writeFileSync(path.join(out, "stacks", "etl-local", "inputs.json"), JSON.stringify(inputs));
`,
      );
      const project = findProject(root);
      const inputs = (): string =>
        fs.readFileSync(path.join(project.outdir, "stacks", "etl-local", "inputs.json"), "utf8");
      try {
        await synthesize(project, process.env);
        expect(inputs()).not.toContain("new");
        changeInput(root);
        const oldTime = new Date(1e12);
        for (const file of [
          "dist/tool.whl",
          ".notebooks/a.py",
          "node_modules/own/index.js",
          outside,
        ])
          fs.utimesSync(path.resolve(root, file), oldTime, oldTime);
        await synthesize(project, process.env);
        expect(inputs()).toContain("new");
      } finally {
        delete process.env.SYNTH_TEST;
        fs.rmSync(outside);
      }
    },
  );

  test("rejects a folder without a project, and an invalid cdktf.json", () => {
    expect(() => findProject(makeFolder())).toThrow(
      expect.objectContaining({ code: "NO_PROJECT" }) as Error,
    );
    const root = makeProject();
    fs.writeFileSync(path.join(root, "cdktf.json"), "{");
    expect(() => findProject(root)).toThrow(
      expect.objectContaining({ code: "BAD_CDKTF_JSON" }) as Error,
    );
  });

  test("starts a program of the project itself instead of npx", async () => {
    const root = makeProject();
    const file = path.join(root, "cdktf.json");
    const { app } = JSON.parse(fs.readFileSync(file, "utf8")) as { app: string };
    const programs = path.join(root, "node_modules", ".bin");
    const otherPrograms = makeFolder("programs");
    const addProgram = (folder: string, name: string): void => {
      fs.mkdirSync(folder, { recursive: true });
      const script = `#!/bin/sh\n${app}\necho "${name} $*" > "$CDKTF_OUTDIR/../ran.txt"\n`;
      fs.writeFileSync(path.join(folder, name), script, { mode: 0o755 });
    };
    addProgram(otherPrograms, "npx");
    addProgram(programs, "runner");
    const ran = async (command: string): Promise<string> => {
      fs.writeFileSync(file, JSON.stringify({ app: command }));
      const searched = `${otherPrograms}${path.delimiter}${process.env.PATH ?? ""}`;
      await synthesize(findProject(root), { ...process.env, PATH: searched });
      return fs.readFileSync(path.join(root, "ran.txt"), "utf8").trim();
    };
    expect(await ran("npx runner --flag 'a  b'")).toBe("runner --flag a  b");
    expect(await ran("npx missing main.ts")).toBe("npx missing main.ts");
    expect(await ran("npx --yes runner main.ts")).toBe("npx --yes runner main.ts");
  });

  test("rejects an unknown stack, and lists the existing ones", async () => {
    const project = findProject(makeProject());
    await synthesize(project, process.env);
    expect(() => selectStacks(project, ["etl-prod"])).toThrow(
      expect.objectContaining({
        code: "UNKNOWN_STACK",
        details: expect.objectContaining({
          value: "etl-prod",
          allowed: "stacks etl-local; environments local",
        }) as unknown,
      }) as Error,
    );
  });

  test("names the fix for a stack that was removed from the code but is still deployed", async () => {
    const project = findProject(makeProject());
    await synthesize(project, process.env);
    const fixFor = (resources: readonly object[], selector = "gone-local"): string => {
      const file = path.join(project.privateFolder, "state", "gone-local.tfstate");
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, JSON.stringify({ version: 4, resources }));
      try {
        selectStacks(project, [selector]);
      } catch (error) {
        return (error as LakeformError).details.fix ?? "";
      }
      return "";
    };
    expect(fixFor([{}])).toMatch(
      /lakeform destroy gone-local; if that does not find its deployment record, put the stack/,
    );
    expect(fixFor([])).toMatch(/check the name/);
    // An environment without stacks in the code.
    const file = path.join(project.privateFolder, "state", "old-staging.tfstate");
    fs.writeFileSync(file, JSON.stringify({ version: 4, resources: [{}] }));
    expect(fixFor([], "staging")).toMatch(
      /^old-staging was deployed .*lakeform destroy old-staging;/,
    );
    expect(fixFor([], "other")).toMatch(/check the name/);
  });

  test("rejects truncated output, output without metadata, and no output", async () => {
    const project = findProject(makeProject());
    expect(() => selectStacks(project, ["local"])).toThrow(
      expect.objectContaining({ code: "NOT_SYNTHESIZED" }) as Error,
    );
    await synthesize(project, process.env);
    const file = path.join(project.outdir, "stacks", "etl-local", "cdk.tf.json");
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").slice(0, 100));
    expect(() => readStack(project, "etl-local")).toThrow(
      expect.objectContaining({ code: "BROKEN_SYNTH_OUTPUT" }) as Error,
    );
    fs.writeFileSync(file, "{}");
    expect(() => readStack(project, "etl-local")).toThrow(
      expect.objectContaining({ code: "NO_METADATA" }) as Error,
    );
  });
});
