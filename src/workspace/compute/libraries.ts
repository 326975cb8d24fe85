import { invalid, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { Principal } from "../principal-records";
import type { WorkspaceApp } from "../routes";
import { timingOf } from "../timing";
import { clustersOf } from "./clusters";
import type { Cluster } from "./cluster-state";

interface InstalledLibrary {
  readonly library: JsonObject;
  /** When the installation was requested. */
  readonly since: number;
  /** Whether the library is uninstalled at the next restart. */
  readonly uninstall?: boolean;
}

const KINDS = ["jar", "egg", "whl", "requirements", "pypi", "maven", "cran"];

/** Routes of `/api/2.0/libraries/…`. */
export function libraryRoutes(app: WorkspaceApp): void {
  const clusters = clustersOf(app);
  const libraries = app.store.collection<InstalledLibrary>("libraries");
  const currentTiming = timingOf(app);
  // The status of a library is computed from the cluster's state and the clock.
  const renderStatus = (
    cluster: Cluster,
    { library, since, uninstall }: InstalledLibrary,
  ): object => {
    const installStart = Math.max(since, cluster.last_restarted_time ?? 0);
    const isRunning = cluster.state === "RUNNING" || cluster.state === "RESIZING";
    const isReady = app.clock.now() >= installStart + currentTiming().library_install_ms;
    const state =
      uninstall === true
        ? "UNINSTALL_ON_RESTART"
        : !isRunning
          ? "PENDING"
          : isReady
            ? "INSTALLED"
            : "INSTALLING";
    return { library, status: state, is_library_for_all_clusters: false };
  };
  const renderStatuses = (cluster: Cluster): object[] =>
    libraries
      .values({ prefix: [cluster.cluster_id] })
      .map((library) => renderStatus(cluster, library));
  const requireCluster = (input: Fields, caller: Principal, level: string): Cluster => {
    const cluster = clusters.mustFind(input.string("cluster_id"));
    app.permissions.require(caller, "cluster", cluster.cluster_id, level);
    return cluster;
  };

  for (const action of ["install", "uninstall"] as const)
    app.post(["2.0"], `/libraries/${action}`, async ({ input, caller }) => {
      const requestedLibraries = parseLibraries(input);
      await app.store.write(() => {
        const cluster = requireCluster(input, caller, "CAN_MANAGE");
        for (const library of requestedLibraries) {
          const existing = libraries
            .range({ prefix: [cluster.cluster_id] })
            .find((entry) => canonicalJson(entry.value.library) === canonicalJson(library));
          if (action === "install") {
            const key = existing?.key ?? [cluster.cluster_id, app.store.nextId("library")];
            if (existing === undefined || existing.value.uninstall === true)
              libraries.put(key, { library, since: app.clock.now() });
          } else if (existing !== undefined) {
            if (cluster.state === "TERMINATED") libraries.remove(existing.key);
            else libraries.put(existing.key, { ...existing.value, uninstall: true });
          }
        }
      });
      return undefined;
    });
  app.get(["2.0"], "/libraries/cluster-status", ({ input, caller }) => {
    const cluster = requireCluster(input, caller, "CAN_ATTACH_TO");
    const libraryStatuses = renderStatuses(cluster);
    return {
      cluster_id: cluster.cluster_id,
      ...(libraryStatuses.length === 0 ? {} : { library_statuses: libraryStatuses }),
    };
  });
  app.get(["2.0"], "/libraries/all-cluster-statuses", ({ caller }) => {
    const clusterStatuses = clusters
      .all()
      .filter(({ cluster_id }) =>
        app.permissions.allows(caller, "cluster", cluster_id, "CAN_ATTACH_TO"),
      )
      .map((cluster) => ({
        cluster_id: cluster.cluster_id,
        library_statuses: renderStatuses(cluster),
      }))
      .filter(({ library_statuses }) => library_statuses.length > 0);
    return clusterStatuses.length === 0 ? {} : { statuses: clusterStatuses };
  });
}

function parseLibraries(input: Fields): JsonObject[] {
  const libraries = input.list("libraries");
  if (libraries.length === 0) throw invalid("Missing required field: libraries");
  return libraries.map(({ values }) => {
    const kinds = Object.keys(values).filter(
      (name) => values[name] !== undefined && values[name] !== null,
    );
    const [kind = ""] = kinds;
    if (kinds.length !== 1 || !KINDS.includes(kind))
      throw invalid(`A library must have exactly one of ${KINDS.join(", ")}`);
    const fields = new Fields(values);
    if (kind === "pypi" || kind === "cran") fields.fields(kind).string("package");
    else if (kind === "maven") fields.fields(kind).string("coordinates");
    else fields.string(kind);
    return values;
  });
}

/** Returns a key that is equal for equal libraries, regardless of the order of fields. */
function canonicalJson(library: JsonObject): string {
  return JSON.stringify(library, (_name, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
