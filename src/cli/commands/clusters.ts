import { setTimeout as delay } from "node:timers/promises";
import { Command } from "commander";
import { outputStyle } from "../terminal";
import type { Connection } from "../../api";
import { Clusters, ClustersReader, type Cluster } from "../../api/families/clusters";
import { all } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import { renderListing } from "../../run/format";
import { printable } from "../../printable";
import type { Io, MakeCommand } from "../io";
import { emit, openRest, withRestFlags, type RestFlags } from "../rest";

export const command: MakeCommand = (io) =>
  new Command("clusters")
    .description("List, start and stop clusters")
    .addCommand(
      withRestFlags(new Command("list"))
        .description("List the clusters of the workspace")
        .addHelpText("after", "\nExample: lakeform clusters list --on dev")
        .action(async (flags: RestFlags) => {
          const { client } = await openRest(io, flags);
          const clusters = await all(new ClustersReader(client).list());
          const rows = clusters.map((cluster) => [
            cluster.cluster_id,
            cluster.state ?? "",
            workerCount(cluster),
            cluster.node_type_id ?? "",
            cluster.spark_version ?? "",
            cluster.cluster_name ?? "",
          ]);
          const text = renderListing(
            "no clusters",
            ["ID", "STATE", "WORKERS", "NODE TYPE", "SPARK", "NAME"],
            rows,
            outputStyle(io).width,
          );
          emit(io, flags, { schema: "lakeform/clusters/1", clusters }, text);
        }),
    )
    .addCommand(stateCommand(io, "start"))
    .addCommand(stateCommand(io, "stop"))
    .addHelpText(
      "after",
      "\nstart and stop wait until the cluster is running or terminated; with --no-wait they return immediately.\nExamples:\n  lakeform clusters list --on dev\n  lakeform clusters start etl-interactive --timeout 600\n  lakeform clusters stop etl-interactive --no-wait",
    );

interface ChangeFlags extends RestFlags {
  readonly wait: boolean;
}

const stateCommand = (io: Io, verb: "start" | "stop"): Command =>
  withRestFlags(new Command(verb))
    .description(
      verb === "start"
        ? "Start a terminated cluster"
        : "Terminate a cluster; its definition is kept",
    )
    .addHelpText(
      "after",
      verb === "start"
        ? "\nExample: lakeform clusters start etl-interactive --timeout 600"
        : "\nExample: lakeform clusters stop etl-interactive --no-wait",
    )
    .argument("<cluster>", "cluster id or name")
    .option("--no-wait", "return without waiting")
    .action(async (nameOrId: string, flags: ChangeFlags) => {
      const { client } = await openRest(io, flags);
      const cluster = await findCluster(client, nameOrId);
      const goal = verb === "start" ? "RUNNING" : "TERMINATED";
      const clusters = new Clusters(client);
      const towardsGoal =
        verb === "start"
          ? ["RUNNING", "PENDING", "RESTARTING", "RESIZING"]
          : ["TERMINATED", "TERMINATING"];
      if (!towardsGoal.includes(cluster.state ?? ""))
        await (verb === "start"
          ? clusters.start(cluster.cluster_id)
          : clusters.terminate(cluster.cluster_id));
      const current = flags.wait
        ? await waitForState(io, clusters, cluster.cluster_id, goal, flags)
        : await clusters.get(cluster.cluster_id);
      emit(
        io,
        flags,
        { schema: "lakeform/cluster/1", cluster: current },
        `${printable(current.cluster_name ?? current.cluster_id)}: ${current.state ?? ""}`,
      );
    });

async function waitForState(
  io: Io,
  clusters: Clusters,
  id: string,
  goal: string,
  flags: RestFlags,
): Promise<Cluster> {
  const deadline = flags.timeout === undefined ? Infinity : Date.now() + flags.timeout * 1000;
  let lastLine = "";
  for (let pause = 250; ; pause = Math.min(5000, pause * 1.5)) {
    const current = await clusters.get(id);
    if (current.state === goal) return current;
    if (
      goal === "RUNNING" &&
      (current.state === "ERROR" ||
        current.state === "TERMINATED" ||
        current.state === "TERMINATING")
    ) {
      throw new LakeformError("CLUSTER_NOT_STARTED", "the cluster did not start", {
        value: printable(`${id}: ${current.state} ${current.state_message ?? ""}`.trim()),
        fix: "check its events in the workspace",
      });
    }
    const line =
      `${current.cluster_name ?? id}: ${current.state ?? ""} ${current.state_message ?? ""}`.trimEnd();
    if (flags.quiet !== true && line !== lastLine) io.stderr.write(`${printable(line)}\n`);
    lastLine = line;
    if (Date.now() + pause >= deadline) {
      throw new LakeformError(
        "CLUSTER_NOT_READY",
        `timed out waiting for the cluster to be ${goal}; the request is still in progress`,
        {
          value: `${id}: ${current.state ?? ""}`,
          fix: "increase --timeout, or check again: lakeform clusters list",
        },
      );
    }
    await delay(pause);
  }
}

async function findCluster(client: Connection, nameOrId: string): Promise<Cluster> {
  const clusters = await all(new ClustersReader(client).list());
  const byId = clusters.find((cluster) => cluster.cluster_id === nameOrId);
  if (byId !== undefined) return byId;
  const clustersWithName = clusters.filter((cluster) => cluster.cluster_name === nameOrId);
  const [first, second] = clustersWithName;
  if (first === undefined) {
    throw new LakeformError("UNKNOWN_CLUSTER", "no such cluster in this workspace", {
      value: nameOrId,
      allowed:
        clusters
          .map((cluster) => printable(cluster.cluster_name ?? cluster.cluster_id))
          .join(", ") || "there are none",
      fix: "check the name: lakeform clusters list",
    });
  }
  if (second !== undefined)
    throw new LakeformError(
      "AMBIGUOUS_CLUSTER",
      `${clustersWithName.length} clusters have this name`,
      {
        value: nameOrId,
        allowed: clustersWithName.map((cluster) => cluster.cluster_id).join(", "),
        fix: "use the cluster's id instead of its name",
      },
    );
  return first;
}

const workerCount = (cluster: Cluster): string =>
  cluster.autoscale === undefined
    ? String(cluster.num_workers ?? "")
    : `${cluster.autoscale.min_workers}-${cluster.autoscale.max_workers}`;
