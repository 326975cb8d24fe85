import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expectExit, lakeform, type CliResult } from "../support/cli";
import { makeFolder, makeProject, removeFolders, repository } from "../support/project";
import { fillPlaceholders } from "../verify/matrix/compute";
import {
  casesOf,
  reasonNotHealed,
  textIn,
  type Case,
  type MatrixKind,
} from "../verify/matrix/kind";
import { matrixKinds } from "../verify/matrix/kinds";
import { fixtureIds, openMatrixLab } from "../verify/matrix/run";
import type { Lab } from "../verify/harness";

interface Change {
  readonly kind: MatrixKind;
  readonly testCase: Case;
}

/** Returns the ids in the state by address. */
function idsIn(root: string, stack: string): Readonly<Record<string, string>> {
  const file = path.join(root, ".lakeform", "state", `${stack}.tfstate`);
  const { resources } = JSON.parse(fs.readFileSync(file, "utf8")) as {
    resources: { type: string; name: string; instances: { attributes: { id: string } }[] }[];
  };
  return Object.fromEntries(
    resources.map(({ type, name, instances }) => [
      `${type}.${name}`,
      instances[0]?.attributes.id ?? "",
    ]),
  );
}

/** Selects a few changes of each kind, spread over its fields, without those that need Terraform. */
async function selectChanges(lab: Lab): Promise<Change[]> {
  const ids = await fixtureIds(lab);
  const changes: Change[] = [];
  for (const kind of matrixKinds) {
    const possible = casesOf(kind).filter(
      (testCase) =>
        testCase.variant !== "reordered" &&
        reasonNotHealed(kind, testCase.field) === undefined &&
        kind.outcome !== "missing",
    );
    const maxCases = kind.alone === true ? 1 : kind.type === "databricks_job" ? 8 : 4;
    const step = Math.max(1, Math.floor(possible.length / maxCases));
    const selection = possible
      .filter((_, caseIndex) => caseIndex % step === Math.floor(step / 2))
      .slice(0, maxCases);
    for (const testCase of selection) {
      const change = {
        ...testCase,
        before: fillPlaceholders(testCase.before, ids),
        after: fillPlaceholders(testCase.after, ids),
      };
      await kind.prepare?.(lab, change);
      changes.push({ kind, testCase: change });
    }
  }
  return changes;
}

const environmentOf = (secret: string): string => secret.replace("-", "_").toUpperCase();
const secrets = ["canary-before", "dapi-canary", "canary-ours"];

function resourcesOf(changes: readonly Change[]): Record<string, Record<string, unknown>> {
  const resource: Record<string, Record<string, unknown>> = {};
  for (const { kind, testCase } of changes)
    (resource[kind.type] ??= {})[testCase.name] = testCase.before;
  // Secrets come from variables: the secret scan refuses any other.
  const text = secrets.reduce(
    (all, secret) => all.replaceAll(`"${secret}"`, `"\${var.${secret}}"`),
    JSON.stringify(resource),
  );
  return JSON.parse(text) as typeof resource;
}

describe("lakeform deploy --heal", () => {
  let lab: Lab;
  let root: string;
  let changes: Change[];
  const stack = "heal-local";
  const run = (...words: string[]): Promise<CliResult> =>
    lakeform(root, words, {
      LAKEFORM_LOCAL_HOST: lab.workspace.host,
      LAKEFORM_LOCAL_TOKEN: lab.workspace.token,
      ...Object.fromEntries(secrets.map((secret) => [environmentOf(secret), secret])),
    });
  const changeObjects = async (): Promise<void> => {
    const ids = idsIn(root, stack);
    for (const { kind, testCase } of changes)
      await kind.write(
        lab,
        ids[`${kind.type}.${testCase.name}`] ?? "",
        testCase.after,
        testCase.before,
      );
  };

  beforeAll(async () => {
    lab = await openMatrixLab();
    changes = await selectChanges(lab);
    const additionalResources = {
      databricks_secret_scope: { kept: { name: "kept" } },
      databricks_secret: {
        kept: {
          scope: "${databricks_secret_scope.kept.name}",
          key: "ours",
          string_value: "${var.canary-ours}",
        },
      },
      databricks_directory: { kept: { path: "/Shared/kept" } },
    };
    const resource = resourcesOf(changes);
    for (const [type, resourcesByName] of Object.entries(additionalResources))
      resource[type] = { ...resource[type], ...resourcesByName };
    root = makeProject({
      [stack]: {
        resource,
        variable: Object.fromEntries(
          secrets.map((secret) => [secret, { type: "string", sensitive: true }]),
        ),
        variables: Object.fromEntries(
          secrets.map((secret) => [secret, { environment: environmentOf(secret) }]),
        ),
      },
    });
    expectExit(await run("deploy", "local", "--auto-approve", "--quiet"), 0);
    expectExit(await run("verify", "local", "--deep"), 0);
  });
  afterAll(async () => {
    await lab.close();
    removeFolders();
  });

  test("shows its changes first, restores everything, and keeps every object", async () => {
    const ids = idsIn(root, stack);
    const job =
      Object.entries(ids).find(([address]) => address.startsWith("databricks_job."))?.[1] ?? "";
    await lab.client.post("/api/2.2/jobs/run-now", { job_id: Number(job) });
    await changeObjects();
    const verifyResult = await run("verify", "local", "--deep", "--format", "json");
    expectExit(verifyResult, 2);
    const report = JSON.parse(verifyResult.stdout) as {
      resources: {
        address: string;
        status: string;
        findings: { status: string; path: string }[];
      }[];
    };
    const driftedResources = report.resources.filter(({ status }) => status === "drift");
    // All changes are detected; a change implied by another one is reported once.
    expect(driftedResources.length).toBe(changes.length);
    expect(driftedResources.length).toBeGreaterThan(40);

    const healed = await run("deploy", "local", "--heal", "--auto-approve");
    expectExit(healed, 0);
    const [, announcedText = ""] = healed.stdout.split("drift to revert over REST");
    for (const { findings } of driftedResources)
      for (const { path: field, status } of findings)
        if (status === "drift") expect(announcedText).toContain(`    ${field}: `);
    // An access entry has no history, and its id is its path.
    expect(healed.stdout.match(/-\/\+ replace (?!secret acl).*/g)).toBeNull();
    expect(healed.stdout).toContain("0 destroy");
    expect(healed.stdout + healed.stderr).not.toContain("canary");

    expectExit(await run("verify", "local", "--deep"), 0);
    expect(idsIn(root, stack)).toEqual(ids);
    const { runs } = (await lab.client.get("/api/2.2/jobs/runs/list", {
      query: { job_id: job },
    })) as { runs: unknown[] };
    expect(runs).toHaveLength(1);
    const secondHeal = await run("deploy", "local", "--heal", "--auto-approve");
    expectExit(secondHeal, 0);
    expect(secondHeal.stdout).not.toContain("drift to revert over REST");

    // These changes are not in Terraform's plan: nothing is applied, and each object is read once
    // before it is healed.
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "kept",
      key: "ours",
      string_value: "canary-theirs",
    });
    const healWithoutPlan = await run("deploy", "local", "--heal", "--auto-approve");
    expectExit(healWithoutPlan, 0);
    expect(healWithoutPlan.stdout).toContain("drift to revert over REST");
    expect(healWithoutPlan.stderr).toContain("healed");
    expect(healWithoutPlan.stderr.match(/^verifying heal-local/gm)).toHaveLength(2);
    expectExit(await run("verify", "local", "--deep"), 0);
  });

  test("keeps objects outside the stack, and prints commands that remove each", async () => {
    const [name = ""] = [...changes]
      .filter(({ kind }) => kind.type === "databricks_job")
      .map(({ testCase }) => textIn(testCase.before, "name"));
    await lab.client.post("/api/2.2/jobs/create", { name });
    await lab.client.post("/api/2.2/jobs/create", {
      name: "it's theirs",
      tags: { lakeform: `test/${stack}` },
    });
    await lab.client.post("/api/2.0/secrets/put", {
      scope: "kept",
      key: "theirs",
      string_value: "canary-theirs",
    });
    await lab.client.post("/api/2.0/secrets/acls/put", {
      scope: "kept",
      principal: "analysts",
      permission: "READ",
    });
    await lab.client.post("/api/2.0/workspace/import", {
      path: "/Shared/kept/their notes",
      format: "SOURCE",
      language: "PYTHON",
      content: "",
    });
    await changeObjects();

    const healed = await run("deploy", "local", "--heal", "--auto-approve");
    expectExit(healed, 2);
    expect(healed.stdout + healed.stderr).not.toContain("canary");
    const report = await run("verify", "local", "--deep", "--format", "json");
    expectExit(report, 2);
    const { unmanaged, counts } = JSON.parse(report.stdout) as {
      unmanaged: { removal: string; name: string }[];
      counts: Record<string, number>;
    };
    expect(counts).toMatchObject({ drift: 0, missing: 0, unmanaged: 5, error: 0 });

    const bin = makeFolder("bin");
    fs.writeFileSync(
      path.join(bin, "lakeform"),
      `#!/bin/sh\nexec "${process.execPath}" "${repository}/bin/lakeform.js" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const env = {
      PATH: `${bin}:${process.env.PATH ?? ""}`,
      HOME: bin,
      DATABRICKS_HOST: lab.workspace.host,
      DATABRICKS_TOKEN: lab.workspace.token,
    };
    for (const { removal } of unmanaged) {
      expect(healed.stdout).toContain(removal);
      await promisify(execFile)("sh", ["-ec", removal], { cwd: root, env });
    }
    expectExit(await run("verify", "local", "--deep"), 0);
  });
});
