/** Versions of objects. An object has not changed if its version is equal. */
import type { ReadClient } from "../../api/client";
import { byToken } from "../../api/transport/paging";
import type { Remote } from "../kind";
import { optionalText, type Json } from "../shape/json";
import { unityCatalog } from "./metastore";

/**
 * Returns the version of an object.
 * @param time the time of the last change, in milliseconds, by the clock of the workspace
 * @param otherValues values that also differ between versions
 */
export function versionOf(
  time: unknown,
  ...otherValues: readonly unknown[]
): Pick<Remote, "version"> {
  return typeof time !== "number" || time <= 0 ? {} : { version: [time, ...otherValues].join("|") };
}

/**
 * Returns the unit of the time in a version, in milliseconds. Two changes within this unit have the
 * same version. A whole second is assumed to come from a clock that counts seconds.
 */
export function timeUnitOf(version: string): number {
  return Number(version.split("|")[0]) % 1000 === 0 ? 1000 : 1;
}

/**
 * Lists the versions of the online tables and vector search indexes in a schema. Unity Catalog lists
 * them among the tables. No call changes them, and a new object has a new `table_id`.
 * @param schema `catalog.schema`; nothing is listed if it is undefined or incomplete
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
  for await (const table of byToken<Json>(api, { path, items: "tables", query, signal }))
    if (optionalText(table.table_id) !== undefined)
      yield {
        id: optionalText(table.full_name) ?? "",
        attributes: {},
        ...versionOf(table.created_at, table.table_id),
      };
}
