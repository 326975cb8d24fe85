/** Code shared by the library block of a cluster and `databricks_library`. */
import { blockOf } from "../shape/schema";
import { fromWire, unknownIn, withUnknown } from "../shape/shape";
import { listOf } from "../../api/transport/paging";
import { setTimeout as delay } from "node:timers/promises";
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import type { Attributes, WriteContext } from "../kind";
import { ensureRunning, waitUntilStable } from "./cluster-state";
import { isRefused } from "./or-missing";
import { object, objects, optionalText, type Json } from "../shape/json";

export interface LibraryStatus {
  readonly library: Json;
  readonly status: string;
  readonly messages: readonly string[];
}

/**
 * Returns the id of a library on a cluster, as in the official provider's states:
 * `pypi:requests==2.31.0`.
 */
export function libraryId(library: Json): string {
  const join = (block: unknown, ...fields: readonly string[]): string =>
    fields.map((field) => optionalText(object(block)[field]) ?? "").join("");
  if (optionalText(library["whl"])) return `whl:${optionalText(library["whl"]) ?? ""}`;
  if (optionalText(library["jar"])) return `jar:${optionalText(library["jar"]) ?? ""}`;
  if (join(library["pypi"], "package") !== "")
    return `pypi:${join(library["pypi"], "repo", "package")}`;
  if (join(library["maven"], "coordinates") !== "") {
    const exclusions = object(library["maven"])["exclusions"];
    return `mvn:${join(library["maven"], "repo", "coordinates")}${Array.isArray(exclusions) ? exclusions.join("") : ""}`;
  }
  if (optionalText(library["egg"])) return `egg:${optionalText(library["egg"]) ?? ""}`;
  if (join(library["cran"], "package") !== "")
    return `cran:${join(library["cran"], "repo", "package")}`;
  if (optionalText(library["requirements"]))
    return `requirements:${optionalText(library["requirements"]) ?? ""}`;
  return "unknown";
}

export async function libraryStatuses(
  api: ReadClient,
  clusterId: string,
  signal?: AbortSignal,
): Promise<readonly LibraryStatus[]> {
  const query = { cluster_id: clusterId };
  return statusesIn({
    library_statuses: await listOf(api, "/api/2.0/libraries/cluster-status", "library_statuses", {
      query,
      signal,
    }),
  });
}

/** Reads the libraries of all clusters with one call. Empty if the workspace refuses the call. */
export async function allLibraryStatuses(
  api: ReadClient,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly LibraryStatus[]>> {
  const clusterStatuses = await listOf(api, "/api/2.0/libraries/all-cluster-statuses", "statuses", {
    signal,
  }).catch((error: unknown) => {
    if (isRefused(error)) return [];
    throw error;
  });
  return new Map(
    clusterStatuses.map((item) => [optionalText(item["cluster_id"]) ?? "", statusesIn(item)]),
  );
}

function statusesIn(response: Json): readonly LibraryStatus[] {
  return objects(response["library_statuses"]).map((item) => ({
    library: object(item["library"]),
    status: optionalText(item["status"]) ?? "",
    messages: Array.isArray(item["messages"]) ? item["messages"].map(String) : [],
  }));
}

/** Returns the libraries without those that the next restart uninstalls. */
export function installedLibraries(statuses: readonly LibraryStatus[]): readonly LibraryStatus[] {
  return statuses.filter((installed) => installed.status !== "UNINSTALL_ON_RESTART");
}

const installingStates = new Set(["PENDING", "RESOLVING", "INSTALLING", "RESTORED"]);

/**
 * Waits until libraries are installed, or until the signal aborts.
 * @param ids the libraries to wait for; undefined for all
 * @throws LakeformError LIBRARY_FAILED with the message of each failed one
 */
export async function waitForLibraries(
  api: ReadClient,
  clusterId: string,
  ids?: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<void> {
  for (let wait = 1000; ; wait = Math.min(wait + 1000, 10_000)) {
    const statuses = (await libraryStatuses(api, clusterId)).filter(
      (installed) => ids === undefined || ids.has(libraryId(installed.library)),
    );
    if (!statuses.some((installed) => installingStates.has(installed.status))) {
      const failed = statuses.filter((installed) => installed.status === "FAILED");
      if (failed.length === 0) return;
      const texts = failed.map(
        (installed) => `${libraryId(installed.library)} failed: ${installed.messages.join(", ")}`,
      );
      throw new LakeformError(
        "LIBRARY_FAILED",
        `could not install libraries: ${texts.join("; ")}`,
        {
          value: clusterId,
          fix: "check the library's name, version and path, and that the cluster can reach its repository",
        },
      );
    }
    if (signal?.aborted === true) return;
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

export async function install(
  api: Client,
  clusterId: string,
  libraries: readonly Json[],
): Promise<void> {
  await api.post(
    "/api/2.0/libraries/install",
    { cluster_id: clusterId, libraries },
    { idempotent: true },
  );
}

export async function uninstall(
  api: Client,
  clusterId: string,
  libraries: readonly Json[],
): Promise<void> {
  await api.post(
    "/api/2.0/libraries/uninstall",
    { cluster_id: clusterId, libraries },
    { idempotent: true },
  );
}

/**
 * Installs and uninstalls libraries until the cluster has the desired ones. This requires a running
 * cluster: a terminated one is started, and terminated again.
 */
export async function changeLibraries(
  api: Client,
  id: string,
  previousLibraries: readonly Json[],
  desired: readonly Json[],
  context: WriteContext,
): Promise<void> {
  if (previousLibraries.length === 0 && desired.length === 0) return;
  // Like the official provider, compare with the libraries on the cluster, not with the state.
  const installed = (await libraryStatuses(api, id)).map((library) => library.library);
  const sortedDifference = (libraries: readonly Json[], excluded: readonly Json[]): Json[] => {
    const excludedIds = new Set(excluded.map(libraryId));
    return libraries
      .filter((item) => !excludedIds.has(libraryId(item)))
      .sort((a, b) => (libraryId(a) < libraryId(b) ? -1 : 1));
  };
  const [added, removed] = [
    sortedDifference(desired, installed),
    sortedDifference(installed, desired),
  ];
  if (added.length === 0 && removed.length === 0) {
    await waitUntilStable(api, id, context.signal);
    return;
  }
  const started = await ensureRunning(api, id, context.signal);
  if (removed.length > 0) await uninstall(api, id, removed);
  if (added.length > 0) await install(api, id, added);
  await waitForLibraries(api, id, undefined, context.signal);
  // This call terminates the cluster, but does not remove it.
  if (started) await api.post("/api/2.1/clusters/delete", { cluster_id: id }, { idempotent: true });
}

/** Converts a library on the wire to a block in Terraform's state. */
export function libraryBlock(library: Json): Attributes {
  const wrapped = (field: string, ...names: readonly string[]): Attributes[] => {
    const value = library[field];
    if (value === undefined || value === null) return [];
    const block: Attributes = {};
    for (const name of names)
      block[name] = (object(value)[name] as Attributes[string] | undefined) ?? null;
    return [block];
  };
  const textField = (field: string): string | null => optionalText(library[field]) ?? null;
  const attributes = {
    egg: textField("egg"),
    jar: textField("jar"),
    whl: textField("whl"),
    requirements: textField("requirements"),
    pypi: wrapped("pypi", "package", "repo"),
    maven: wrapped("maven", "coordinates", "exclusions", "repo"),
    cran: wrapped("cran", "package", "repo"),
  };
  return withUnknown<Attributes>(
    attributes,
    unknownIn(fromWire(blockOf("databricks_library"), library)),
  );
}
