import fs from "node:fs";
import path from "node:path";
import { keptJson } from "../exact-json";
import { identity, isRunning } from "../processes";

/** A running server's details, so that commands find it. Mode 0600: contains the token. */
export interface ServerFile {
  readonly host: string;
  readonly token: string;
  readonly workspace_id: string;
  readonly pid: number;
  readonly started?: string;
  /** The data folder; absent: in memory. */
  readonly data?: string;
  /** The certificate authority that clients must trust, with `--tls`. */
  readonly ca_file?: string;
}

const fileIn = (folder: string): string => path.join(folder, "server.json");

/** The server recorded in this folder, if it is still running. */
export function readServer(folder: string): ServerFile | undefined {
  // Missing or truncated: no server.
  const found = keptJson<ServerFile>(fileIn(folder));
  return typeof found?.pid === "number" && isRunning(found as ServerFile)
    ? (found as ServerFile)
    : undefined;
}

/** @returns removes the file */
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
