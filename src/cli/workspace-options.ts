/** Options of `lakeform workspace start` and the parsers of their values. */
import { InvalidArgumentError } from "commander";
import { LakeformError } from "../errors";

/**
 * The default port. It is fixed, so that addresses in exported variables and Terraform states stay
 * valid after a restart.
 */
export const PORT = 8399;

export interface StartFlags {
  readonly port?: number;
  readonly data?: string;
  readonly memory?: boolean;
  readonly detach?: boolean;
  readonly tls?: boolean;
  readonly outcomes?: string;
  readonly faults?: string;
  readonly journal?: string;
  readonly journalSize?: number;
  readonly journalFiles?: number;
  readonly listen?: string;
  readonly execute?: boolean;
  readonly python?: string;
  readonly passEnv?: readonly string[];
  readonly allowPip?: boolean;
  readonly taskMemory?: string;
  readonly taskTimeout?: string;
  readonly allowHost?: readonly string[];
}

export function parsePort(text: string): number {
  if (!isPort(text)) throw new InvalidArgumentError("must be a port number from 0 to 65535");
  return Number(text);
}

export function defaultPort(env: NodeJS.ProcessEnv): number {
  const port = env.LAKEFORM_WORKSPACE_PORT ?? "";
  if (port === "") return PORT;
  if (!isPort(port)) {
    throw new LakeformError("BAD_PORT", "LAKEFORM_WORKSPACE_PORT is not a port number", {
      value: port,
      allowed: "0 to 65535; 0 selects a free port",
      fix: "correct or unset the variable",
    });
  }
  return Number(port);
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65535;

export const parseHosts = (text: string): string[] =>
  text.split(",").map((host) => {
    if (!/^[\w.[\]-]+(:\d+)?$/.test(host.trim()))
      throw new InvalidArgumentError(
        "must be hosts, each with an optional port, separated by commas",
      );
    return host.trim();
  });

export const parseEnvNames = (text: string): string[] =>
  text.split(",").map((name) => {
    if (!/^\w+$/.test(name.trim()))
      throw new InvalidArgumentError("must be names of environment variables, separated by commas");
    return name.trim();
  });

/** Parses --task-memory to bytes: `512m`, `4g`. */
export function parseTaskMemory(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)b?$/i.exec(text.trim());
  if (match === null)
    throw new LakeformError("BAD_SIZE", "--task-memory is not a memory size", {
      value: text,
      allowed: "a number of bytes, or a number with k, m or g: 512m, 4g; 0 is no limit",
      fix: "for example --task-memory 4g",
    });
  return Math.round(
    Number(match[1]) *
      { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[
        (match[2] ?? "").toLowerCase() as "" | "k" | "m" | "g"
      ],
  );
}

/** Parses --task-timeout to milliseconds: `90s`, `30m`, `2h`. */
export function parseTaskTimeout(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h)$/.exec(text.trim());
  if (match === null || Number(match[1]) === 0)
    throw new LakeformError("BAD_TIME", "--task-timeout is not a duration", {
      value: text,
      allowed: "a number above 0 with s, m or h: 90s, 30m, 2h",
      fix: "for example --task-timeout 30m",
    });
  return Math.round(
    Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000 }[match[2] as "s" | "m" | "h"],
  );
}
