/** `lakeform verify` reads the workspace while the app runs, and reports the same as afterwards. */
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
  const resources = name === "etl-local" ? { databricks_job: resource.databricks_job } : { databricks_workspace_file: resource.databricks_workspace_file };
  fs.writeFileSync(path.join(folder, "cdk.tf.json"), JSON.stringify({ ...json, resource: resources }));
}
const manifest = { version: "0.21.0", stacks: Object.fromEntries(Object.keys(stacks).map((name) => [name, { name }])) };
fs.writeFileSync(path.join(process.env.CDKTF_OUTDIR, "manifest.json"), JSON.stringify(manifest));
`;
const pathOf = (name: string): string => path.join(root, name);
const configure = (config: object): void =>
  fs.writeFileSync(
    pathOf("config.json"),
    JSON.stringify({ label: "first", content: "1", ...config }),
  );
const verify = (stack = "etl-local", variables: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
  lakeform(root, ["verify", stack, "--quiet", "--format", "json"], { ...env, ...variables });

/** Writes the output from which the next command starts. */
const synthesize = async (): Promise<void> => expectExit(await lakeform(root, ["synth"], env), 0);

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
  fs.writeFileSync(pathOf("app.js"), app);
  fs.writeFileSync(pathOf("generated.txt"), "1");
  configure({});
  expectExit(await lakeform(root, ["deploy", "local", "--auto-approve", "--quiet"], env), 0);
}, 180_000);
beforeEach(() => {
  fs.writeFileSync(pathOf("app.js"), app);
  configure({});
});
afterAll(removeFolders);

describe("verify, while the app runs", () => {
  describe("of a stack whose verification reads no files outside of the output,", () => {
    let allStacks: string;

    beforeAll(() => {
      allStacks = fs.readFileSync(pathOf("stacks.json"), "utf8");
      const { "etl-local": jobsStack } = JSON.parse(allStacks) as Record<string, unknown>;
      fs.writeFileSync(pathOf("stacks.json"), JSON.stringify({ "etl-local": jobsStack }));
    });
    beforeEach(synthesize);
    afterAll(async () => {
      fs.writeFileSync(pathOf("stacks.json"), allStacks);
      await synthesize();
    });

    it("reads the workspace", async () => {
      configure({ waits: true });
      const started = Date.now();
      const countCalls = (): number =>
        workspace.journal().filter(({ path: route }) => route.endsWith("/jobs/list")).length;
      const callsBefore = countCalls();
      const result = verify();
      while (countCalls() === callsBefore && Date.now() - started < 25_000)
        await new Promise((resolve) => setTimeout(resolve, 20));
      fs.writeFileSync(pathOf("called"), "");
      expectExit(await result, 0);
      expect(countCalls()).toBe(callsBefore + 1);
      expect(reportOf(await result).resources).toMatchObject([{ status: "match" }]);
    }, 60_000);

    it.each([
      ["the configuration", () => configure({ label: "second" }), {}],
      ["a variable of the environment", () => undefined, { LABEL: "variable 2" }],
      ["the clock", () => configure({ clock: true }), {}],
      [
        "the source",
        () => fs.writeFileSync(pathOf("app.js"), app.replace("source 1", "source 2")),
        {},
      ],
    ])(
      "reports the output that the app writes after a change of %s",
      async (_, change, variables) => {
        expectExit(await verify(), 0);
        change();
        const result = await verify("etl-local", variables);
        expectExit(result, 2);
        const file = pathOf("cdktf.out/stacks/etl-local/cdk.tf.json");
        const { resource } = JSON.parse(fs.readFileSync(file, "utf8")) as {
          resource: { databricks_job: { a: { description: string } } };
        };
        expect(reportOf(result).resources).toMatchObject([
          {
            status: "pending",
            findings: [{ field: "description", desired: resource.databricks_job.a.description }],
          },
        ]);
      },
      60_000,
    );

    it("remembers the verification of a deploy until something changes", async () => {
      configure({ label: "deployed" });
      const words = ["deploy", "etl-local", "--auto-approve", "--quiet"];
      expectExit(await lakeform(root, words, env), 0);
      const folder = pathOf(".lakeform/verified");
      const [name = ""] = fs.readdirSync(folder);
      // A verification that compares writes the file again.
      const memoryInode = (): number => fs.statSync(path.join(folder, name)).ino;
      const before = memoryInode();
      expectExit(await verify(), 0);
      expect(memoryInode()).toBe(before);
      configure({});
      expectExit(await verify(), 2);
      expectExit(await lakeform(root, words, env), 0);
      expect(memoryInode()).not.toBe(before);
    }, 90_000);

    it("reports only the error if the app fails", async () => {
      configure({ fails: true });
      const result = await verify();
      expectExit(result, 1);
      expect(result.stdout).toBe("");
      expect(result.stderr).toContain("SYNTH_FAILED");
      expect(result.stderr).toContain("the code is wrong");
      configure({});
      expectExit(await verify(), 0);
    }, 60_000);

    it.each([
      ["a list of jobs that cannot be read", "/api/2.2/jobs/list", ""],
      ["a record that cannot be read", "/api/2.0/workspace/export", "API_FORBIDDEN"],
    ])(
      "reports %s after one verification",
      async (_, route, message) => {
        const countCalls = (): number =>
          workspace.journal().filter(({ path: called }) => called === route).length;
        const callsBefore = countCalls();
        workspace.faults.add({ path: route, status: 403, times: 100 });
        const result = await verify();
        workspace.faults.clear();
        expect(result.stderr).toContain(message);
        expectExit(result, 1);
        expect(countCalls()).toBe(callsBefore + 1);
      },
      60_000,
    );
  });

  it("reads files that the app may write only after the app has ended", async () => {
    expectExit(await verify("files-local"), 0);
    configure({ content: "2" });
    const verifyResult = await verify("files-local");
    expectExit(verifyResult, 2);
    expect(reportOf(verifyResult).resources).toMatchObject([{ status: "pending" }]);
    configure({});
    expectExit(await verify("files-local"), 0);
  }, 60_000);

  it("sends no token to a host that only the previous output names", async () => {
    const requests: string[] = [];
    const formerHost: Server = createServer((request, response) => {
      requests.push(request.url ?? "");
      response.end("{}");
    });
    await new Promise<void>((resolve) => formerHost.listen(0, "127.0.0.1", resolve));
    const hostOf = (port: number): string => `http://127.0.0.1:${port}`;
    const project = makeProject({
      "etl-prod": {
        provider: "official",
        host: hostOf((formerHost.address() as AddressInfo).port),
      },
    });
    const prodEnv = { LAKEFORM_PROD_TOKEN: workspace.token, HOME: env.HOME };
    const run = (...words: string[]): Promise<CliResult> => lakeform(project, words, prodEnv);
    try {
      expectExit(await run("synth"), 0);
      const stacks = path.join(project, "stacks.json");
      const text = fs.readFileSync(stacks, "utf8");
      fs.writeFileSync(stacks, text.replaceAll(/"host":"[^"]*"/g, `"host":"${workspace.host}"`));
      expectExit(await run("verify", "prod"), 0);
      expect(requests).toEqual([]);
    } finally {
      formerHost.close();
    }
  }, 60_000);
});

describe("the host of an environment", () => {
  const prod = { environment: "prod", provider: "official", host: "https://a" } as const;

  it.each([
    ["is unknown if it is only in the code", prod, {}, false],
    [
      "is unknown if it is not set",
      { environment: "prod", provider: "official" } as const,
      {},
      false,
    ],
    ["is known if the code and the shell set it", prod, { DATABRICKS_HOST: "https://a" }, true],
    [
      "is unknown if the code and the shell set it and the environment has a token",
      prod,
      { DATABRICKS_HOST: "https://a", LAKEFORM_PROD_TOKEN: "t" },
      false,
    ],
    [
      "is unknown if its variable is empty",
      prod,
      { LAKEFORM_PROD_HOST: "", DATABRICKS_HOST: "" },
      false,
    ],
    [
      "is known if a variable of the environment sets it",
      prod,
      { LAKEFORM_PROD_HOST: "https://b" },
      true,
    ],
    [
      "is known if a profile sets it",
      { environment: "prod", provider: "official", profile: "p" } as const,
      {},
      true,
    ],
    [
      "is known for the local workspace",
      { environment: "local", provider: "embedded" } as const,
      {},
      true,
    ],
  ])("%s", (_, metadata, variables, isKnown) => {
    expect(isHostKnown(metadata, variables)).toBe(isKnown);
  });

  it("is known if an option sets it", () => {
    expect(isHostKnown(prod, {}, { host: "https://c" })).toBe(true);
  });
});
