import { setTimeout as delay } from "node:timers/promises";
import type { ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { object, type Json } from "../shape/json";
import { orMissing } from "./or-missing";

/**
 * Waits for an object that the platform builds in the background. Also returns if the object does
 * not exist, which the next read reports.
 * @param stateOf returns true if the object is ready, or the platform's message if it failed
 * @throws LakeformError OBJECT_FAILED, INTERRUPTED
 */
export async function untilReady(
  api: ReadClient,
  path: string,
  stateOf: (item: Json) => boolean | string,
  title: string,
  signal?: AbortSignal,
): Promise<void> {
  for await (const wireObject of readRepeatedly(api, path, title, signal)) {
    const state = wireObject === undefined || stateOf(wireObject);
    if (state === true) return;
    if (typeof state === "string")
      throw new LakeformError("OBJECT_FAILED", `${title} failed: ${state}`, {
        fix: "fix the cause, then deploy again",
      });
  }
}

/**
 * Waits until an object no longer exists, because its name cannot be used before.
 * @throws LakeformError INTERRUPTED
 */
export async function untilGone(
  api: ReadClient,
  path: string,
  title: string,
  signal?: AbortSignal,
): Promise<void> {
  for await (const wireObject of readRepeatedly(api, path, title, signal))
    if (wireObject === undefined) return;
}

async function* readRepeatedly(
  api: ReadClient,
  path: string,
  title: string,
  signal?: AbortSignal,
): AsyncIterable<Json | undefined> {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    yield await orMissing(api.get(path, { signal }), object);
    if (signal?.aborted === true)
      throw new LakeformError("INTERRUPTED", `stopped while waiting for ${title}`, {
        fix: "deploy again",
      });
    await delay(wait, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  }
}
