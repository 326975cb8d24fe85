import { execFile, execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { connect, type Connection } from "../../src/api";
import { ciSystems } from "../../src/promote/ci/systems";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { commit, edit, git, makeApp } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, removeFolders, repository } from "../support/project";
import { longScale } from "../support/scale";
import { jobsOf, type CiJob } from "./ci-runner";

const environments = ["dev", "staging", "prod"];
/** The systems to test. A reduced scale tests one. */
const systems = ["github-actions", "azure-devops", "jenkins"].slice(0, longScale < 1 ? 1 : 3);

/**
 * A new project runs the steps of its own pipeline as on ephemeral runners: each job has an empty
 * folder with a checkout of the commit, a separate home, and only the secrets of its environment.
 * Readers and deployers are service principals of three local workspaces.
 */
describe.each(systems)("the steps of %s", (system) => {
  const workspaces = new Map<string, RunningWorkspace>();
  const admins = new Map<string, Connection>();
  const principals = new Map<string, { readonly id: string; readonly secret: string }>();
  let root: string;
  let bin: string;
  let jobs: readonly CiJob[];

  beforeAll(async () => {
    root = await makeApp("etl");
    const projectFolder = makeFolder("etl");
    expectExit(await lakeform(projectFolder, ["init", "--name", "etl", "--ci", system]), 0);
    jobs = jobsOf(
      system,
      fs.readFileSync(path.join(projectFolder, ciSystems[system]?.file ?? ""), "utf8"),
    );
    bin = writeRunnerTools(root);
    for (const name of environments) {
      const workspace = await startWorkspace({
        principals: [
          {
            name: "deployer",
            kind: "service_principal",
            secret: `${name}-writes`,
            groups: ["admins"],
          },
          {
            name: "reader",
            kind: "service_principal",
            secret: `${name}-reads`,
            groups: ["readers"],
          },
        ],
      });
      workspaces.set(name, workspace);
      const admin = connect({ host: workspace.host, token: workspace.token, env: {} });
      admins.set(name, admin);
      const { Resources } = (await admin.get("/api/2.0/preview/scim/v2/ServicePrincipals")) as {
        Resources: readonly { readonly displayName: string; readonly applicationId: string }[];
      };
      for (const [role, secret] of [
        ["deployer", `${name}-writes`],
        ["reader", `${name}-reads`],
      ] as const)
        principals.set(`${name} ${role}`, {
          id: Resources.find(({ displayName }) => displayName === role)?.applicationId ?? "",
          secret,
        });
    }
    // All users of a workspace, including the reader, can write below /Workspace/Shared.
    edit(path.join(root, "stacks", "etl.ts"), (text) =>
      text.replace(
        '{ project: "etl", environment }',
        '{ project: "etl", environment, recordFolder: `/Workspace/Records/etl-${environment.name}` }',
      ),
    );
    // Verify reports grants that are not in the code.
    edit(path.join(root, "stacks", "etl.ts"), (text) =>
      text
        .replace("  NotebookTask,\n", "  Group,\n  NotebookTask,\n")
        .replace(
          /(workflow\.addTask\(.*\n)/,
          '$1    workflow.permissions.allow("CAN_VIEW", Group.named("readers"));\n',
        ),
    );
    commit(root, "records outside of the shared folder");
    for (const name of environments) {
      await admins.get(name)?.post("/api/2.0/workspace/mkdirs", { path: "/Records" });
      await allowReading(name);
    }
  }, 120_000);
  afterAll(async () => {
    for (const admin of admins.values()) await admin.close();
    for (const workspace of workspaces.values()) await workspace.close();
    removeFolders();
  });

  /** Grants the reader access to the folder of records and states, as an administrator would. */
  async function allowReading(name: string): Promise<void> {
    const admin = admins.get(name);
    const status = (await admin?.get("/api/2.0/workspace/get-status", {
      query: { path: "/Records" },
    })) as { object_id: number };
    await admin?.patch(`/api/2.0/permissions/directories/${status.object_id}`, {
      access_control_list: [{ group_name: "readers", permission_level: "CAN_READ" }],
    });
  }

  /**
   * Returns the value of a variable in a secret store. The store of an environment has its deployer's
   * secrets, and the reader's secrets of other environments.
   */
  function secretValue(store: string, variable: string): string {
    const [, environmentName = "", field = ""] =
      /^LAKEFORM_([A-Z]+)_(HOST|CLIENT_ID|CLIENT_SECRET)$/.exec(variable) ?? [];
    const name = environmentName.toLowerCase();
    if (field === "HOST") return workspaces.get(name)?.host ?? "";
    const principal = principals.get(
      `${name} ${store === name || store === "" ? "deployer" : "reader"}`,
    );
    if (principal === undefined) throw new Error(`nothing sets ${variable} in ${store}`);
    return field === "CLIENT_ID" ? principal.id : principal.secret;
  }

  let digest = "";
  async function runJob(job: CiJob): Promise<string> {
    const folder = path.join(makeFolder("runner"), "etl");
    git(path.dirname(folder), "clone", "-q", root, folder);
    const home = makeFolder("home");
    let output = "";
    for (const step of job.steps) {
      const values = Object.entries(step.env).map(([name, source]) => [
        name,
        secretValue(source.store, source.name),
      ]);
      const env = {
        ...(Object.fromEntries(values) as Record<string, string>),
        PATH: `${bin}:${process.env.PATH ?? ""}`,
        HOME: home,
        CI: "true",
        DIGEST: digest,
        GITHUB_OUTPUT: path.join(home, "output"),
        GITHUB_STEP_SUMMARY: path.join(home, "summary"),
      };
      const result = await bash(step.run, folder, env);
      output += result.output;
      if (result.code !== 0)
        throw new Error(`${job.name}: ${step.run}: exit ${result.code}\n${result.output}`);
      const review = path.join(folder, "cdktf.out", "review.json");
      if (fs.existsSync(review))
        digest = (JSON.parse(fs.readFileSync(review, "utf8")) as { digest: string }).digest;
    }
    return output;
  }

  const runJobsOn = async (event: CiJob["event"]): Promise<string> => {
    let output = "";
    for (const job of jobs.filter((job) => job.event === event)) output += await runJob(job);
    return output;
  };

  const jobIds = async (name: string): Promise<number[]> => {
    const { jobs: jobList = [] } = (await admins.get(name)?.get("/api/2.2/jobs/list")) as {
      jobs?: readonly { readonly job_id: number }[];
    };
    return jobList.map(({ job_id }) => job_id);
  };

  test("review, deploy twice, promote twice and verify, without a bucket and without duplicate objects", async () => {
    expect(await runJobsOn("pull request")).toMatch(/\d+ create, 0 update/);
    await runJobsOn("push");
    const firstJobs = await jobIds("dev");
    expect(firstJobs).toHaveLength(1);
    const secondDeploy = await runJobsOn("push");
    expect(secondDeploy).toContain("nothing to do");
    expect(await jobIds("dev")).toEqual(firstJobs);
    const promotions = await runJobsOn("tag");
    expect(promotions).toContain("promoted dev to staging");
    expect(promotions).toContain("promoted staging to prod");
    expect([await jobIds("staging"), await jobIds("prod")].map(({ length }) => length)).toEqual([
      1, 1,
    ]);
    await runJobsOn("schedule");
    expect(await runJobsOn("pull request")).toContain("unchanged");

    // A change passes the same steps, and changes the same jobs.
    edit(path.join(root, "stacks", "etl.ts"), (text) =>
      text.replace('who: "lakehouse"', 'who: "all"'),
    );
    commit(root, "greet all");
    await runJobsOn("push");
    expect(await runJobsOn("tag")).toContain("promoted staging to prod");
    expect(await jobIds("dev")).toEqual(firstJobs);
  }, 600_000);

  test("give the principal of a pull request no write access", async () => {
    const review = jobs.find(({ event }) => event === "pull request");
    const secrets = [...new Set(review?.steps.flatMap(({ env }) => Object.values(env)))];
    expect(secrets.map(({ name }) => name)).toContain("LAKEFORM_PROD_CLIENT_SECRET");
    const env = Object.fromEntries(
      secrets.map(({ store, name }) => [name, secretValue(store, name)]),
    );
    const reader = connect({
      host: env["LAKEFORM_PROD_HOST"],
      clientId: env["LAKEFORM_PROD_CLIENT_ID"],
      clientSecret: env["LAKEFORM_PROD_CLIENT_SECRET"],
      env: {},
    });
    const path = "/Workspace/Records/etl-prod/state/index.json";
    expect(
      await reader.get("/api/2.0/workspace/export", { query: { path, format: "AUTO" } }),
    ).toHaveProperty("content");
    const content = Buffer.from("no").toString("base64");
    const writeResponse = reader.post("/api/2.0/workspace/import", {
      path,
      format: "AUTO",
      overwrite: true,
      content,
    });
    await expect(writeResponse).rejects.toMatchObject({ code: "API_FORBIDDEN" });
    const [job_id] = await jobIds("prod");
    for (const call of ["update", "run-now", "delete"])
      await expect(reader.post(`/api/2.2/jobs/${call}`, { job_id })).rejects.toMatchObject({
        code: "API_FORBIDDEN",
      });
    await reader.close();
  });
});

/**
 * Writes the tools of a runner and returns their folder: `npm ci` links the packages of this
 * checkout, and `curl` gets an archive of this machine's Terraform.
 */
function writeRunnerTools(root: string): string {
  const bin = makeFolder("bin");
  const writeTool = (name: string, script: string): void =>
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const node = process.execPath;
  writeTool(
    "npm",
    `case "$1" in ci) mkdir node_modules; ln -s "${root}"/node_modules/* "${root}/node_modules/.bin" node_modules/;; test) exec "${node}" "${repository}/node_modules/jest/bin/jest.js";; *) exit 9;; esac`,
  );
  writeTool(
    "npx",
    `case "$1" in lakeform) shift; exec "${node}" "${repository}/bin/lakeform.js" "$@";; ts-node) shift; exec "${node}" "${repository}/node_modules/ts-node/dist/bin.js" "$@";; *) exit 9;; esac`,
  );
  const archive = "terraform_1.11.4_linux_amd64.zip";
  writeTool(
    "terraform",
    `exec "${execFileSync("sh", ["-c", "command -v terraform"], { encoding: "utf8" }).trim()}" "$@"`,
  );
  execFileSync("python3", ["-m", "zipfile", "-c", archive, "terraform"], { cwd: bin });
  fs.rmSync(path.join(bin, "terraform"));
  writeTool(
    "curl",
    `case "$*" in *SHA256SUMS) cd "${bin}"; sha256sum ${archive};; *${archive}) cp "${bin}/${archive}" .;; *) exit 9;; esac`,
  );
  return bin;
}

/** Runs a script. This process also serves the workspaces, so it must not block. */
function bash(
  script: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      "bash",
      ["--norc", "-euo", "pipefail", "-c", script],
      { cwd, env, maxBuffer: 1e8 },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode ?? 1, output: stdout + stderr });
      },
    );
  });
}
