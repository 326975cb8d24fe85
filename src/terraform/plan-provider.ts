/**
 * Starts one process of the embedded provider for a plan. Otherwise, Terraform starts four: to
 * validate, to read the schema, to plan and to show the plan. Each start takes longer than
 * Terraform's own work on a small stack. For an apply, Terraform starts the provider itself, so
 * that it runs as long as Terraform, even if lakeform is killed.
 */
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { atInterrupt } from "../interrupt";
import { terraformEnvironment, type TerraformContext } from "./run";

export interface PlanProvider {
  /** Variables with which Terraform connects to the process. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

const startTimeoutMs = 20_000;
/** The handshake value with which Terraform starts plugins. */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/**
 * Starts the provider as Terraform does, on a socket in a folder that only this user can enter,
 * because these connections have no TLS.
 * @param context the context of the plan, including the reduced schema
 * @returns undefined if Terraform has to start the provider: the official one, on Windows, or after
 * a failed start
 */
export async function startPlanProvider(
  context: TerraformContext,
): Promise<PlanProvider | undefined> {
  const { mirror, env, engine } = context;
  if (
    mirror === undefined ||
    process.platform === "win32" ||
    env["TF_REATTACH_PROVIDERS"] !== undefined
  )
    return undefined;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-provider-"));
  const socket = path.join(folder, "socket");
  const child = spawn(process.execPath, [mirror.entry], {
    cwd: context.directory,
    env: {
      ...terraformEnvironment(context),
      TF_PLUGIN_MAGIC_COOKIE: magicCookie,
      LAKEFORM_PROVIDER_SOCKET: socket,
    },
    stdio: ["ignore", "pipe", "ignore"],
    // Terraform handles an interrupt on the terminal, and ends the provider.
    detached: true,
  });
  const close = (): void => {
    removeInterruptHandler();
    child.stdout.destroy();
    child.kill("SIGTERM");
    fs.rmSync(folder, { recursive: true, force: true });
  };
  const removeInterruptHandler = atInterrupt(close);
  const line = await new Promise<string | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), startTimeoutMs);
    const finish = (text?: string): void => {
      clearTimeout(timer);
      resolve(text);
    };
    child.once("error", () => finish());
    child.once("exit", () => finish());
    child.stdout.setEncoding("utf8").once("data", (text: string) => finish(text));
  });
  const [, protocol = "", network, address] = line?.trim().split("|") ?? [];
  if (network !== "unix" || address !== socket) {
    close();
    return undefined;
  }
  child.unref();
  const provider = {
    Protocol: "grpc",
    ProtocolVersion: Number(protocol),
    Pid: child.pid,
    Test: true,
    Addr: { Network: network, String: socket },
  };
  const registry = engine.name === "tofu" ? "registry.opentofu.org" : "registry.terraform.io";
  return {
    environment: {
      TF_REATTACH_PROVIDERS: JSON.stringify({ [`${registry}/databricks/databricks`]: provider }),
    },
    close,
  };
}
