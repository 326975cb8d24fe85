/**
 * A stack in a separate working directory, with the real terraform, the embedded provider and a
 * local workspace.
 */
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";
import type { JsonObject } from "./replay-format";
import { Directory, requiredProviders, type ProviderStart } from "./replay-terraform";

interface TerraformLine {
  readonly type?: string;
  readonly change?: { readonly action: string; readonly resource: { readonly addr: string } };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail: string;
    readonly address?: string;
  };
}

/** The result of a command that succeeded without changes. */
export const noChanges: TerraformResult = { code: 0, actions: {}, errors: [] };

export interface TerraformResult {
  readonly code: number;
  /** Terraform's planned actions, by address. */
  readonly actions: Readonly<Record<string, string>>;
  readonly errors: readonly string[];
}

/** An object that calls a workspace. */
export interface Caller {
  call(method: string, path: string, body?: unknown): Promise<JsonObject>;
}

export class Stack implements Caller {
  private constructor(
    readonly workspace: RunningWorkspace,
    readonly directory: Directory,
  ) {}

  /** @param providers as for {@link Directory} */
  static async open(providers?: ProviderStart): Promise<Stack> {
    const workspace = await startWorkspace();
    const directory = new Directory(
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      providers,
    );
    await directory.init();
    return new Stack(workspace, directory);
  }

  async close(): Promise<void> {
    this.directory.close();
    await this.workspace.close();
  }

  write(resource: JsonObject, otherBlocks: JsonObject = {}): void {
    this.directory.write("main.tf.json", {
      terraform: { required_providers: requiredProviders },
      resource,
      ...otherBlocks,
    });
  }

  /** Runs one terraform command, and returns its reported actions. */
  async terraform(...args: string[]): Promise<TerraformResult> {
    const { code, stdout, stderr } = await this.directory.terraform([
      ...args,
      "-input=false",
      "-json",
    ]);
    const lines = stdout
      .split("\n")
      .flatMap((text) => (text.startsWith("{") ? [JSON.parse(text) as TerraformLine] : []));
    const plannedLines = lines.filter(
      (line) => line.type === "planned_change" && line.change !== undefined,
    );
    const errors = lines.flatMap(({ diagnostic }) =>
      diagnostic?.severity === "error"
        ? [
            `${diagnostic.address === undefined ? "" : `${diagnostic.address}: `}${diagnostic.summary}\n${diagnostic.detail}`,
          ]
        : [],
    );
    return {
      code,
      actions: Object.fromEntries(
        plannedLines.map((line) => [line.change?.resource.addr ?? "", line.change?.action ?? ""]),
      ),
      errors:
        code === 1 && errors.length === 0 ? [`terraform failed: ${stderr.slice(-2000)}`] : errors,
    };
  }

  plan(...args: string[]): Promise<TerraformResult> {
    return this.terraform("plan", ...args);
  }

  apply(...args: string[]): Promise<TerraformResult> {
    return this.terraform("apply", "-auto-approve", ...args);
  }

  /** Calls the workspace outside Terraform. @throws if the workspace rejects the call */
  async call(method: string, path: string, body?: unknown): Promise<JsonObject> {
    const isRaw = body instanceof Uint8Array;
    const response = await fetch(`${this.workspace.host}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.workspace.token}`,
        "Content-Type": isRaw ? "application/octet-stream" : "application/json",
      },
      ...(body === undefined ? {} : { body: isRaw ? Buffer.from(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as JsonObject);
  }

  /** Returns the attributes of the resources in the state, by address. */
  state(): Readonly<Record<string, JsonObject>> {
    return Object.fromEntries(
      this.directory
        .readState()
        .map((item) => [`${item.type}.${item.name}`, item.instances[0]?.attributes ?? {}]),
    );
  }
}
