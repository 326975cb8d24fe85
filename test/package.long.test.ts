import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fs from "node:fs";
import path from "node:path";
import { startWorkspace } from "../src/workspace/server";
import { checkReviewAgainstBase } from "./review/revisions/packed-base";
import { codeBlocks, type CodeBlock } from "./support/markdown";
import { checkModuleFormats } from "./support/module-projects";
import { makeFolder, removeFolders, repository } from "./support/project";
import { longScale } from "./support/scale";

const execute = promisify(execFile);

/** The code of a user who calls verify as a library, with the matcher. */
const verifiedTest = `import fs from "node:fs";
import { verify } from "lakeform/verify";
import { verifyMatchers, type VerifyReport } from "lakeform/testing";
expect.extend(verifyMatchers);
test("the workspace matches the code", async () => {
  const [stack] = fs.readdirSync("cdktf.out/stacks").filter((name) => name.endsWith("-local"));
  const report: VerifyReport = await verify(\`cdktf.out/stacks/\${stack}\`);
  expect(report).toBeVerified();
  expect(report.counts.match).toBeGreaterThan(0);
});
`;

type Run = (command: string, ...words: string[]) => Promise<string>;

/** Returns the ts code blocks of README.md and docs/constructs. */
function docsExamples(): CodeBlock[] {
  const pages = [
    "README.md",
    ...fs
      .readdirSync(path.join(repository, "docs", "constructs"))
      .map((page) => `docs/constructs/${page}`),
  ];
  return pages
    .flatMap((page) => codeBlocks(path.join(repository, page), page))
    .filter(({ language }) => language === "ts");
}

/**
 * In a project with the packed package: the examples of the docs compile, invalid code does not,
 * README's first example synthesizes, and so does an app with escape hatches and aspects.
 */
async function checkDocsAndEscapeHatches(root: string, run: Run): Promise<void> {
  const examples = path.join(root, "examples");
  fs.mkdirSync(examples);
  const blocks = docsExamples();
  for (const { where, code } of blocks)
    fs.writeFileSync(path.join(examples, `${where.replaceAll(/\W/g, "_")}.ts`), code);
  // tsc also reports each @ts-expect-error in this file whose next line compiles.
  const mistakes = fs.readFileSync(
    path.join(repository, "test", "constructs", "types", "compile-errors.ts"),
    "utf8",
  );
  fs.writeFileSync(
    path.join(examples, "mistakes.ts"),
    mistakes.replace("../../../constructs", "lakeform/constructs"),
  );
  const compilerOptions = {
    target: "ES2022",
    module: "node16",
    strict: true,
    noEmit: true,
    types: ["node", "jest"],
  };
  fs.writeFileSync(
    path.join(examples, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["."] }),
  );
  await run("npx", "tsc", "-p", "examples");

  const first =
    blocks.find(({ where, code }) => where.startsWith("README.md") && code.includes("synthesize("))
      ?.code ?? "";
  fs.mkdirSync(path.join(root, "stacks", "notebooks"), { recursive: true });
  fs.writeFileSync(path.join(root, "stacks", "notebooks", "ingest_raw_data.py"), "print(1)\n");
  fs.writeFileSync(path.join(root, "stacks", "readme.ts"), first);
  await run("sh", "-c", "CDKTF_OUTDIR=readme.out npx ts-node stacks/readme.ts");
  expect(fs.readdirSync(path.join(root, "readme.out", "stacks")).sort()).toEqual([
    "daily-etl-local",
    "daily-etl-prod",
  ]);

  fs.writeFileSync(path.join(root, "stacks", "hatches.ts"), escapeHatchApp);
  await run("sh", "-c", "CDKTF_OUTDIR=hatches.out npx ts-node stacks/hatches.ts");
  const { resource } = JSON.parse(
    fs.readFileSync(
      path.join(root, "hatches.out", "stacks", "hatches-local", "cdk.tf.json"),
      "utf8",
    ),
  ) as {
    resource: {
      databricks_job: Record<
        string,
        { name: string; tags: Record<string, string>; task: { max_retries?: number }[] }
      >;
    };
  };
  expect(resource.databricks_job.nightly).toMatchObject({
    name: "[dev ada] nightly",
    tags: { team: "data", lakeform: "hatches/hatches-local" },
    task: [{ max_retries: 3 }],
  });
}

/**
 * Migrates the deployed project from cdktn to cdktf, whose bindings are of an older provider
 * version, and checks that its plan is empty.
 */
async function migrateToCdktf(root: string, run: Run): Promise<void> {
  const moved = await run("npx", "lakeform", "migrate-toolkit", "--to", "cdktf");
  expect(moved).toContain("migrated to cdktf: the synth output has the same effect as before");
  expect(fs.readdirSync(path.join(root, "node_modules"))).not.toContain("cdktn");
  expect(await run("npx", "lakeform", "deploy", "local", "--auto-approve")).toContain(
    "nothing to do",
  );
  await run("npx", "tsc", "-p", ".");
  // The newest compiler cannot run ts-node or Jest, because it has no JavaScript API: it only checks
  // the package's types.
  await run("npm", "install", "--no-save", "--prefix", "newest", "typescript@7.0.2");
  await run("newest/node_modules/.bin/tsc", "-p", ".");
}

const escapeHatchApp = `import {
  Aspects, developerPrefix, NamingPolicy, NotebookTask, Serverless, synthesize, TagEverything, TerraformResource, Workflow, WorkspaceStack,
} from "lakeform/constructs";

synthesize((app) => {
  const stack = new WorkspaceStack(app, "hatches", { project: "hatches", environment: { name: "local", provider: "embedded", values: {} } });
  const nightly = new Workflow(stack, "nightly", { name: "nightly" });
  nightly.addTask("a", { run: NotebookTask.at("/Shared/a"), on: Serverless.compute });
  const job = nightly.node.defaultChild;
  if (!TerraformResource.isTerraformResource(job)) throw new Error("no escape hatch");
  job.addOverride("task.0.max_retries", 3);
  job.overrideLogicalId("nightly");
  Aspects.of(stack).add(new NamingPolicy({ prefix: developerPrefix("ada@example.com"), pattern: /^[a-z]+$/ }));
  Aspects.of(stack).add(new TagEverything({ team: "data" }));
});
`;

describe("npm pack", () => {
  afterAll(removeFolders);

  test("installs into an empty folder, where help, types, init, review, deploy and verify succeed", async () => {
    const folder = makeFolder("pack");
    await execute("npm", ["pack", "--pack-destination", folder], { cwd: repository });
    const tarball = fs.readdirSync(folder).find((file) => file.endsWith(".tgz"));
    if (tarball === undefined) throw new Error("no tarball");
    const root = path.join(folder, "app");
    fs.mkdirSync(root);
    const env = {
      ...process.env,
      HOME: makeFolder("home"),
      npm_config_audit: "false",
      npm_config_fund: "false",
    };
    // Asynchronous, since this process serves the workspace.
    const run = async (command: string, ...words: string[]): Promise<string> =>
      (await execute(command, words, { cwd: root, env, maxBuffer: 1e8 })).stdout;

    fs.writeFileSync(path.join(root, "package.json"), "{}");
    const { stderr } = await execute("npm", ["install", path.join(folder, tarball)], {
      cwd: root,
      env,
    });
    expect(stderr).not.toContain("EBADENGINE");
    expect(await run("npx", "lakeform", "--help")).toContain("Databricks as code");
    fs.rmSync(path.join(root, "package.json"));
    await run("npx", "lakeform", "init", "--name", "packed");
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    manifest.dependencies.lakeform = `file:${path.join(folder, tarball)}`;
    fs.writeFileSync(path.join(root, "package.json"), JSON.stringify(manifest));
    await run("npm", "install");
    // Checks the types, then runs the tests.
    await run("npm", "test");
    await checkReviewAgainstBase(root, run);
    await checkDocsAndEscapeHatches(root, run);
    await checkModuleFormats(root, run, docsExamples());

    const workspace = await startWorkspace();
    try {
      Object.assign(env, {
        LAKEFORM_LOCAL_HOST: workspace.host,
        LAKEFORM_LOCAL_TOKEN: workspace.token,
      });
      expect(await run("npx", "lakeform", "deploy", "local", "--auto-approve")).toContain(
        "the workspace matches the code",
      );
      await run("npx", "lakeform", "verify", "local");
      fs.writeFileSync(path.join(root, "test", "verified.test.ts"), verifiedTest);
      await run("npx", "jest", "test/verified.test.ts");
      await run("npx", "tsc", "--noEmit", "-p", ".");
      // CI has no time for two more installations; test/adopt/migrate-toolkit.test.ts tests the
      // migration itself.
      if (longScale >= 0.5) await migrateToCdktf(root, run);
      await run("npx", "lakeform", "destroy", "local", "--auto-approve");
    } finally {
      await workspace.close();
    }
  });
});
