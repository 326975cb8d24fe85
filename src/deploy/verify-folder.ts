/** The verifier for programs and tests: takes a folder, returns a report. */
import fs from "node:fs";
import path from "node:path";
import { connect, readOnly, type Connection } from "../api/auth/connect";
import { LakeformError } from "../errors";
import { clientEnvironment, resolveConnection } from "../terraform/connection";
import { States } from "../state/open";
import { refuseEncryptionInWorkspace } from "../terraform/encryption";
import { findEngine } from "../terraform/engine";
import { initialize } from "../terraform/initialize";
import { privateFolderOf, projectHere, type Project } from "../terraform/project";
import { lockedVersion, mirrorFor, requiredVersion } from "../terraform/provider-mirror";
import { useSchemaFor } from "../resources/shape/schema";
import { readStackFolder } from "../terraform/stack";
import { sensitiveVariables } from "../terraform/variables";
import { readIgnoreFile } from "../verify/compare/ignore";
import type { VerifyReport } from "../verify/model";
import { plainTarget } from "../verify/desired/plain-project";
import type { VerifyOptions } from "../verify/options";
import { verifyFully } from "../verify/verify";
import { checkStacks } from "./check";
import { withTerraform } from "./with-terraform";

export interface FolderOptions extends Omit<VerifyOptions, "targets" | "api"> {
  /**
   * URL of the workspace. @default the host of the stack's environment, resolved as in the command
   */
  readonly host?: string;
  /** Access token. @default DATABRICKS_TOKEN or another method from the environment */
  readonly token?: string;
  /** A profile of `.databrickscfg`. */
  readonly profile?: string;
  /** Environment variables: connection, values of secrets. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /**
   * Run Terraform's refresh to check resource types that lakeform does not support.
   * @default false
   */
  readonly withTerraform?: boolean;
}

/**
 * Verifies that the workspace matches the code in this folder. Apart from a login, sends only GET
 * and HEAD requests.
 * @param stackDir a synthesized stack (the folder of its `cdk.tf.json`, e.g.
 * `cdktf.out/stacks/daily-etl-prod`), or an initialized Terraform project
 * @throws LakeformError if the verification cannot start; an object that could not be read is in
 * the report, with exit code 1
 */
export async function verify(stackDir: string, options: FolderOptions = {}): Promise<VerifyReport> {
  const directory = path.resolve(stackDir);
  const stack = readStackFolder(directory);
  if (stack === undefined) return verifyPlainProject(directory, options);
  useSchemaFor(requiredVersion(stack.json.terraform));
  const project = projectOf(directory);
  const { env, client, credentials } = openConnection(project, stack.metadata, options);
  try {
    const states = new States(env, () => undefined);
    for (const name of fs.readdirSync(path.dirname(directory))) {
      const sibling = readStackFolder(path.join(path.dirname(directory), name));
      if (sibling?.metadata.environment === stack.metadata.environment)
        states.add(sibling, readOnly(client));
    }
    const engine = await findEngine(env);
    refuseEncryptionInWorkspace(engine, env, [stack]);
    const terraform = {
      states,
      engine,
      directory,
      env,
      credentials,
      variables: sensitiveVariables(stack, env, "optional"),
      mirror: mirrorFor(stack, project.privateFolder),
    };
    const verification = await checkStacks([{ stack, client, terraform }], {
      ignore: readIgnoreFile(project.root),
      ...options,
      events: { step: () => undefined },
    });
    if (options.withTerraform !== true) return verification.report;
    return await withTerraform(
      verification,
      [{ name: stack.name, terraform, prepare: () => initialize(terraform, stack) }],
      options,
    );
  } finally {
    await client.close();
  }
}

/**
 * Verifies a Terraform project that does not use lakeform.
 * @throws LakeformError NO_SUCH_FOLDER, NOT_INITIALIZED, TERRAFORM_FAILED
 */
export async function verifyPlainProject(
  directory: string,
  options: FolderOptions,
): Promise<VerifyReport> {
  if (!fs.existsSync(directory))
    throw new LakeformError("NO_SUCH_FOLDER", "the folder does not exist", {
      value: directory,
      fix: "check --dir",
    });
  useSchemaFor(lockedVersion(directory));
  const project = { root: directory, app: "", outdir: directory, privateFolder: directory };
  const { env, client, credentials } = openConnection(
    project,
    { environment: "", provider: "official" },
    options,
  );
  try {
    const context = {
      engine: await findEngine(env),
      directory,
      env,
      credentials,
      variables: {},
      mirror: undefined,
    };
    const target = await plainTarget(context);
    const verification = await verifyFully({
      ignore: readIgnoreFile(directory),
      ...options,
      targets: [target],
      api: readOnly(client),
    });
    if (options.withTerraform !== true) return verification.report;
    return await withTerraform(
      verification,
      [{ name: target.name, terraform: { ...context, foreign: true } }],
      options,
    );
  } finally {
    await client.close();
  }
}

function openConnection(
  project: Project,
  metadata: Parameters<typeof resolveConnection>[1],
  { host, token, profile, env: environment = process.env }: FolderOptions,
): {
  readonly env: NodeJS.ProcessEnv;
  readonly client: Connection;
  readonly credentials: Readonly<Record<string, string>>;
} {
  const env = token === undefined ? environment : { ...environment, DATABRICKS_TOKEN: token };
  const connection = resolveConnection(project, metadata, env, {
    ...(host && { host }),
    ...(profile && { profile }),
  });
  return {
    env,
    client: connect({ env: clientEnvironment(env, connection) }),
    credentials: connection.environment,
  };
}

/**
 * The project that contains the folder; a folder outside any project (synthesized by a test) is its
 * own project.
 */
function projectOf(directory: string): Project {
  return (
    projectHere(directory) ?? {
      root: directory,
      app: "",
      outdir: directory,
      privateFolder: privateFolderOf(directory),
    }
  );
}
