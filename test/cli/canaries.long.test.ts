/**
 * No secret of a project appears in the output of any command, in any form and from any source:
 * reports, errors, --debug, records, logs.
 */
import fs from "node:fs";
import path from "node:path";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { canaries, forms, leaks } from "../support/canaries";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeProject, removeFolders, setResource } from "../support/project";
import { callRest } from "../support/rest";

const names = Object.keys(canaries);
const secrets = Object.values(canaries);
const variable = (at: number): string => `C${at}`;
const tooShort = (secret: string): boolean => secret.trim().length < 6;

const pasted = secrets.filter((secret) => !tooShort(secret));
/**
 * A parameter and the job's address contain an ordinary word, and the job's name is a word that
 * starts like one of the secrets.
 */
const job = {
  name: "marmoset",
  task: [
    {
      task_key: "spread",
      existing_cluster_id: "0101-000000-aaaaaaaa",
      notebook_task: [
        {
          notebook_path: "/Shared/x",
          base_parameters: {
            marmalade: "x",
            ...Object.fromEntries(secrets.map((_, at) => [`p${at}`, `\${var.v${at}}`])),
          },
        },
      ],
    },
  ],
};
const resource = {
  databricks_secret_scope: { s: { name: "canaries" } },
  databricks_secret: Object.fromEntries(
    secrets.map((_, at) => [
      `s${at}`,
      {
        scope: "canaries",
        key: `k${at}`,
        string_value: `\${var.v${at}}`,
        depends_on: ["databricks_secret_scope.s"],
      },
    ]),
  ),
  databricks_git_credential: {
    g: { git_provider: "gitHub", git_username: "me", personal_access_token: "${var.v8}" },
  },
  databricks_job: { marmalade: job },
};

let workspace: RunningWorkspace;
let other: RunningWorkspace;
let root: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  workspace = await startWorkspace();
  other = await startWorkspace();
  const variables = {
    variable: Object.fromEntries(
      secrets.map((_, at) => [`v${at}`, { type: "string", sensitive: true }]),
    ),
    variables: Object.fromEntries(
      secrets.map((_, at) => [`v${at}`, { environment: variable(at) }]),
    ),
  };
  const tags = Object.fromEntries(
    pasted.map((secret, at) => [`t${at}`, secret.trim().slice(0, 200)]),
  );
  root = makeProject({
    "canary-local": { resource, ...variables },
    "canary-other": {
      resource: { ...resource, databricks_job: { marmalade: { ...job, tags } } },
      ...variables,
    },
  });
  env = {
    LAKEFORM_LOCAL_HOST: workspace.host,
    LAKEFORM_LOCAL_TOKEN: workspace.token,
    LAKEFORM_OTHER_HOST: other.host,
    LAKEFORM_OTHER_TOKEN: other.token,
    ...Object.fromEntries(secrets.map((secret, at) => [variable(at), secret])),
  };
});
afterAll(async () => {
  await workspace.close();
  await other.close();
  removeFolders();
});

const call = async (method: string, route: string, body: unknown): Promise<void> => {
  await callRest(workspace, method, route, body);
};

async function run(...words: string[]): Promise<CliResult> {
  const result = await lakeform(root, words, env);
  clean(words.slice(0, 4).join(" "), `${result.stdout}\n${result.stderr}`);
  return result;
}

function clean(what: string, text: string): void {
  const found = secrets.flatMap((secret, at) => (inText(text, secret) ? [names[at]] : []));
  expect({ what, found }).toEqual({ what, found: [] });
}

/** A secret that is also a task's key is not hidden as that key: only pasted values count. */
function inText(text: string, secret: string): boolean {
  return secret === "marmalade"
    ? /with marmalade|pasted marmalade|no: marmalade|: "marmalade"/.test(text)
    : leaks(text.replaceAll("marmoset", ""), secret);
}

/** Makes the calls fail with this message. */
async function failing(paths: readonly string[], message: string): Promise<void> {
  for (const path of paths)
    await call("POST", "/_lakeform/faults", {
      path,
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message },
    });
}

const healthy = (): Promise<void> => call("DELETE", "/_lakeform/faults", undefined);

const reports = ["text", "json", "markdown", "html", "sarif"];

test("are not in reviews and verify reports, in any format", async () => {
  for (const format of reports) await run("review", "local", "--format", format);
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
  const { jobs } = (await (
    await fetch(`${workspace.host}/api/2.2/jobs/list`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    })
  ).json()) as { jobs: { job_id: number }[] };
  const base_parameters = Object.fromEntries(
    pasted.map((secret, at) => [`q${at}`, `--with ${secret}`]),
  );
  await call("POST", "/api/2.2/jobs/update", {
    job_id: jobs[0]?.job_id,
    new_settings: {
      tags: Object.fromEntries(pasted.map((secret, at) => [`t${at}`, secret.trim().slice(0, 200)])),
      tasks: [{ ...job.task[0], notebook_task: { notebook_path: "/Shared/x", base_parameters } }],
    },
  });
  for (const format of [...reports, "junit"])
    expectExit(await run("verify", "local", "--format", format, "--deep"), 2);
  const { stdout } = await run("verify", "local");
  // Neither the names nor the keys are touched.
  expect(stdout).toContain("base_parameters[marmalade]");
  for (const format of reports) await run("review", "local", "--format", format);
  for (const words of [
    ["runs", "list"],
    ["secrets", "list", "canaries"],
    ["fs", "ls", "/Workspace/Shared"],
    ["doctor"],
  ])
    await run(...words, "--debug");
});

test("are not in stored files: records, logs, reviews and the journal", async () => {
  const record = await fetch(
    `${workspace.host}/api/2.0/workspace/export?direct_download=true&path=/Shared/.lakeform/test/canary-local/record.json`,
    {
      headers: { authorization: `Bearer ${workspace.token}` },
    },
  );
  expect(record.ok).toBe(true);
  clean("record", await record.text());
  const files = fs.readdirSync(path.join(root, ".lakeform"), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of files) {
    const file = path.join(entry.parentPath, entry.name);
    // Terraform's state has secrets in clear text, with any provider: the file is readable by its
    // owner only.
    if (!entry.isFile() || /\.tfstate|providers|mirror/.test(file)) continue;
    clean(file, fs.readFileSync(file, "utf8"));
  }
});

test("are not in a promotion with all of its evidence, or in the difference of the two environments", async () => {
  const waived = ["git", "verified", "runs", "environment-diff", "review"].flatMap((gate) => [
    "--waive",
    gate,
  ]);
  for (const format of ["text", "json"]) {
    const promoted = await run(
      "promote",
      "local",
      "other",
      ...waived,
      "--reason",
      `not ${pasted[0] ?? ""}`,
      "--format",
      format,
      "--debug",
    );
    expectExit(promoted, 2);
    expect(promoted.stdout).toContain("environment-diff");
    expect(promoted.stdout).toContain("approval");
    expectExit(await run("diff", "local", "other", "--format", format), 2);
  }
});

describe("are hidden in an error that repeats a secret in all its forms", () => {
  const everyForm = (secret: string): string => Object.values(forms).map((write) => write(secret)).join(" and "); // prettier-ignore

  test.each(names.map((name, at) => [name, secrets[at] ?? ""] as const))(
    "%s: in failing calls",
    async (_, secret) => {
      await failing(
        ["/api/2.2/jobs/*", "/api/2.1/jobs/*", "/api/2.0/secrets/put"],
        `no: ${everyForm(secret)}`,
      );
      expectExit(await run("verify", "local", "--no-synth"), 1);
      expectExit(await run("run", "local", "marmoset", "--debug"), 1);
      const body = JSON.stringify({ scope: "canaries", key: "new", string_value: secret });
      expectExit(await run("api", "POST", "2.0/secrets/put", "--json", body, "--debug"), 1);
      await healthy();
    },
  );

  test("in Terraform's output", async () => {
    setResource(root, "canary-local", {
      ...resource,
      databricks_job: { marmalade: { ...job, max_concurrent_runs: 7 } },
    });
    await failing(
      ["/api/2.2/jobs/reset", "/api/2.2/jobs/update"],
      `no: ${pasted.map(everyForm).join(" also ")}`,
    );
    expectExit(await run("deploy", "local", "--auto-approve", "--quiet"), 1);
    await healthy();
    await failing(
      ["/api/2.2/jobs/reset", "/api/2.2/jobs/update"],
      `no: ${secrets.find(tooShort) ?? ""}`,
    );
    expectExit(await run("deploy", "local", "--auto-approve", "--quiet"), 1);
    await healthy();
  });
});

test("a destroy that fails, and one that succeeds", async () => {
  const everyForm = (secret: string): string => Object.values(forms).map((write) => write(secret)).join(" and "); // prettier-ignore
  await failing(
    ["/api/2.2/jobs/delete", "/api/2.1/jobs/delete"],
    `no: ${pasted.map(everyForm).join(" also ")}`,
  );
  expectExit(await run("destroy", "local", "--auto-approve", "--debug"), 1);
  await healthy();
  expectExit(await run("destroy", "local", "--auto-approve", "--debug"), 0);
});
