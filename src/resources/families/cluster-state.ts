/** Reads clusters, and brings them into the state that a call requires. */
import { setTimeout as delay } from "node:timers/promises";
import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { orMissing } from "./or-missing";
import { object, optionalText, type Json } from "../shape/json";

export async function getCluster(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Json | undefined> {
  return orMissing(api.get("/api/2.1/clusters/get", { query: { cluster_id: id }, signal }), object);
}

/**
 * Waits until a cluster has a state.
 * @throws LakeformError CLUSTER_FAILED if it cannot reach that state, INTERRUPTED if the signal
 * aborts
 */
export async function waitForCluster(
  api: ReadClient,
  id: string,
  target: "RUNNING" | "TERMINATED",
  signal?: AbortSignal,
): Promise<Json> {
  const failureStates = new Set(
    target === "RUNNING" ? ["TERMINATED", "ERROR", "UNKNOWN"] : ["ERROR", "UNKNOWN"],
  );
  for (let wait = 1000; ; wait = Math.min(wait + 1000, 10_000)) {
    const response = object(await api.get("/api/2.1/clusters/get", { query: { cluster_id: id } }));
    const state = optionalText(response["state"]) ?? "";
    if (state === target) return response;
    if (failureStates.has(state)) {
      const message = optionalText(response["state_message"]) ?? "";
      throw new LakeformError(
        "CLUSTER_FAILED",
        `failed to reach ${target}, got ${state}: ${message}`,
        {
          value: id,
          fix: "see the cluster's event log in the workspace",
        },
      );
    }
    if (signal?.aborted === true)
      throw new LakeformError(
        "INTERRUPTED",
        `stopped while waiting for the cluster to be ${target}`,
        { value: id, fix: "deploy again" },
      );
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}

/**
 * Waits until the cluster neither starts nor stops, because it cannot be edited during a
 * transition.
 */
export async function waitUntilStable(
  api: ReadClient,
  id: string,
  signal?: AbortSignal,
): Promise<Json> {
  const response = object(await api.get("/api/2.1/clusters/get", { query: { cluster_id: id } }));
  const state = optionalText(response["state"]);
  if (state === "PENDING" || state === "RESTARTING" || state === "RESIZING")
    return waitForCluster(api, id, "RUNNING", signal);
  if (state === "TERMINATING") return waitForCluster(api, id, "TERMINATED", signal);
  return response;
}

/** Starts the cluster if it is not running, and waits. @returns whether this call started it */
export async function ensureRunning(
  api: Client,
  id: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const wireObject = await waitUntilStable(api, id, signal);
  if (wireObject["state"] === "RUNNING") return false;
  // The platform rejects a second start of a cluster that is starting.
  const recover = async (): Promise<unknown> => {
    const { state } = object(await api.get("/api/2.1/clusters/get", { query: { cluster_id: id } }));
    return state === "TERMINATED" ? undefined : {};
  };
  await api.post("/api/2.1/clusters/start", { cluster_id: id }, { recover });
  await waitForCluster(api, id, "RUNNING", signal);
  return true;
}
