import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { startPlanProvider } from "../../src/terraform/plan-provider";
import type { TerraformContext } from "../../src/terraform/run";
import { makeFolder, makeHome, removeFolders, repository } from "../support/project";

describe("the provider's process of a plan", () => {
  afterAll(removeFolders);

  const contextOf = (entry: string | undefined, env: NodeJS.ProcessEnv = {}): TerraformContext => ({
    engine: { name: "terraform", binary: "/none", version: "1.11.4" },
    directory: makeFolder("stack"),
    env: { PATH: process.env.PATH, HOME: makeHome(), ...env },
    credentials: {},
    variables: {},
    mirror: entry === undefined ? undefined : { directory: "", cliConfigFile: "/none", entry },
  });
  interface Reattach {
    readonly Protocol: string;
    readonly ProtocolVersion: number;
    readonly Pid: number;
    readonly Addr: { readonly Network: string; readonly String: string };
  }

  test("answers at a socket that only this user can reach, and is gone with its folder when it is closed", async () => {
    const provider = await startPlanProvider(contextOf(path.join(repository, "dist", "provider.js")));
    const all = JSON.parse(provider?.environment.TF_REATTACH_PROVIDERS ?? "{}") as Record<string, Reattach>;
    expect(Object.keys(all)).toEqual(["registry.terraform.io/databricks/databricks"]);
    const { Protocol, ProtocolVersion, Pid, Addr } = all["registry.terraform.io/databricks/databricks"] as Reattach;
    expect([Protocol, ProtocolVersion, Addr.Network]).toEqual(["grpc", 6, "unix"]);
    const folder = path.dirname(Addr.String);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(Addr.String, () => socket.end(resolve));
      socket.once("error", reject);
    });
    provider?.close();
    expect(fs.existsSync(folder)).toBe(false);
    const isThere = (): boolean => fs.existsSync(`/proc/${Pid}`) && !/^.*\) Z /s.test(fs.readFileSync(`/proc/${Pid}/stat`, "utf8"));
    while (isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test.each<[string, string, unknown]>([
    ["an alias", "cdk.tf.json", { provider: { databricks: [{}, { alias: "other", host: "https://other.example.com" }] } }],
    ["an alias beside the default configuration", "cdk.tf.json", { provider: [{ databricks: { alias: "other" } }] }],
    ["a module", "cdk.tf.json", { module: { m: { source: "./m" } } }],
    ["HCL", "main.tf", ""],
    ["a file that is no JSON, which Terraform reports", "broken.tf.json", "{"],
  ])("is left to Terraform with %s: one process has one configuration", async (_title, name, content) => {
    const context = contextOf(path.join(repository, "dist", "provider.js"));
    fs.writeFileSync(path.join(context.directory, name), typeof content === "string" ? content : JSON.stringify(content));
    expect(await startPlanProvider(context)).toBeUndefined();
  });

  test("is left to Terraform if there is none, if it does not start, and if another one is already attached", async () => {
    const broken = path.join(makeFolder("broken"), "provider.js");
    fs.writeFileSync(broken, "process.exit(3);");
    const chatty = path.join(makeFolder("chatty"), "provider.js");
    fs.writeFileSync(chatty, "console.log('hello'); setInterval(() => {}, 1000);");
    const attached = contextOf(path.join(repository, "dist", "provider.js"), { TF_REATTACH_PROVIDERS: "{}" });
    for (const context of [contextOf(undefined), contextOf(broken), contextOf(chatty), attached])
      expect(await startPlanProvider(context)).toBeUndefined();
  });
});
