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
const notebook = (at: string, content: string): Promise<JsonObject> =>
  call("POST", "/api/2.0/workspace/import", {
    path: at,
    language: "PYTHON",
    format: "SOURCE",
    content: Buffer.from(content).toString("base64"),
  });
const create = async (body: JsonObject & { readonly name: string }): Promise<number> => {
  const { job_id: id } = await call("POST", "/api/2.2/jobs/create", body);
  return Number(id);
};
const run = (...words: string[]): Promise<CliResult> =>
  lakeform(root, [...words, "--quiet"], {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
  });
const folder = (): string => path.join(root, "stacks", "adopted");
const read = (file: string): string => fs.readFileSync(path.join(folder(), file), "utf8");
const cluster = { spark_version: "15.4.x-scala2.12", node_type_id: "i3.xlarge", num_workers: 2 };

const makeProject = async (name: string): Promise<string> => {
  const made = await makeApp(name);
  useCachedSynth(made);
  fs.writeFileSync(path.join(made, ".prettierrc.json"), '{ "printWidth": 140 }');
  return made;
};

beforeAll(() => notebook("/Shared/ingest", "# Databricks notebook source\nprint(1)\n"));
afterAll(removeFolders);

describe("the page docs/adopt.md", () => {
  test("contains working commands, whose output and files are as shown", async () => {
    const page = fs.readFileSync(path.join(repository, "docs", "adopt.md"), "utf8");
    const [, commands = "", output = "", written = ""] =
      /## From a workspace\s+```sh\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```[\s\S]*?```ts\n([\s\S]*?)```/.exec(
        page,
      ) ?? [];
    await create({
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
    const before = root;
    root = await makeProject("docs");
    try {
      const all = commands.trim().split("\n").map((line) => line.replace("npx lakeform ", "").replaceAll("'", "").split(" ")); // prettier-ignore
      const results: CliResult[] = [];
      for (const words of all) {
        const result = await run(...words);
        expectExit(result, 0);
        results.push(result);
        if (words.includes("--strict"))
          expect(masked(read("daily-ingest.ts"))).toBe(masked(written));
      }
      expect(results[0]?.stdout).toBe(output);
      expect(results.at(-1)?.stdout).toContain("2 import blocks removed, 0 kept\n");
      await bundleOfPage(page);
      await terraformOfPage(page);
      await driftOfPage(page);
    } finally {
      root = before;
    }
  }, 180_000);

  const section = (page: string, title: string): string =>
    new RegExp(`## ${title}\\n([^]*?)\\n## `).exec(page)?.[1] ?? "";
  const blocks = (text: string, language: string): string[] =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(
      ([, code = ""]) => code,
    );
  const wordsOf = (command: string): string[] =>
    command.trim().replace("npx lakeform ", "").split(" ");

  async function bundleOfPage(page: string): Promise<void> {
    const text = section(page, "From a bundle");
    fs.writeFileSync(path.join(root, "databricks.yml"), blocks(text, "yaml")[0] ?? "");
    fs.mkdirSync(path.join(root, "src"));
    fs.writeFileSync(path.join(root, "src", "load.py"), "# Databricks notebook source\nprint(1)\n");
    const adopted = await run(...wordsOf(blocks(text, "sh")[0] ?? ""), "--no-review");
    expectExit(adopted, 0);
    expect(adopted.stdout).toBe(blocks(text, "text")[0]);
  }

  /** The job in the page's configuration, in a state as Terraform writes it. */
  async function terraformOfPage(page: string): Promise<void> {
    const text = section(page, "From Terraform");
    const id = await create({
      name: "nightly report",
      tasks: [{ task_key: "report", notebook_task: { notebook_path: "/Shared/report" } }],
    });
    const folderOfState = path.join(root, "..", "terraform");
    fs.mkdirSync(folderOfState);
    fs.writeFileSync(path.join(folderOfState, "main.tf"), blocks(text, "hcl")[0] ?? "");
    const instances = [{ index_key: "de", schema_version: 2, attributes: { id: String(id) } }];
    const provider = 'provider["registry.terraform.io/databricks/databricks"]';
    const resources = [
      { mode: "managed", type: "databricks_job", name: "report", provider, instances },
    ];
    fs.writeFileSync(
      path.join(folderOfState, "terraform.tfstate"),
      JSON.stringify({ version: 4, serial: 1, lineage: "x", resources }),
    );
    const adopted = await run(...wordsOf(blocks(text, "sh")[0] ?? ""), "--no-review");
    expectExit(adopted, 0);
    expect(adopted.stdout).toBe(blocks(text, "text")[0]);
  }

  async function driftOfPage(page: string): Promise<void> {
    const text = section(page, "Adopt drift into the code");
    const { jobs } = (await call("GET", "/api/2.2/jobs/list?name=daily-ingest")) as unknown as {
      jobs: { job_id: number }[];
    };
    await call("POST", "/api/2.2/jobs/update", {
      job_id: jobs[0]?.job_id ?? 0,
      new_settings: { max_concurrent_runs: 5 },
    });
    const [shown, written] = (blocks(text, "sh")[0] ?? "").trim().split("\n");
    const first = await run(...wordsOf(shown ?? ""));
    expect([first.code, first.stdout]).toEqual([2, blocks(text, "text")[0]]);
    expectExit(await run(...wordsOf(written ?? "")), 0);
  }

  const masked = (text: string): string => text.replaceAll(/1000000000000\d\d/g, "ID");
});

test("exits with 2 and names the changes if the first plan has changes and --strict is set", async () => {
  root = await makeProject("strict");
  // The old job format has no task list, and Terraform adds one.
  await call("POST", "/api/2.0/jobs/create", {
    name: "old form",
    existing_cluster_id: "1114-221320-seed0001",
    notebook_task: { notebook_path: "/Shared/ingest" },
  });
  const adopted = await run("adopt", "local", "--jobs", "old form", "--strict");
  expectExit(adopted, 2);
  expect(adopted.stdout).toMatch(/first plan: 0 create, 1 update, 0 replace, 0 destroy/);
}, 60_000);
