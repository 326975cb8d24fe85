/** A working directory in which the real terraform runs with the embedded provider. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { startPlanProvider, type PlanProvider } from "../../src/terraform/plan-provider";
import { installProviderMirror, type ProviderMirror } from "../../src/terraform/provider-mirror";
import { fillCaches, keepCaches } from "./provider-cache";
import type { ResourceChange } from "./replay-compare";
import type { JsonObject } from "./replay-format";

export interface TerraformError {
  readonly summary: string;
  readonly detail: string;
  readonly address?: string;
  /** The path of the CLI configuration file. */
  readonly file?: string;
}

export interface RawState {
  version: number;
  terraform_version: string;
  serial: number;
  lineage: string;
  outputs: JsonObject;
  resources: RawResource[];
}

export interface RawResource {
  readonly mode: "managed" | "data";
  readonly module?: string;
  readonly type: string;
  readonly name: string;
  readonly provider: string;
  readonly instances: readonly {
    readonly index_key?: string | number;
    readonly schema_version: number;
    readonly attributes: JsonObject;
    readonly status?: string;
  }[];
}

export const requiredProviders = {
  databricks: { source: "databricks/databricks", version: "1.99.0" },
};

const providerEntry =
  process.env.LAKEFORM_PROVIDER_ENTRY ?? path.join(__dirname, "..", "..", "dist", "provider.js");

/**
 * "shared": the commands up to an apply use one provider process, each with a separate connection
 * and cache. "Terraform's own": Terraform starts the provider, four times for an apply. These starts
 * take longer than the apply, so only tests of the processes use them.
 */
export type ProviderStart = "shared" | "Terraform's own";

export class Directory {
  private readonly env: NodeJS.ProcessEnv;

  /** The environment of the terraform process. */
  get environment(): NodeJS.ProcessEnv {
    return this.env;
  }

  readonly path: string;
  private readonly mirror: ProviderMirror;
  /** The shared provider processes, by the additional variables of their commands. */
  private readonly running = new Map<string, Promise<PlanProvider | undefined>>();

  constructor(
    environment: Readonly<Record<string, string>> = {},
    private readonly providerStart: ProviderStart = "shared",
  ) {
    this.path = mkdtempSync(path.join(tmpdir(), "replay-"));
    const mirror = (this.mirror = installProviderMirror(
      path.join(this.path, ".lakeform"),
      providerEntry,
    ));
    fillCaches(this.path);
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(DATABRICKS_|TF_|ARM_|GOOGLE_)/.test(name),
    );
    this.env = {
      ...Object.fromEntries(inherited),
      HOME: this.path,
      TF_CLI_CONFIG_FILE: mirror.cliConfigFile,
      LAKEFORM_PROVIDER_ENTRY: mirror.entry,
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
      ...environment,
    };
  }

  write(name: string, content: string | Buffer | JsonObject): void {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(
      file,
      typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }

  remove(name: string): void {
    rmSync(path.join(this.path, name), { force: true, recursive: true });
  }

  close(): void {
    for (const key of this.running.keys()) void this.endProvider(key);
    keepCaches(this.path);
    // A provider that is exiting may still write its caches.
    if (process.env.REPLAY_KEEP === undefined)
      rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }

  async init(): Promise<void> {
    this.write("main.tf.json", { terraform: { required_providers: requiredProviders } });
    const { code, stdout, stderr } = await this.terraform(["init", "-input=false", "-no-color"]);
    if (code !== 0) throw new Error(`terraform init failed: ${stdout}${stderr}`);
  }

  async terraform(
    args: readonly string[],
    timeoutSeconds = 180,
    moreVariables: NodeJS.ProcessEnv = {},
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const command = args[0] ?? "";
    if (!["plan", "apply", "destroy", "refresh", "show"].includes(command))
      return this.execute(args, timeoutSeconds, moreVariables);
    const key = JSON.stringify(moreVariables);
    const running = this.running.get(key) ?? this.startProvider({ ...this.env, ...moreVariables });
    this.running.set(key, running);
    const result = await this.execute(args, timeoutSeconds, {
      ...moreVariables,
      ...(await running)?.environment,
    });
    // The provider notes creates by process: the next apply needs another one.
    if (!["plan", "show"].includes(command)) await this.endProvider(key);
    return result;
  }

  private execute(
    args: readonly string[],
    timeoutSeconds: number,
    more: NodeJS.ProcessEnv,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const options = {
        cwd: this.path,
        env: { ...this.env, ...more },
        maxBuffer: 1 << 28,
        timeout: timeoutSeconds * 1000,
        killSignal: "SIGINT" as const,
      };
      execFile("terraform", args, options, (error, stdout, stderr) => {
        resolve({
          code: error === null ? 0 : typeof error.code === "number" ? error.code : 1,
          stdout,
          stderr,
        });
      });
    });
  }

  /**
   * Runs terraform, and interrupts it as soon as `isDue` returns true.
   * @param interrupt receives the process group; by default it sends SIGINT to terraform and the
   * provider, as Ctrl-C does
   * @param onNoticed called when terraform reports the interrupt
   */
  async runInterrupted(
    args: readonly string[],
    isDue: () => boolean,
    interrupt: (group: number) => void = (group) => process.kill(-group, "SIGINT"),
    onNoticed: () => void = () => undefined,
  ): Promise<{ code: number; output: string }> {
    const child = spawn("terraform", args, {
      cwd: this.path,
      env: this.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const read = (text: Buffer): void => {
      const outputBefore = output;
      output += text.toString();
      if (output.includes("Interrupt received") && !outputBefore.includes("Interrupt received"))
        onNoticed();
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", read);
    const ended = new Promise<number>((resolve) =>
      child.on("close", (code) => resolve(code ?? -1)),
    );
    const timer = setInterval(() => {
      if (!isDue()) return;
      clearInterval(timer);
      interrupt(child.pid ?? 0);
    }, 20);
    const code = await ended;
    clearInterval(timer);
    return { code, output };
  }

  /**
   * Plans into the file `plan`.
   * @param warnings list to which the warnings are added
   */
  async plan(warnings: TerraformError[] = []): Promise<TerraformError[]> {
    const { code, stdout, stderr } = await this.terraform([
      "plan",
      "-input=false",
      "-json",
      "-out=plan",
    ]);
    warnings.push(...diagnosticsOf(stdout, "warning"));
    return errorsOf(code, stdout, stderr);
  }

  private async endProvider(key: string): Promise<void> {
    const running = this.running.get(key);
    this.running.delete(key);
    (await running)?.close();
  }

  private async startProvider(env: NodeJS.ProcessEnv): Promise<PlanProvider | undefined> {
    if (this.providerStart === "Terraform's own" || env["LAKEFORM_SCHEMA_CUT"] !== undefined)
      return undefined;
    const credentials = Object.entries(env).flatMap(([name, value]) =>
      name.startsWith("DATABRICKS_") && value !== undefined ? [[name, value] as const] : [],
    );
    return startPlanProvider({
      engine: { name: "terraform", binary: "terraform", version: "" },
      directory: this.path,
      env,
      credentials: Object.fromEntries(credentials),
      variables: {},
      mirror: { ...this.mirror, entry: env["LAKEFORM_PROVIDER_ENTRY"] ?? this.mirror.entry },
    });
  }

  async apply(): Promise<TerraformError[]> {
    const { code, stdout, stderr } = await this.terraform([
      "apply",
      "-input=false",
      "-json",
      "plan",
    ]);
    return errorsOf(code, stdout, stderr);
  }

  async showPlan(): Promise<{
    changes: readonly ResourceChange[];
    drift: readonly ResourceChange[];
  }> {
    const { code, stdout, stderr } = await this.terraform(["show", "-json", "plan"]);
    if (code !== 0) throw new Error(`terraform show failed: ${stderr}`);
    const planJson = JSON.parse(stdout) as {
      resource_changes?: ResourceChange[];
      resource_drift?: ResourceChange[];
    };
    return { changes: planJson.resource_changes ?? [], drift: planJson.resource_drift ?? [] };
  }

  readState(): RawResource[] {
    const file = path.join(this.path, "terraform.tfstate");
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as RawState).resources : [];
  }

  writeState(resources: readonly RawResource[]): void {
    this.remove("terraform.tfstate");
    if (resources.length === 0) return;
    const state: RawState = {
      version: 4,
      terraform_version: "1.11.4",
      serial: 1,
      lineage: "6f2c1d2e-0000-4000-8000-000000000000",
      outputs: {},
      resources: [...resources],
    };
    this.write("terraform.tfstate", JSON.stringify(state));
  }
}

interface JsonLine {
  readonly "@level"?: string;
  readonly diagnostic?: {
    severity?: string;
    summary?: string;
    detail?: string;
    address?: string;
    range?: { filename?: string };
  };
}

function errorsOf(code: number, stdout: string, stderr: string): TerraformError[] {
  const errors = diagnosticsOf(stdout, "error");
  if (code === 1 && errors.length === 0)
    errors.push({
      summary: "terraform failed without a diagnostic",
      detail: `${stdout.slice(-2000)}${stderr.slice(-2000)}`,
    });
  return errors;
}

function diagnosticsOf(stdout: string, severity: "error" | "warning"): TerraformError[] {
  const diagnostics: TerraformError[] = [];
  for (const text of stdout.split("\n")) {
    if (!text.startsWith("{")) continue;
    const { diagnostic } = JSON.parse(text) as JsonLine;
    if (diagnostic?.severity !== severity) continue;
    const { summary = "", detail = "", address, range } = diagnostic;
    diagnostics.push({
      summary,
      detail,
      ...(address === undefined ? {} : { address }),
      ...(range?.filename === undefined ? {} : { file: range.filename }),
    });
  }
  return diagnostics;
}
