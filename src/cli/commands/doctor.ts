import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { defined } from "../../defined";
import { LakeformError } from "../../errors";
import { whoAmI } from "../../api/families/me";
import { renderTable } from "../../run/format";
import { findEngine, missingAbilities } from "../../terraform/engine";
import { findProject, type Project } from "../../terraform/project";
import { installProviderMirror } from "../../terraform/provider-mirror";
import { schemaVersions } from "../../resources/shape/schema";
import { bindingsOf, installedBindings } from "../../terraform/toolkit";
import { readStack, stackNames } from "../../terraform/stack";
import type { Io, MakeCommand } from "../io";
import { emit, openRest, withRestFlags, type RestFlags } from "../rest";
import { compareVersions } from "../../package-versions";
import { minimumNodeVersion } from "../versions";

type Status = "ok" | "warning" | "problem" | "skipped";

interface Check {
  readonly name: string;
  readonly status: Status;
  readonly detail: string;
  readonly fix?: string;
}

const signs: Readonly<Record<Status, string>> = {
  ok: "ok",
  warning: "!",
  problem: "✗",
  skipped: "-",
};
/** A larger clock difference, in milliseconds, makes expiry times and logs confusing. */
const skewLimit = 5 * 60_000;

export const command: MakeCommand = (io) =>
  withRestFlags(new Command("doctor"), true)
    .description("Diagnose the setup and suggest fixes; exit 2 on a problem")
    .argument("[stacks...]", "also check the workspaces of these stacks or environments")
    .addHelpText(
      "after",
      "\nChecks Node, Terraform, the project, the provider, and the connection, permissions and clock of each workspace. Changes nothing.\nExamples:\n  lakeform doctor\n  lakeform doctor dev prod",
    )
    .action(async (stacks: readonly string[], flags: RestFlags) => {
      const checks = [
        checkNode(io, process.versions.node),
        await checkEngine(io),
        ...(await checkProject(io)),
        ...checkShell(io),
      ];
      const quiet = { ...flags, quiet: true };
      for (const stack of stacks.length === 0 ? [undefined] : stacks)
        checks.push(...(await checkWorkspace(io, quiet, stack)));
      const rows = checks.map((check) => [signs[check.status], check.name, check.detail]);
      const lines = renderTable(rows).flatMap((line, index) => {
        const fix = checks[index]?.fix;
        return fix === undefined ? [line] : [line, `     fix: ${fix}`];
      });
      const isHealthy = checks.every((check) => check.status !== "problem");
      emit(
        io,
        flags,
        { schema: "lakeform/doctor/1", healthy: isHealthy, checks },
        lines.join("\n"),
      );
      if (!isHealthy) io.exitCode = 2;
    });

/** @param version the running version of Node */
export function checkNode({ env }: Pick<Io, "env">, version: string): Check {
  const isSupported = compareVersions(version, minimumNodeVersion) >= 0;
  const isTlsCheckDisabled = env["NODE_TLS_REJECT_UNAUTHORIZED"] === "0";
  if (isTlsCheckDisabled)
    return {
      name: "node",
      status: "problem",
      detail: "NODE_TLS_REJECT_UNAUTHORIZED=0 disables certificate checks",
      fix: "unset it; trust a company CA with NODE_EXTRA_CA_CERTS",
    };
  return {
    name: "node",
    status: isSupported ? "ok" : "problem",
    detail: `Node ${version}`,
    ...(isSupported ? {} : { fix: `install Node ${minimumNodeVersion} or newer` }),
  };
}

async function checkEngine(io: Io): Promise<Check> {
  return attempt("engine", async () => {
    const engine = await findEngine(io.env);
    const missing = missingAbilities(engine);
    return `${engine.name} ${engine.version} (${engine.binary})${missing.length === 0 ? "" : `; not available: ${missing.join(", ")}`}`;
  });
}

async function checkProject(io: Io): Promise<Check[]> {
  let project: Project;
  try {
    project = findProject(io.cwd);
  } catch (error) {
    return [failedCheck("project", error, "warning")];
  }
  const checks: Check[] = [
    { name: "project", status: "ok", detail: project.root },
    checkToolkit(project.root),
  ];
  if (!fs.existsSync(path.join(project.outdir, "manifest.json"))) {
    checks.push({
      name: "synth output",
      status: "skipped",
      detail: "none yet",
      fix: "lakeform synth",
    });
  } else {
    checks.push(
      await attempt("synth output", () => {
        const names = stackNames(project);
        for (const name of names) readStack(project, name);
        return names.join(", ");
      }),
    );
  }
  checks.push(
    await attempt(
      "embedded provider",
      () =>
        `for version ${schemaVersions.join(" and ")}, ${installProviderMirror(project.privateFolder).entry}`,
    ),
  );
  return checks;
}

function checkToolkit(root: string): Check {
  const bindings = installedBindings(root);
  const name = "toolkit";
  if (bindings !== undefined)
    return {
      name,
      status: "ok",
      detail: `${bindings.toolkit}, ${bindings.name} ${bindings.version}`,
    };
  return {
    name,
    status: "warning",
    detail: "none is installed",
    fix: `npm install ${bindingsOf("cdktn")} cdktn constructs`,
  };
}

/** Checks shell settings that are known to cause problems. */
function checkShell(io: Io): Check[] {
  const checks: Check[] = [];
  if (io.env["TF_PLUGIN_CACHE_DIR"] !== undefined) {
    checks.push({
      name: "plugin cache",
      status: "warning",
      detail: "TF_PLUGIN_CACHE_DIR mixes the embedded and the official provider",
      fix: "unset TF_PLUGIN_CACHE_DIR; lakeform's own commands ignore it",
    });
  }
  const proxy = io.env["HTTPS_PROXY"] ?? io.env["https_proxy"];
  if (proxy !== undefined)
    checks.push({
      name: "proxy",
      status: "ok",
      detail: `HTTPS_PROXY is set: ${withoutPassword(proxy)}`,
    });
  return checks;
}

async function checkWorkspace(
  io: Io,
  flags: RestFlags,
  stack: string | undefined,
): Promise<Check[]> {
  const name = stack === undefined ? "workspace" : `workspace of ${stack}`;
  const checks: Check[] = [];
  try {
    const { client, from } = await openRest(io, { timeout: 30, ...flags }, stack);
    checks.push({
      name,
      status: "ok",
      detail: `${client.host}, authorization ${client.authType}, from ${from}`,
    });
    const started = Date.now();
    const identity = await whoAmI(client);
    checks.push({
      name: "you are",
      status: "ok",
      detail: `${identity.userName} (responded in ${Date.now() - started} ms)`,
    });
    const response = await client.exchange({
      method: "GET",
      path: "/api/2.1/jobs/list",
      query: { limit: 1 },
    });
    checks.push({ name: "jobs API", status: "ok", detail: "readable" });
    const date = Date.parse(response.headers["date"] ?? "");
    const skew = Math.abs(date - Date.now());
    if (skew > skewLimit)
      checks.push({
        name: "clock",
        status: "warning",
        detail: `the local clock differs from the workspace's clock by ${Math.round(skew / 60_000)} minutes`,
        fix: "correct the clock on this machine",
      });
  } catch (error) {
    checks.push(
      failedCheck(
        checks.length === 0 ? name : "connection",
        error,
        isUnconfigured(error) ? "warning" : "problem",
      ),
    );
  }
  return checks;
}

/** Whether no workspace is configured here, which is normal in a new project. */
const isUnconfigured = (error: unknown): boolean =>
  error instanceof LakeformError && (error.code === "NO_HOST" || error.code === "NO_CREDENTIALS");

async function attempt(name: string, read: () => string | Promise<string>): Promise<Check> {
  try {
    return { name, status: "ok", detail: await read() };
  } catch (error) {
    return failedCheck(name, error, "problem");
  }
}

function failedCheck(name: string, error: unknown, status: Status): Check {
  if (!(error instanceof LakeformError)) throw error;
  const value = error.details.value === undefined ? "" : ` (${error.details.value})`;
  return {
    name,
    status,
    detail: `${error.code}: ${error.message}${value}`,
    ...defined({ fix: error.details.fix }),
  };
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/[^@/]*@/, "//***@");
}
