import fs from "node:fs";
import path from "node:path";
import { keptJson } from "../exact-json";
import { identity, isRunning, type Process } from "../processes";
import type { Project } from "../terraform/project";

/**
 * The file that `lakeform state serve ENV` writes for `lakeform env ENV` while it runs. It contains
 * a secret, and only this user can read it.
 */
interface Served extends Process {
  readonly environment: Readonly<Record<string, string>>;
}

const fileOf = ({ privateFolder }: Pick<Project, "privateFolder">, environment: string): string =>
  path.join(privateFolder, `state-server-${environment}.json`);

/**
 * Writes the file.
 * @returns a function that removes it
 */
export function writeServed(
  project: Project,
  name: string,
  environment: Readonly<Record<string, string>>,
): () => void {
  const file = fileOf(project, name);
  fs.mkdirSync(project.privateFolder, { recursive: true });
  fs.rmSync(file, { force: true });
  fs.writeFileSync(
    file,
    JSON.stringify({ ...identity(process.pid), environment } satisfies Served),
    { mode: 0o600 },
  );
  return () => fs.rmSync(file, { force: true });
}

/**
 * Reads the file.
 * @returns undefined if no server is running
 */
export function readServed(
  project: Project,
  name: string,
): Readonly<Record<string, string>> | undefined {
  const file = fileOf(project, name);
  const { pid, environment, ...rest } = keptJson<Served>(file) ?? {};
  return pid !== undefined && isRunning({ ...rest, pid }) ? environment : undefined;
}
