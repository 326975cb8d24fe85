/** Reads the objects to adopt from a workspace. Sends GET requests only. */
import { minimatch } from "minimatch";
import type { ReadClient } from "../api/client";
import { isForbidden, isInvalid, isNotFound } from "../api/transport/errors";
import { byToken } from "../api/transport/paging";
import { listExamples } from "../list-examples";
import { printable } from "../printable";
import { LakeformError } from "../errors";
import { findKind } from "../resources";
import { getJob, jobFrom } from "../resources/kinds/job-wire";
import type { Attributes } from "../resources/kind";
import { idText, number, object, optionalText, type Json } from "../resources/shape/json";
import type { ArtifactType } from "./code/context";
import type { FoundJob } from "./model";

export interface Selection {
  /** Names, globs and ids of jobs. */
  readonly jobs: readonly string[];
  /** Tags of jobs, as `key=value` or `key`. */
  readonly tags: readonly string[];
  readonly all: boolean;
}

async function listAllJobs(api: ReadClient): Promise<Json[]> {
  const jobs: Json[] = [];
  for await (const job of byToken<Json>(api, {
    path: "/api/2.2/jobs/list",
    items: "jobs",
    query: { limit: 100, expand_tasks: false },
  }))
    jobs.push(job);
  return jobs;
}

/** Returns the jobs that the caller can view. */
export async function listJobs(
  api: ReadClient,
): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return (await listAllJobs(api)).map((item) => ({ id: idOf(item), name: nameOf(item) }));
}

/**
 * Returns the selected jobs, sorted by id.
 * @throws LakeformError NO_SUCH_JOB for a name, glob or id without a match
 */
export async function selectJobs(
  api: ReadClient,
  selection: Selection,
): Promise<readonly FoundJob[]> {
  const allJobs = await listAllJobs(api);
  const selectedIds = new Set<string>();
  for (const selector of selection.jobs) {
    const matches = allJobs.filter((item) => matchesSelector(selector, item));
    if (matches.length === 0) throw noSuchJob(selector, allJobs);
    for (const job of matches) selectedIds.add(idOf(job));
  }
  for (const tag of selection.tags) {
    const [key = "", value] = tag.split(/=(.*)/s);
    const matches = allJobs.filter((item) => {
      const tags = object(object(item["settings"])["tags"]);
      return key in tags && (value === undefined || optionalText(tags[key]) === value);
    });
    if (matches.length === 0)
      throw new LakeformError("NO_SUCH_JOB", "no job has this tag", {
        value: tag,
        fix: "lakeform api GET /api/2.2/jobs/list",
      });
    for (const job of matches) selectedIds.add(idOf(job));
  }
  if (selection.all) for (const job of allJobs) selectedIds.add(idOf(job));
  const ids = [...selectedIds].sort((a, b) => Number(a) - Number(b));
  const jobs = await concurrently(ids, (id) => readJob(api, id));
  return jobs.filter((job) => job !== undefined);
}

const idOf = (item: Json): string => idText(item["job_id"], "job_id");
const nameOf = (item: Json): string => optionalText(object(item["settings"])["name"]) ?? "";

function matchesSelector(selector: string, item: Json): boolean {
  if (nameOf(item) === selector || idOf(item) === selector) return true;
  return /[*?[{]/.test(selector) && minimatch(nameOf(item), selector, { dot: true });
}

function noSuchJob(selector: string, jobs: readonly Json[]): LakeformError {
  const names = jobs.map((item) => printable(nameOf(item)));
  return new LakeformError("NO_SUCH_JOB", "no job has this name or id, or matches this pattern", {
    value: selector,
    allowed:
      names.length === 0
        ? "the workspace has no jobs that the token may see"
        : listExamples(names, 20),
    fix: "check the name; patterns are quoted: --jobs 'etl-*'",
  });
}

export async function readJob(api: ReadClient, id: string): Promise<FoundJob | undefined> {
  const raw = await getJob(api, id, "2.2");
  return raw === undefined ? undefined : foundJob(raw, api.host);
}

/**
 * Converts a job from the format of the API.
 * @param response the response to jobs/get; without `job_id` the job does not exist yet, and its id
 * is ""
 */
export function foundJob(response: Json, host: string): FoundJob {
  const isNew = response["job_id"] === undefined;
  const remote = jobFrom(isNew ? { ...response, job_id: 0 } : response, host);
  return {
    id: isNew ? "" : remote.id,
    name: optionalText(object(response["settings"])["name"]) ?? "Untitled",
    raw: object(response["settings"]),
    remote,
  };
}

/**
 * Reads an object that a job uses; undefined if it does not exist or is not visible to the caller.
 */
export async function readUsedObject(
  api: ReadClient,
  type: string,
  id: string,
): Promise<Attributes | undefined> {
  const remote = await unlessRefused(async () =>
    findKind(type)?.read(api, id, { known: {}, deep: true }),
  );
  return remote?.attributes;
}

export interface DownloadedArtifact {
  readonly type: ArtifactType;
  readonly bytes: Buffer;
  readonly extension: string;
}

const extensions: Readonly<Record<string, string>> = {
  PYTHON: ".py",
  SQL: ".sql",
  SCALA: ".scala",
  R: ".r",
};

/**
 * Downloads a notebook or file by its path without /Workspace or `dbfs:`; returns the reason if
 * that is impossible.
 */
export async function download(
  api: ReadClient,
  path: string,
  expectedType: ArtifactType,
): Promise<DownloadedArtifact | string> {
  try {
    if (expectedType === "databricks_dbfs_file")
      return { type: expectedType, bytes: await dbfsBytes(api, path), extension: "" };
    const status = object(await api.get("/api/2.0/workspace/get-status", { query: { path } }));
    const type = optionalText(status["object_type"]);
    if (type !== "NOTEBOOK" && type !== "FILE")
      return `it is a ${(type ?? "object without a type").toLowerCase()}, not a notebook or file`;
    const format = type === "NOTEBOOK" ? "SOURCE" : "AUTO";
    const bytes = await readAll(
      await api.download("/api/2.0/workspace/export", {
        query: { path, format, direct_download: true },
      }),
    );
    const extension = type === "NOTEBOOK" ? extensions[optionalText(status["language"]) ?? ""] : "";
    if (extension === undefined) return "the workspace does not return its language";
    return {
      type: type === "NOTEBOOK" ? "databricks_notebook" : "databricks_workspace_file",
      bytes,
      extension,
    };
  } catch (error) {
    if (isNotFound(error)) return "it does not exist in the workspace";
    if (isForbidden(error)) return "the token has no permission to export it";
    if (isInvalid(error)) return "the workspace does not export it";
    throw error;
  }
}

async function readAll(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Reads a DBFS file, which the API returns in pieces of up to one megabyte. */
async function dbfsBytes(api: ReadClient, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let offset = 0; ;) {
    const response = object(
      await api.get("/api/2.0/dbfs/read", { query: { path, offset, length: 1_000_000 } }),
    );
    const byteCount = number(response["bytes_read"]) ?? 0;
    if (byteCount === 0) return Buffer.concat(chunks);
    chunks.push(Buffer.from(optionalText(response["data"]) ?? "", "base64"));
    offset += byteCount;
  }
}

/**
 * Returns the result of a request; undefined if the object does not exist, or the platform rejects
 * the request as forbidden or invalid.
 */
export async function unlessRefused<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (isNotFound(error) || isForbidden(error) || isInvalid(error)) return undefined;
    throw error;
  }
}

/**
 * Runs `work` for each item, at most 16 at a time by default. Returns the results in the order of
 * the items.
 */
export async function concurrently<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  maxAtOnce = 16,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(maxAtOnce, items.length) }, worker));
  return results;
}

/** Returns the fields of a job that Terraform's schema lacks: `tasks.0.new_field`. */
export function fieldsBeyondSchema(
  raw: unknown,
  terraformValue: unknown,
  path = "",
): readonly string[] {
  if (Array.isArray(raw))
    return raw.flatMap((item, index) =>
      fieldsBeyondSchema(
        item,
        (Array.isArray(terraformValue) ? terraformValue : [])[index],
        `${path}${index}.`,
      ),
    );
  if (typeof raw !== "object" || raw === null) return [];
  return Object.entries(raw).flatMap(([name, value]) => {
    if (isEmpty(value)) return [];
    const isKnown =
      typeof terraformValue === "object" && terraformValue !== null && name in terraformValue;
    if (isKnown)
      return fieldsBeyondSchema(value, (terraformValue as Json)[name], `${path}${name}.`);
    return [`${path}${name}`];
  });
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === "" || value === 0 || value === false) return true;
  if (typeof value !== "object") return false;
  return Object.values(value).every(isEmpty);
}
