/** Versions of objects: an object with an equal version has not changed. */
import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import type { Remote } from "../kind";
import { text, type Json } from "../shape/json";
import { unityCatalog } from "./metastore";

/**
 * Returns the version of an object.
 * @param time the time of its last change in milliseconds, by the clock of the workspace
 * @param others values that also differ between versions
 */
export function versionOf(time: unknown, ...others: readonly unknown[]): Pick<Remote, "version"> {
  return typeof time !== "number" || time <= 0 ? {} : { version: [time, ...others].join("|") };
}

/**
 * How long an object can change again without a new version, in milliseconds: the unit of its time.
 * A whole second is assumed to come from a clock without milliseconds.
 */
export function unitOf(version: string): number {
  return Number(version.split("|")[0]) % 1000 === 0 ? 1000 : 1;
}

/**
 * Lists the versions of the objects in a schema that no call can change: Unity Catalog lists online
 * tables and vector search indexes among the tables, and a new object has a new `table_id`.
 * @param schema `catalog.schema`; without it there is no list
 */
export async function* tableVersions(
  api: ReadClient,
  schema: string | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Remote> {
  const [catalog_name, schema_name] = schema?.split(".") ?? [];
  if (catalog_name === undefined || schema_name === undefined) return;
  const query = { catalog_name, schema_name, omit_columns: "true", omit_properties: "true" };
  const path = `${unityCatalog}/tables`;
  for await (const found of byToken<Json>(api, { path, items: "tables", query, signal }))
    if (text(found.table_id) !== undefined)
      yield {
        id: text(found.full_name) ?? "",
        attributes: {},
        ...versionOf(found.created_at, found.table_id),
      };
}
