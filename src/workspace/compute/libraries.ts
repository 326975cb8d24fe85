import { invalid, type JsonObject } from "../errors";
import { Fields } from "../fields";
import type { WorkspaceApp } from "../routes";
import { timing } from "../timing";
import { clustersOf } from "./clusters";
import type { Cluster } from "./cluster-state";

interface Installed {
  readonly library: JsonObject;
  readonly since: number;
  /** Whether the library is uninstalled at the next restart. */
  readonly uninstall?: boolean;
}

const KINDS = ["jar", "egg", "whl", "requirements", "pypi", "maven", "cran"];

/** `/api/2.0/libraries/…` */
export function libraryRoutes(app: WorkspaceApp): void {
  const clusters = clustersOf(app);
  const libraries = app.store.collection<Installed>("libraries");
  const times = timing(app);
  // The status of a library is computed from the cluster's state and the clock.
  const status = (cluster: Cluster, { library, since, uninstall }: Installed): object => {
    const installStart = Math.max(since, cluster.last_restarted_time ?? 0);
    const running = cluster.state === "RUNNING" || cluster.state === "RESIZING";
    const ready = app.clock.now() >= installStart + times().library_install_ms;
    const state =
      uninstall === true
        ? "UNINSTALL_ON_RESTART"
        : !running
          ? "PENDING"
          : ready
            ? "INSTALLED"
            : "INSTALLING";
    return { library, status: state, is_library_for_all_clusters: false };
  };
  const statuses = (cluster: Cluster): object[] =>
    libraries.values({ prefix: [cluster.cluster_id] }).map((each) => status(cluster, each));
  const named = (
    input: Fields,
    caller: Parameters<typeof app.permissions.require>[0],
    level: string,
  ): Cluster => {
    const cluster = clusters.need(input.string("cluster_id"));
    app.permissions.require(caller, "cluster", cluster.cluster_id, level);
    return cluster;
  };

  for (const action of ["install", "uninstall"] as const)
    app.post(["2.0"], `/libraries/${action}`, async ({ input, caller }) => {
      const wanted = librariesIn(input);
      await app.store.write(() => {
        const cluster = named(input, caller, "CAN_MANAGE");
        const onCluster = libraries.range({ prefix: [cluster.cluster_id] });
        for (const library of wanted) {
          const existing = onCluster.find(
            (each) => canonical(each.value.library) === canonical(library),
          );
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
    const cluster = named(input, caller, "CAN_ATTACH_TO");
    const found = statuses(cluster);
    return {
      cluster_id: cluster.cluster_id,
      ...(found.length === 0 ? {} : { library_statuses: found }),
    };
  });
  app.get(["2.0"], "/libraries/all-cluster-statuses", ({ caller }) => {
    const all = clusters
      .all()
      .filter(({ cluster_id }) =>
        app.permissions.allows(caller, "cluster", cluster_id, "CAN_ATTACH_TO"),
      )
      .map((cluster) => ({ cluster_id: cluster.cluster_id, library_statuses: statuses(cluster) }))
      .filter(({ library_statuses }) => library_statuses.length > 0);
    return all.length === 0 ? {} : { statuses: all };
  });
}

function librariesIn(input: Fields): JsonObject[] {
  const wanted = input.list("libraries");
  if (wanted.length === 0) throw invalid("Missing required field: libraries");
  return wanted.map(({ values }) => {
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
function canonical(library: JsonObject): string {
  return JSON.stringify(library, (_name, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
