import fs from "node:fs";
import path from "node:path";
import { readSavedJson } from "../exact-json";
import { identity, isRunning } from "../processes";

/**
 * The details of a running server, stored so that commands find it. The file has mode 0600, because
 * it contains the token.
 */
export interface ServerFile {
  readonly host: string;
  readonly token: string;
  readonly workspace_id: string;
  readonly pid: number;
  readonly started?: string;
  /** The data folder; absent if the data is discarded when the server stops. */
  readonly data?: string;
  /** The certificate authority that clients must trust; set with `--tls`. */
  readonly ca_file?: string;
}

const fileIn = (folder: string): string => path.join(folder, "server.json");

/** Returns the server recorded in this folder, if it is still running. */
export function readServer(folder: string): ServerFile | undefined {
  // If the file is missing or truncated, no server is running.
  const server = readSavedJson<ServerFile>(fileIn(folder));
  return typeof server?.pid === "number" && isRunning(server as ServerFile)
    ? (server as ServerFile)
    : undefined;
}

/** Writes the file. @returns a function that removes it */
export function writeServer(
  folder: string,
  server: Omit<ServerFile, "pid" | "started">,
): () => void {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = fileIn(folder);
  const temporary = `${file}.${process.pid}`;
  fs.writeFileSync(
    temporary,
    `${JSON.stringify({ ...server, ...identity(process.pid) }, undefined, 2)}\n`,
    { mode: 0o600 },
  );
  fs.renameSync(temporary, file);
  return () => {
    if (readServer(folder)?.pid === process.pid) fs.rmSync(file, { force: true });
  };
}
