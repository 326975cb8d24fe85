import fs from "node:fs";
import path from "node:path";
import { makeApp, useCachedSynth } from "../support/app";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { removeFolders, repository } from "../support/project";
import type { JsonObject } from "../support/replay-format";
import { callRest } from "../support/rest";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;

const call = (method: string, route: string, body?: unknown): Promise<JsonObject> =>
  callRest(workspace, method, route, body) as Promise<JsonObject>;
const importNotebook = (notebookPath: string, content: string): Promise<JsonObject> =>
  call("POST", "/api/2.0/workspace/import", {
    path: notebookPath,
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from(content).toString("base64"),
  });
const createJob = async (body: JsonObject & { readonly name: string }): Promise<number> => {
  const { job_id: id } = await call("POST", "/api/2.2/jobs/create", body);
  return Number(id);
};
const run = (...args: string[]): Promise<CliResult> =>
  lakeform(root, [...args, "--quiet"], {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  });
const codeFolder = (): string => path.join(root, "stacks", "adopted");
const readCode = (file: string): string => fs.readFileSync(path.join(codeFolder(), file), "utf8");
const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };

const makeProject = async (name: string): Promise<string> => {
  const projectRoot = await makeApp(name);
  useCachedSynth(projectRoot);
  fs.writeFileSync(path.join(projectRoot, ".prettierrc.json"), '{ "printWidth": 140 }');
  return projectRoot;
};

beforeAll(() => importNotebook("/Shared/ingest", "# Databricks notebook source\nprint(1)\n"));
afterAll(removeFolders);

describe("the page docs/adopt.md", () => {
  test("shows working commands with their real output and files", async () => {
    const page = fs.readFileSync(path.join(repository, "docs", "adopt.md"), "utf8");
    const [, commands = "", output = "", codeSample = ""] =
      /## From a workspace\s+```sh\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```[\s\S]*?```ts\n([\s\S]*?)```/.exec(
        page,
      ) ?? [];
    await createJob({
      name: "daily-ingest",
      parameters: [{ name: "day", default: "2024-01-01" }],
      job_clusters: [{ job_cluster_key: "shared", new_cluster: cluster }],
      tasks: [
        {
          task_key: "ingest",
          job_cluster_key: "shared",
          notebook_task: {
            notebook_path: "/Shared/ingest",
            base_parameters: { day: "{{job.parameters.day}}" },
          },
        },
      ],
    });
    const previousRoot = root;
    root = await makeProject("docs");
    try {
      const argumentsOf = (line: string): string[] =>
        line.replace("npx lakeform ", "").replaceAll("'", "").split(" ");
      const commandLines = commands.trim().split("\n").map(argumentsOf);
      const results: CliResult[] = [];
      for (const args of commandLines) {
        const result = await run(...args);
        expectExit(result, 0);
        results.push(result);
        if (args.includes("--strict"))
          expect(maskIds(readCode("daily-ingest.ts"))).toBe(maskIds(codeSample));
      }
      expect(results[0]?.stdout).toBe(output);
      expect(results.at(-1)?.stdout).toContain("2 import blocks removed, 0 kept\n");
      await checkBundleSection(page);
      await checkTerraformSection(page);
      await checkDriftSection(page);
    } finally {
      root = previousRoot;
    }
  }, 180_000);

  const sectionOf = (page: string, title: string): string =>
    new RegExp(`## ${title}\\n([^]*?)\\n## `).exec(page)?.[1] ?? "";
  const codeBlocks = (text: string, language: string): string[] =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(
      ([, code = ""]) => code,
    );
  const argumentsOf = (command: string): string[] =>
    command.trim().replace("npx lakeform ", "").split(" ");

  async function checkBundleSection(page: string): Promise<void> {
    const text = sectionOf(page, "From a bundle");
    fs.writeFileSync(path.join(root, "databricks.yml"), codeBlocks(text, "yaml")[0] ?? "");
    fs.mkdirSync(path.join(root, "src"));
    fs.writeFileSync(path.join(root, "src", "load.py"), "# Databricks notebook source\nprint(1)\n");
    const adoptResult = await run(...argumentsOf(codeBlocks(text, "sh")[0] ?? ""), "--no-review");
    expectExit(adoptResult, 0);
    expect(adoptResult.stdout).toBe(codeBlocks(text, "text")[0]);
  }

  /** Adopts the job of the page's configuration from a state file in Terraform's format. */
  async function checkTerraformSection(page: string): Promise<void> {
    const text = sectionOf(page, "From Terraform");
    const id = await createJob({
      name: "nightly report",
      tasks: [{ task_key: "report", notebook_task: { notebook_path: "/Shared/report" } }],
    });
    const stateFolder = path.join(root, "..", "terraform");
    fs.mkdirSync(stateFolder);
    fs.writeFileSync(path.join(stateFolder, "main.tf"), codeBlocks(text, "hcl")[0] ?? "");
    const instances = [{ index_key: "de", schema_version: 2, attributes: { id: String(id) } }];
    const provider = 'provider["registry.terraform.io/databricks/databricks"]';
    const resources = [
      { mode: "managed", type: "databricks_job", name: "report", provider, instances },
    ];
    fs.writeFileSync(
      path.join(stateFolder, "terraform.tfstate"),
      JSON.stringify({ version: 4, serial: 1, lineage: "x", resources }),
    );
    const adoptResult = await run(...argumentsOf(codeBlocks(text, "sh")[0] ?? ""), "--no-review");
    expectExit(adoptResult, 0);
    expect(adoptResult.stdout).toBe(codeBlocks(text, "text")[0]);
  }

  async function checkDriftSection(page: string): Promise<void> {
    const text = sectionOf(page, "Adopt drift into the code");
    const { jobs } = (await call("GET", "/api/2.2/jobs/list?name=daily-ingest")) as unknown as {
      jobs: { job_id: number }[];
    };
    await call("POST", "/api/2.2/jobs/update", {
      job_id: jobs[0]?.job_id ?? 0,
      new_settings: { max_concurrent_runs: 5 },
    });
    const [showCommand, codeSample] = (codeBlocks(text, "sh")[0] ?? "").trim().split("\n");
    const driftResult = await run(...argumentsOf(showCommand ?? ""));
    expect([driftResult.code, driftResult.stdout]).toEqual([2, codeBlocks(text, "text")[0]]);
    expectExit(await run(...argumentsOf(codeSample ?? "")), 0);
  }

  const maskIds = (text: string): string => text.replaceAll(/1000000000000\d\d/g, "ID");
});

test("adopt --strict exits with 2 and prints the changes if the first plan has changes", async () => {
  root = await makeProject("strict");
  // The old job format has no task list, and Terraform adds one.
  await call("POST", "/api/2.0/jobs/create", {
    name: "old form",
    existing_cluster_id: "1114-221320-seed0001",
    notebook_task: { notebook_path: "/Shared/ingest" },
  });
  const adoptResult = await run("adopt", "local", "--jobs", "old form", "--strict");
  expectExit(adoptResult, 2);
  expect(adoptResult.stdout).toMatch(/first plan: 0 create, 1 update, 0 replace, 0 destroy/);
}, 60_000);
