import { ensureRunning } from "../families/cluster-state";
import { orMissing } from "../families/or-missing";
import type { Attributes, Kind, Value } from "../kind";
import {
  allLibraryStatuses,
  install,
  libraryBlock,
  libraryId,
  libraryStatuses,
  installedLibraries,
  uninstall,
  waitForLibraries,
  type LibraryStatus,
} from "../families/libraries";
import { schemaOf } from "../shape/schema";
import { toWire } from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { type Json } from "../shape/json";
import { noRules } from "../shape/rules";

/**
 * Converts a library to a request. Its blocks are unlimited lists in the schema, but the API
 * accepts only one of each.
 */
function toRequest(libraryAttributes: Attributes): Json {
  const isBlock = (value: Value): boolean =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  const attributes = Object.fromEntries(
    Object.entries(libraryAttributes).map(([field, value]) => [
      field,
      isBlock(value) ? [value] : value,
    ]),
  );
  const schema = schemaOf("databricks_library");
  if (schema === undefined) throw new Error("the schema has no databricks_library");
  const result = toWire(schema.block, attributes, { absent: new Set(["id", "cluster_id"]) });
  return Object.fromEntries(
    Object.entries(result).map(([field, value]) => [
      field,
      Array.isArray(value) ? (value[0] as unknown) : value,
    ]),
  );
}

async function findInstalled(
  statuses: Promise<readonly LibraryStatus[]>,
  id: string,
): Promise<LibraryStatus | undefined> {
  // A library of a missing cluster is also missing.
  return orMissing(statuses, (response) =>
    installedLibraries(response as readonly LibraryStatus[]).find(
      (library) => libraryId(library.library) === id,
    ),
  );
}

export const library: Kind = {
  type: "databricks_library",
  traits: {
    foundInList: { container: "cluster_id" },
    idContainer: "cluster_id",
    unmanagedTitle: "the libraries of the clusters",
  },
  title: "library",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "cluster_id") === ""
        ? undefined
        : `cluster+library:${textOrEmpty(attributes, "cluster_id")}|||${libraryId(toRequest(attributes))}`,
  },
  rules: noRules,
  async read(api, id, options) {
    const clusterId = textOrEmpty(options.known, "cluster_id");
    const installed = await findInstalled(libraryStatuses(api, clusterId, options.signal), id);
    return installed === undefined
      ? undefined
      : {
          id,
          attributes: { cluster_id: clusterId, id, ...libraryBlock(installed.library) },
          extraState: { status: installed.status },
        };
  },
  /** Lists the libraries of a cluster or, without an id, of all clusters. */
  async *list(api, clusterId, signal) {
    const clusters =
      clusterId === undefined
        ? await allLibraryStatuses(api, signal)
        : new Map([[clusterId, await libraryStatuses(api, clusterId, signal)]]);
    for (const [cluster_id, statuses] of clusters) {
      for (const { library: entry } of installedLibraries(statuses)) {
        const id = libraryId(entry);
        yield { id, attributes: { cluster_id, id, ...libraryBlock(entry) } };
      }
    }
  },
  // Keep the configured values, because a library has no properties except its name.
  toState: (remote, before) => ({ ...before, id: remote.id }),
  async create(api, planned, context) {
    const clusterId = textOrEmpty(planned, "cluster_id");
    const request = toRequest(planned);
    const id = libraryId(request);
    await ensureRunning(api, clusterId, context.signal);
    await install(api, clusterId, [request]);
    await waitForLibraries(api, clusterId, new Set([id]), context.signal);
    return { id, readAfter: false };
  },
  async delete(api, id, prior, context) {
    const clusterId = textOrEmpty(prior, "cluster_id");
    await ensureRunning(api, clusterId, context.signal);
    const installed = (await libraryStatuses(api, clusterId)).find(
      (library) => libraryId(library.library) === id,
    );
    if (installed !== undefined) await uninstall(api, clusterId, [installed.library]);
  },
  async restore(api, _id, desired, context) {
    const clusterId = textOrEmpty(desired, "cluster_id");
    await ensureRunning(api, clusterId, context.signal);
    await install(api, clusterId, [toRequest(desired)]);
  },
  removal: (remote) =>
    apiCommand("POST", "/api/2.0/libraries/uninstall", {
      cluster_id: textOrEmpty(remote.attributes, "cluster_id"),
      libraries: [toRequest(remote.attributes)],
    }),
};
