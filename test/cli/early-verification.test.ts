/** `lakeform verify` reads the workspace while the app runs; its report is that of a run after it. */
import fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { isHostKnown } from "../../src/terraform/connection";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeHome, makeProject, removeFolders } from "../support/project";
import { useWorkspace } from "../support/workspace";

const workspace = useWorkspace();
let root: string;
let env: NodeJS.ProcessEnv;

/** Reads a configuration, a variable and the clock, and uploads a file that it generates. */
const app = `
const fs = require("fs"), path = require("path");
const pause = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
const { label, clock, content, waits, fails } = JSON.parse(fs.readFileSync("config.json", "utf8"));
const description = ["source 1", label, process.env.LABEL, clock ? String(Date.now()) : "no clock"].join(", ");
if (waits) for (let tries = 0; !fs.existsSync("called"); tries++) { if (tries > 600) process.exit(1); pause(50); }
if (content !== fs.readFileSync("generated.txt", "utf8")) { pause(1500); fs.writeFileSync("generated.txt", content); }
if (fails) { console.error("the code is wrong"); process.exit(3); }
const task = [{ task_key: "a", notebook_task: { notebook_path: "/Shared/a" } }];
const resource = {
  databricks_job: { a: { name: "a", description, tags: { lakeform: "test/etl-local" }, task } },
  databricks_workspace_file: { f: { path: "/Shared/f.txt", source: path.resolve("generated.txt") } },
};
const stacks = JSON.parse(fs.readFileSync("stacks.json", "utf8"));
for (const [name, json] of Object.entries(stacks)) {
  const folder = path.join(process.env.CDKTF_OUTDIR, "stacks", name);
  fs.mkdirSync(folder, { recursive: true });
  const kept = name === "etl-local" ? { databricks_job: resource.databricks_job } : { databricks_workspace_file: resource.databricks_workspace_file };
  fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ ...json, resource: kept }));
}
const manifest = { version: "0.21.0", stacks: Object.fromEntries(Object.keys(stacks).map((name) => [name, { name }])) };
fs.writeFileSync(path.join(process.env.CDKTF_OUTDIR, "manifest.json"), JSON.stringify(manifest));
`;
const at = (name: string): string => path.join(root, name);
const configure = (config: object): void =>
  fs.writeFileSync(at("config.json"), JSON.stringify({ label: "first", content: "1", ...config }));
const verify = (stack = "etl-local", more: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  lakeform(root, ["verify", stack, "--quiet", "--format", "json"], { ...env, ...more });

interface Report {
  readonly resources: readonly {
    readonly status: string;
    readonly findings: readonly { readonly field: string; readonly desired?: unknown }[];
  }[];
}
const reportOf = ({ stdout }: CliResult): Report => JSON.parse(stdout) as Report;

beforeAll(async () => {
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    LABEL: "variable 1",
    HOME: makeHome(),
  };
  root = makeProject({ "etl-local": {}, "files-local": {} });
  fs.writeFileSync(at("app.js"), app);
  fs.writeFileSync(at("generated.txt"), "1");
  configure({});
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve", "--quiet"], env), 0);
}, 180_000);
beforeEach(() => {
  fs.writeFileSync(at("app.js"), app);
  configure({});
});
afterAll(removeFolders);

/** Leaves only the stack whose verification reads no file outside of the output. */
const withoutFiles = async <T>(work: () => Promise<T>): Promise<T> => {
  const stacks = fs.readFileSync(at("stacks.json"), "utf8");
  const { "etl-local": only } = JSON.parse(stacks) as Record<string, unknown>;
  try {
    fs.writeFileSync(at("stacks.json"), JSON.stringify({ "etl-local": only }));
    expectExit(await lakeform(root, ["synth"], env), 0);
    return await work();
  } finally {
    fs.writeFileSync(at("stacks.json"), stacks);
    expectExit(await lakeform(root, ["synth"], env), 0);
  }
};

describe("verify, while the app runs", () => {
  it("reads the workspace", async () => {
    await withoutFiles(async () => {
      configure({ waits: true });
      const started = Date.now();
      const calls = (): number => workspace.journal().filter(({ path: called }) => called.endsWith("/jobs/list")).length; // prettier-ignore
      const before = calls();
      const result = verify();
      while (calls() === before && Date.now() - started < 25_000)
        await new Promise((resolve) => setTimeout(resolve, 20));
      fs.writeFileSync(at("called"), "");
      expectExit(await result, 0);
      expect(calls()).toBe(before + 1);
      expect(reportOf(await result).resources).toMatchObject([{ status: "match" }]);
    });
  }, 60_000);

  it.each([
    ["the configuration", () => configure({ label: "second" }), {}],
    ["a variable of the environment", () => undefined, { LABEL: "variable 2" }],
    ["the clock", () => configure({ clock: true }), {}],
    ["the source", () => fs.writeFileSync(at("app.js"), app.replace("source 1", "source 2")), {}],
  ])(
    "reports what the app writes after a change of %s",
    async (_, change, more) => {
      await withoutFiles(async () => {
        expectExit(await verify(), 0);
        change();
        const result = await verify("etl-local", more);
        expectExit(result, 2);
        const file = at("cdktf.out/stacks/etl-local/cdk.tf.json");
        const { resource } = JSON.parse(fs.readFileSync(file, "utf8")) as {
          resource: { databricks_job: { a: { description: string } } };
        };
        expect(reportOf(result).resources).toMatchObject([
          {
            status: "pending",
            findings: [{ field: "description", desired: resource.databricks_job.a.description }],
          },
        ]);
      });
    },
    60_000,
  );

  it("reads files that the app may write only after it", async () => {
    expectExit(await verify("files-local"), 0);
    configure({ content: "2" });
    const changed = await verify("files-local");
    expectExit(changed, 2);
    expect(reportOf(changed).resources).toMatchObject([{ status: "pending" }]);
    configure({});
    expectExit(await verify("files-local"), 0);
  }, 60_000);

  it("reports the error of an app that fails, and nothing of the workspace", async () => {
    await withoutFiles(async () => {
      configure({ fails: true });
      const result = await verify();
      expectExit(result, 1);
      expect(result.stdout).toBe("");
      expect(result.stderr).toContain("SYNTH_FAILED");
      expect(result.stderr).toContain("the code is wrong");
      configure({});
      expectExit(await verify(), 0);
    });
  }, 60_000);

  it("sends no token to a host that only the previous output names", async () => {
    const seen: string[] = [];
    const former: Server = createServer((request, response) => {
      seen.push(request.url ?? "");
      response.end("{}");
    });
    await new Promise<void>((resolve) => former.listen(0, "127.0.0.1", resolve));
    const hostOf = (port: number): string => `http://127.0.0.1:${port}`;
    const project = makeProject({
      "etl-prod": { provider: "official", host: hostOf((former.address() as AddressInfo).port) },
    });
    const prod = { LAKEFORM_PROD_TOKEN: workspace.token, HOME: env.HOME };
    const run = (...words: string[]): Promise<CliResult> => lakeform(project, words, prod);
    try {
      expectExit(await run("synth"), 0);
      const stacks = path.join(project, "stacks.json");
      const text = fs.readFileSync(stacks, "utf8");
      fs.writeFileSync(stacks, text.replaceAll(/"host":"[^"]*"/g, `"host":"${workspace.host}"`));
      expectExit(await run("verify", "prod"), 0);
      expect(seen).toEqual([]);
    } finally {
      former.close();
    }
  }, 60_000);
});

describe("a host", () => {
  const prod = { environment: "prod", provider: "official", host: "https://a" } as const;

  it.each([
    ["in the code only", prod, {}, false],
    ["in no place", { environment: "prod", provider: "official" } as const, {}, false],
    ["in the code and in the shell", prod, { DATABRICKS_HOST: "https://a" }, true],
    ["in the code and in the shell, with a token of the environment", prod, { DATABRICKS_HOST: "https://a", LAKEFORM_PROD_TOKEN: "t" }, false], // prettier-ignore
    ["in an empty variable", prod, { LAKEFORM_PROD_HOST: "", DATABRICKS_HOST: "" }, false],
    ["in a variable of the environment", prod, { LAKEFORM_PROD_HOST: "https://b" }, true],
    ["in a profile", { environment: "prod", provider: "official", profile: "p" } as const, {}, true], // prettier-ignore
    ["of the local workspace", { environment: "local", provider: "embedded" } as const, {}, true],
  ])("%s", (_, metadata, variables, known) => {
    expect(isHostKnown(metadata, variables)).toBe(known);
  });

  it("of an option", () => {
    expect(isHostKnown(prod, {}, { host: "https://c" })).toBe(true);
  });
});
