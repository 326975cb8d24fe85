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
import { isShort, secrets } from "./canaries-lab";

const names = Object.keys(canaries);
const variableName = (index: number): string => `C${index}`;
const longSecrets = secrets.filter((secret) => !isShort(secret));
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
            ...Object.fromEntries(secrets.map((_, index) => [`p${index}`, `\${var.v${index}}`])),
          },
        },
      ],
    },
  ],
};
const resource = {
  databricks_secret_scope: { s: { name: "canaries" } },
  databricks_secret: Object.fromEntries(
    secrets.map((_, index) => [
      `s${index}`,
      {
        scope: "canaries",
        key: `k${index}`,
        string_value: `\${var.v${index}}`,
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
let otherWorkspace: RunningWorkspace;
let root: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  workspace = await startWorkspace();
  otherWorkspace = await startWorkspace();
  const variables = {
    variable: Object.fromEntries(
      secrets.map((_, index) => [`v${index}`, { type: "string", sensitive: true }]),
    ),
    variables: Object.fromEntries(
      secrets.map((_, index) => [`v${index}`, { environment: variableName(index) }]),
    ),
  };
  const tags = Object.fromEntries(
    longSecrets.map((secret, index) => [`t${index}`, secret.trim().slice(0, 200)]),
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
    LAKEFORM_OTHER_HOST: otherWorkspace.host,
    LAKEFORM_OTHER_TOKEN: otherWorkspace.token,
    ...Object.fromEntries(secrets.map((secret, index) => [variableName(index), secret])),
  };
});
afterAll(async () => {
  await workspace.close();
  await otherWorkspace.close();
  removeFolders();
});

const call = async (method: string, route: string, body: unknown): Promise<void> => {
  await callRest(workspace, method, route, body);
};

async function run(...args: string[]): Promise<CliResult> {
  const result = await lakeform(root, args, env);
  expectNoSecret(args.slice(0, 4).join(" "), `${result.stdout}\n${result.stderr}`);
  return result;
}

function expectNoSecret(source: string, text: string): void {
  const leakedNames = secrets.flatMap((secret, index) =>
    containsSecret(text, secret) ? [names[index]] : [],
  );
  expect({ source, leakedNames }).toEqual({ source, leakedNames: [] });
}

/**
 * Whether a text contains a secret. One secret is also the name of a parameter and is not hidden as
 * such, so only values count.
 */
function containsSecret(text: string, secret: string): boolean {
  return secret === "marmalade"
    ? /with marmalade|pasted marmalade|no: marmalade|: "marmalade"/.test(text)
    : leaks(text.replaceAll("marmoset", ""), secret);
}

/** Makes calls to these paths fail with this message. */
async function addFaults(paths: readonly string[], message: string): Promise<void> {
  for (const path of paths)
    await call("POST", "/_lakeform/faults", {
      path,
      status: 400,
      body: { error_code: "INVALID_PARAMETER_VALUE", message },
    });
}

const encodeInEveryForm = (secret: string): string =>
  Object.values(forms)
    .map((encode) => encode(secret))
    .join(" and ");

const removeFaults = (): Promise<void> => call("DELETE", "/_lakeform/faults", undefined);

const reports = ["text", "json", "markdown", "html", "sarif"];

test("secrets are not in reviews and verify reports, in any format", async () => {
  for (const format of reports) await run("review", "local", "--format", format);
  expectExit(await run("deploy", "local", "--auto-approve"), 0);
  const { jobs } = (await (
    await fetch(`${workspace.host}/api/2.2/jobs/list`, {
      headers: { authorization: `Bearer ${workspace.token}` },
    })
  ).json()) as { jobs: { job_id: number }[] };
  const base_parameters = Object.fromEntries(
    longSecrets.map((secret, index) => [`q${index}`, `--with ${secret}`]),
  );
  await call("POST", "/api/2.2/jobs/update", {
    job_id: jobs[0]?.job_id,
    new_settings: {
      tags: Object.fromEntries(
        longSecrets.map((secret, index) => [`t${index}`, secret.trim().slice(0, 200)]),
      ),
      tasks: [{ ...job.task[0], notebook_task: { notebook_path: "/Shared/x", base_parameters } }],
    },
  });
  for (const format of [...reports, "junit"])
    expectExit(await run("verify", "local", "--format", format, "--deep"), 2);
  const { stdout } = await run("verify", "local");
  // Names and keys are not hidden.
  expect(stdout).toContain("base_parameters[marmalade]");
  for (const format of reports) await run("review", "local", "--format", format);
  for (const args of [
    ["runs", "list"],
    ["secrets", "list", "canaries"],
    ["fs", "ls", "/Workspace/Shared"],
    ["doctor"],
  ])
    await run(...args, "--debug");
});

test("secrets are not in stored files: records, logs, reviews and the journal", async () => {
  const record = await fetch(
    `${workspace.host}/api/2.0/workspace/export?direct_download=true&path=/Shared/.lakeform/test/canary-local/record.json`,
    {
      headers: { authorization: `Bearer ${workspace.token}` },
    },
  );
  expect(record.ok).toBe(true);
  expectNoSecret("record", await record.text());
  const files = fs.readdirSync(path.join(root, ".lakeform"), {
    recursive: true,
    withFileTypes: true,
  });
  for (const entry of files) {
    const file = path.join(entry.parentPath, entry.name);
    // Terraform's state has secrets in clear text, with any provider: the file is readable by its
    // owner only.
    if (!entry.isFile() || /\.tfstate|providers|mirror/.test(file)) continue;
    expectNoSecret(file, fs.readFileSync(file, "utf8"));
  }
});

test("secrets are not in the evidence of a promotion, or in the difference of two environments", async () => {
  const waiverOptions = ["git", "verified", "runs", "environment-diff", "review"].flatMap(
    (gate) => ["--waive", gate],
  );
  for (const format of ["text", "json"]) {
    const promotion = await run(
      "promote",
      "local",
      "other",
      ...waiverOptions,
      "--reason",
      `not ${longSecrets[0] ?? ""}`,
      "--format",
      format,
      "--debug",
    );
    expectExit(promotion, 2);
    expect(promotion.stdout).toContain("environment-diff");
    expect(promotion.stdout).toContain("approval");
    expectExit(await run("diff", "local", "other", "--format", format), 2);
  }
});

describe("secrets that an error of the workspace repeats in all forms", () => {
  test.each(names.map((name, index) => [name, secrets[index] ?? ""] as const))(
    "are hidden in the errors of failing calls: %s",
    async (_, secret) => {
      await addFaults(
        ["/api/2.2/jobs/*", "/api/2.1/jobs/*", "/api/2.0/secrets/put"],
        `no: ${encodeInEveryForm(secret)}`,
      );
      expectExit(await run("verify", "local", "--no-synth"), 1);
      expectExit(await run("run", "local", "marmoset", "--debug"), 1);
      const body = JSON.stringify({ scope: "canaries", key: "new", string_value: secret });
      expectExit(await run("api", "POST", "2.0/secrets/put", "--json", body, "--debug"), 1);
      await removeFaults();
    },
  );

  test("are hidden in Terraform's output", async () => {
    setResource(root, "canary-local", {
      ...resource,
      databricks_job: { marmalade: { ...job, max_concurrent_runs: 7 } },
    });
    await addFaults(
      ["/api/2.2/jobs/reset", "/api/2.2/jobs/update"],
      `no: ${longSecrets.map(encodeInEveryForm).join(" also ")}`,
    );
    expectExit(await run("deploy", "local", "--auto-approve", "--quiet"), 1);
    await removeFaults();
    await addFaults(
      ["/api/2.2/jobs/reset", "/api/2.2/jobs/update"],
      `no: ${secrets.find(isShort) ?? ""}`,
    );
    expectExit(await run("deploy", "local", "--auto-approve", "--quiet"), 1);
    await removeFaults();
  });
});

test("secrets are not in the output of a failed and a successful destroy", async () => {
  await addFaults(
    ["/api/2.2/jobs/delete", "/api/2.1/jobs/delete"],
    `no: ${longSecrets.map(encodeInEveryForm).join(" also ")}`,
  );
  expectExit(await run("destroy", "local", "--auto-approve", "--debug"), 1);
  await removeFaults();
  expectExit(await run("destroy", "local", "--auto-approve", "--debug"), 0);
});
