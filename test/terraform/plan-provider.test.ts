import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { startPlanProvider } from "../../src/terraform/plan-provider";
import type { TerraformContext } from "../../src/terraform/run";
import { startWorkspace } from "../../src/workspace/server";
import { Directory, requiredProviders } from "../support/replay-terraform";
import { makeFolder, makeHome, removeFolders, repository } from "../support/project";

describe("the provider process of a plan", () => {
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

  test("listens on a socket that only this user can access, and removes its folder when it is closed", async () => {
    const provider = await startPlanProvider(
      contextOf(path.join(repository, "dist", "provider.js")),
    );
    const attachments = JSON.parse(provider?.environment.TF_REATTACH_PROVIDERS ?? "{}") as Record<
      string,
      Reattach
    >;
    expect(Object.keys(attachments)).toEqual(["registry.terraform.io/databricks/databricks"]);
    const { Protocol, ProtocolVersion, Pid, Addr } = attachments[
      "registry.terraform.io/databricks/databricks"
    ] as Reattach;
    expect([Protocol, ProtocolVersion, Addr.Network]).toEqual(["grpc", 6, "unix"]);
    const folder = path.dirname(Addr.String);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    await new Promise<void>((resolve, reject) => {
      const socket = net.connect(Addr.String, () => socket.end(resolve));
      socket.once("error", reject);
    });
    provider?.close();
    expect(fs.existsSync(folder)).toBe(false);
    const folderExists = (): boolean =>
      fs.existsSync(`/proc/${Pid}`) &&
      !/^.*\) Z /s.test(fs.readFileSync(`/proc/${Pid}/stat`, "utf8"));
    while (folderExists()) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test("uses a separate workspace for each provider configuration of a plan: two aliases, one in a module", async () => {
    const workspaces = await Promise.all(["one", "two"].map(() => startWorkspace()));
    const directory = new Directory();
    try {
      await directory.init();
      const [firstWorkspace, secondWorkspace] = workspaces.map(({ host, token }) => ({
        host,
        token,
      }));

      directory.write("m/main.tf.json", {
        terraform: { required_providers: requiredProviders },
        data: { databricks_node_type: { inner: {} } },
      });
      directory.write("main.tf.json", {
        terraform: { required_providers: requiredProviders },
        provider: {
          databricks: [
            { alias: "one", ...firstWorkspace },
            { alias: "two", ...secondWorkspace },
          ],
        },
        data: { databricks_spark_version: { outer: { provider: "databricks.one" } } },
        module: { m: { source: "./m", providers: { databricks: "databricks.two" } } },
      });
      const { code, stdout } = await directory.terraform(["get"]);
      expect([code, stdout]).toEqual([0, expect.any(String)]);
      expect(await directory.plan()).toEqual([]);
      const pathsByWorkspace = workspaces.map((workspace) => [
        ...new Set(workspace.journal({}).map(({ path: calledPath }) => calledPath)),
      ]);
      expect(pathsByWorkspace).toEqual([
        ["/api/2.1/clusters/spark-versions"],
        ["/api/2.1/clusters/list-node-types"],
      ]);
    } finally {
      directory.close();
      await Promise.all(workspaces.map((workspace) => workspace.close()));
    }
  });

  test("is started by Terraform if there is no provider, it does not start, or another one is already attached", async () => {
    const brokenEntry = path.join(makeFolder("broken"), "provider.js");
    fs.writeFileSync(brokenEntry, "process.exit(3);");
    const wrongOutputEntry = path.join(makeFolder("chatty"), "provider.js");
    fs.writeFileSync(wrongOutputEntry, "console.log('hello'); setInterval(() => {}, 1000);");
    const attachedContext = contextOf(path.join(repository, "dist", "provider.js"), {
      TF_REATTACH_PROVIDERS: "{}",
    });
    for (const context of [
      contextOf(undefined),
      contextOf(brokenEntry),
      contextOf(wrongOutputEntry),
      attachedContext,
    ])
      expect(await startPlanProvider(context)).toBeUndefined();
  });
});
