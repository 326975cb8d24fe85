import fs from "node:fs";
import path from "node:path";
import { buildAndSynth, WorkspaceStack, type App } from "../../constructs";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import { expectExit, lakeform, type CliResult } from "./cli";
import { makeFolder } from "./project";

/**
 * A project whose stacks the test builds in this process and deploys with the real commands to a
 * separate workspace.
 */
export class BuiltProject {
  static async open(env: NodeJS.ProcessEnv = {}): Promise<BuiltProject> {
    const root = makeFolder("built");
    // The app copies the output of {@link build}.
    const app = 'cp -R built/. "$CDKTF_OUTDIR"';
    fs.writeFileSync(
      path.join(root, "cdktf.json"),
      JSON.stringify({ language: "typescript", app }),
    );
    return new BuiltProject(root, await startWorkspace(), env);
  }

  private constructor(
    readonly root: string,
    readonly workspace: RunningWorkspace,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  close(): Promise<void> {
    return this.workspace.close();
  }

  /** Synthesizes `<name>-local` for each of the names. */
  build(stacks: Readonly<Record<string, (stack: WorkspaceStack) => unknown>>): void {
    const previousRoot = process.env.LAKEFORM_PROJECT_ROOT;
    process.env.LAKEFORM_PROJECT_ROOT = this.root;
    try {
      const add = (app: App): void => {
        for (const [name, build] of Object.entries(stacks)) {
          build(
            new WorkspaceStack(app, name, {
              project: "built",
              environment: { name: "local", provider: "embedded", values: {} },
            }),
          );
        }
      };
      fs.rmSync(path.join(this.root, "built"), { recursive: true, force: true });
      buildAndSynth(add, { outdir: path.join(this.root, "built") });
    } finally {
      if (previousRoot === undefined) delete process.env.LAKEFORM_PROJECT_ROOT;
      else process.env.LAKEFORM_PROJECT_ROOT = previousRoot;
    }
  }

  run(...args: string[]): Promise<CliResult> {
    return lakeform(this.root, args, {
      LAKEFORM_LOCAL_HOST: this.workspace.host,
      LAKEFORM_LOCAL_TOKEN: this.workspace.token,
      ...this.env,
    });
  }

  /** Deploys a stack, and fails unless verify reports only matches and the next plan is empty. */
  async deployClean(stack: string): Promise<void> {
    expectExit(await this.run("deploy", stack, "--auto-approve", "--quiet"), 0);
    expectExit(await this.run("verify", stack, "--deep"), 0);
    const review = await this.run("review", stack, "--no-verify");
    expectExit(review, 0);
    if (!review.stdout.includes("0 create, 0 update, 0 replace, 0 destroy"))
      throw new Error(`the second plan is not empty\n${review.stdout}`);
  }

  /** Returns the attributes of the first resource in the state whose name starts with `construct`. */
  state(stack: string, type: string, construct: string): Readonly<Record<string, unknown>> {
    const file = path.join(this.root, ".lakeform", "state", `${stack}.tfstate`);
    const { resources } = JSON.parse(fs.readFileSync(file, "utf8")) as {
      resources: {
        type: string;
        name: string;
        instances: { attributes: Record<string, unknown> }[];
      }[];
    };
    const resource = resources.find(
      (candidate) => candidate.type === type && candidate.name.startsWith(construct),
    );
    if (resource?.instances[0] === undefined)
      throw new Error(
        `no ${type} ${construct} in ${resources.map((resource) => `${resource.type}.${resource.name}`).join(", ")}`,
      );
    return resource.instances[0].attributes;
  }

  /** Sends a GET to the workspace's REST API. */
  async get(route: string): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.workspace.host}${route}`, {
      headers: { authorization: `Bearer ${this.workspace.token}` },
    });
    if (!response.ok) throw new Error(`GET ${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  }
}
