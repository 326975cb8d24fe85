import fs from "node:fs";
import path from "node:path";
import { readSavedJson } from "../exact-json";
import { identity, isRunning, type Process } from "../processes";
import type { Project } from "../terraform/project";

/**
 * The content of the file through which `lakeform env ENV` finds a running `lakeform state serve
 * ENV`. It contains a secret, and only this user can read it.
 */
interface StateServer extends Process {
  readonly environment: Readonly<Record<string, string>>;
}

const serverFileOf = (
  { privateFolder }: Pick<Project, "privateFolder">,
  environment: string,
): string => path.join(privateFolder, `state-server-${environment}.json`);

/**
 * Announces this process, a state server, to `lakeform env`.
 * @param name the environment
 * @param environment the variables with which Terraform reaches the server
 * @returns a function that withdraws the announcement
 */
export function announceStateServer(
  project: Project,
  name: string,
  environment: Readonly<Record<string, string>>,
): () => void {
  const file = serverFileOf(project, name);
  fs.mkdirSync(project.privateFolder, { recursive: true });
  fs.rmSync(file, { force: true });
  fs.writeFileSync(
    file,
    JSON.stringify({ ...identity(process.pid), environment } satisfies StateServer),
    { mode: 0o600 },
  );
  return () => fs.rmSync(file, { force: true });
}

/**
 * Returns the variables with which Terraform reaches the state server of an environment.
 * @returns undefined if no server is running
 */
export function readServerVariables(
  project: Project,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const file = serverFileOf(project, name);
  const { pid, environment, ...rest } = readSavedJson<StateServer>(file) ?? {};
  return pid !== undefined && isRunning({ ...rest, pid }) ? environment : undefined;
}
