import { parseWithBigints } from "../../exact-json";
import fs from "node:fs";
import path from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { LakeformError } from "../../errors";
import { printable, printableJson } from "../../printable";
import { readStdin } from "../questions";
import type { Io, MakeCommand } from "../io";
import { openRest, withRestFlags, type RestFlags } from "../rest";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number];

interface ApiFlags extends RestFlags {
  readonly json?: string;
  readonly query: Readonly<Record<string, string>>;
  readonly paginate?: boolean;
  readonly include?: boolean;
  readonly idempotent?: boolean;
}

export const command: MakeCommand = (io) =>
  withRestFlags(new Command("api"))
    .description(
      "Call any route of the REST API, with authentication, retries and paging; the JSON response goes to stdout",
    )
    .argument("<method>", methods.join(", "), parseMethod)
    .argument("<path>", "/api/2.1/jobs/list, or the short form 2.1/jobs/list")
    .option("--json <body>", "request body: JSON, @file, or - for stdin")
    .option("--query <key=value>", "query parameter (repeatable)", collectPair, {})
    .option("--paginate", "follow next_page_token and return all pages as one")
    .option("--include", "print status and headers to stderr")
    .option("--idempotent", "allow retries of the call if its response is lost")
    .addHelpText(
      "after",
      '\nThe workspace and the credentials are chosen as in all other commands (--on, --host, --profile).\nExamples:\n  lakeform api GET 2.1/jobs/list --query limit=5\n  lakeform api POST 2.1/jobs/run-now --json \'{"job_id": 123, "notebook_params": {"input_date": "2024-01-01"}}\'\n  lakeform api GET /api/2.2/jobs/list --paginate --on local',
    )
    .action(async (verb: Method, address: string, flags: ApiFlags) => {
      const { client } = await openRest(io, flags);
      const apiPath = pathOf(address);
      const body = flags.json === undefined ? undefined : parseBody(await bodyText(io, flags.json));
      if (body !== undefined && (verb === "GET" || verb === "HEAD"))
        throw new LakeformError("BODY_NOT_ALLOWED", `${verb} has no body`, {
          value: "--json",
          fix: "pass parameters with --query",
        });
      const request = {
        method: verb,
        path: apiPath,
        query: flags.query,
        parse: parseWithBigints,
        ...(verb === "GET" || verb === "HEAD" || verb === "DELETE" ? {} : { body: body ?? {} }),
        ...(flags.idempotent === true ? { idempotent: true } : {}),
      };
      let response = await client.exchange(request);
      const firstResponse = response;
      let merged = response.body;
      for (
        let token = flags.paginate === true ? nextToken(response.body) : undefined;
        token !== undefined;
        token = nextToken(response.body)
      ) {
        response = await client.exchange({
          ...request,
          query: { ...flags.query, page_token: token },
        });
        merged = mergePages(merged, response.body);
      }
      if (flags.include === true) {
        io.stderr.write(
          `HTTP ${firstResponse.status}\n${Object.entries(firstResponse.headers)
            .map(([name, value]) => `${name}: ${printable(value)}\n`)
            .join("")}\n`,
        );
      }
      if (verb === "HEAD") io.stdout.write(`${printableJson(firstResponse.headers)}\n`);
      else io.stdout.write(`${printableJson(merged)}\n`);
    });

/**
 * Returns the full path: `2.1/jobs/list`, `/2.1/jobs/list` and `/api/2.1/jobs/list` are equivalent.
 * @throws LakeformError BAD_PATH for a URL
 */
function pathOf(address: string): string {
  if (/^https?:/i.test(address))
    throw new LakeformError(
      "BAD_PATH",
      "expected a path, not a URL: the workspace comes from --host, --profile or --on",
      {
        value: address,
        fix: "omit scheme and host",
      },
    );
  const path = address.startsWith("/") ? address : `/${address}`;
  return /^\/[12]\.\d\//.test(path) ? `/api${path}` : path;
}

async function bodyText(io: Io, argument: string): Promise<string> {
  if (argument === "-") return readStdin(io);
  if (!argument.startsWith("@")) return argument;
  try {
    return fs.readFileSync(path.resolve(io.cwd, argument.slice(1)), "utf8");
  } catch (error) {
    throw new LakeformError("NO_SUCH_FILE", "cannot read the file with the body", {
      value: argument.slice(1),
      fix: "check the path",
      cause: error,
    });
  }
}

function parseBody(text: string): unknown {
  try {
    return parseWithBigints(text);
  } catch (error) {
    throw new LakeformError(
      "BAD_JSON",
      `the body is not JSON: ${error instanceof Error ? error.message : ""}`,
      {
        fix: "quote it for the shell: --json '{\"job_id\": 1}', or use --json @file",
        cause: error,
      },
    );
  }
}

function nextToken(body: unknown): string | undefined {
  const token =
    typeof body === "object" && body !== null && "next_page_token" in body
      ? body.next_page_token
      : undefined;
  return typeof token === "string" && token !== "" ? token : undefined;
}

/**
 * Joins two pages: arrays are concatenated, other fields come from the first page that has them,
 * and the fields for paging are removed.
 */
function mergePages(first: unknown, second: unknown): unknown {
  const merged: Record<string, unknown> = { ...(first as Record<string, unknown>) };
  for (const [name, value] of Object.entries(second as Record<string, unknown>)) {
    const existing = merged[name];
    if (Array.isArray(existing) && Array.isArray(value))
      merged[name] = [...(existing as unknown[]), ...(value as unknown[])];
    else if (!(name in merged)) merged[name] = value;
  }
  delete merged["next_page_token"];
  delete merged["has_more"];
  return merged;
}

function parseMethod(text: string): Method {
  const upper = text.toUpperCase();
  const match = methods.find((method) => method === upper);
  if (match === undefined) throw new InvalidArgumentError(`expected one of ${methods.join(", ")}`);
  return match;
}

function collectPair(
  text: string,
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const separator = text.indexOf("=");
  if (separator <= 0) throw new InvalidArgumentError("expected key=value");
  return { ...values, [text.slice(0, separator)]: text.slice(separator + 1) };
}
