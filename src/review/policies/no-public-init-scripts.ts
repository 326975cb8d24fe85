import { isObject, text } from "../plan/json";
import type { Policy } from "./policy";
import { blocks, clustersOf } from "./shape";

const riskyLocations: readonly (readonly [RegExp, string])[] = [
  [/^dbfs:\/(?!Volumes\/)/, "every workspace user can overwrite it"],
  [/^\/?(Workspace\/)?Shared\//, "every workspace user can overwrite it"],
  [/^\/?(Workspace\/)?Users\//, "the owner of the user folder can overwrite it"],
  [/^https?:\/\//, "it is downloaded from the network"],
];

export const noPublicInitScripts: Policy = {
  id: "no-public-init-scripts",
  title: "init scripts are stored where only their owners can change them",
  severity: "error",
  explanation:
    "An init script runs as root on every node. Everyone who can write it controls the cluster and each credential on it.",
  fix: "keep the script in a Unity Catalog volume, or in a workspace folder with its own permissions",
  types: ["databricks_job", "databricks_cluster"],
  check: (resource) =>
    clustersOf(resource).flatMap(({ where, cluster }) =>
      blocks(cluster.init_scripts).flatMap((script) =>
        Object.values(script).flatMap((location) => {
          const destination =
            isObject(location) || Array.isArray(location)
              ? text(blocks(location)[0]?.destination)
              : undefined;
          const risk = riskyLocations.find(
            ([pattern]) => destination !== undefined && pattern.test(destination),
          )?.[1];
          return risk === undefined || destination === undefined
            ? []
            : [{ where: `${where}init_scripts`, message: `${destination}: ${risk}` }];
        }),
      ),
    ),
  examples: {
    good: {
      type: "databricks_cluster",
      config: { init_scripts: [{ volumes: { destination: "/Volumes/main/ops/init/setup.sh" } }] },
    },
    bad: {
      type: "databricks_cluster",
      config: { init_scripts: [{ workspace: { destination: "/Shared/setup.sh" } }] },
    },
  },
};
