/**
 * Calls `workspace/import` like the official provider: with base64 content in JSON, and again after
 * creating a missing folder.
 */
import type { Client } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { createdSince } from "./create-once";
import { orMissing } from "./or-missing";
import { exactInteger, object } from "../shape/json";
import { parentOf } from "../shape/paths";

export interface ImportBody {
  readonly content: string;
  readonly path: string;
  readonly language?: string;
  readonly format: string;
  readonly overwrite?: boolean;
}

/** @returns the object's id, if the response contains it */
export async function importObject(
  api: Client,
  body: ImportBody,
  signal?: AbortSignal,
): Promise<number | string | undefined> {
  const { path } = body;
  const started = Date.now();
  // Without `overwrite`, the call succeeds only if the path is unused. So an object at this path that
  // is not older than the call was created by it.
  const recover = async (): Promise<unknown> => {
    const response = await orMissing(
      api.get("/api/2.0/workspace/get-status", { query: { path }, signal }),
      object,
    );
    return response !== undefined && createdSince(api, response.created_at, { started })
      ? response
      : undefined;
  };
  const options = body.overwrite === true ? { idempotent: true, signal } : { recover, signal };
  const send = async (): Promise<number | string | undefined> =>
    exactInteger(object(await api.post("/api/2.0/workspace/import", body, options)).object_id);
  try {
    return await send();
  } catch (error) {
    if (!isApiError(error) || !/parent folder .* does not exist/i.test(error.workspaceMessage))
      throw error;
    await api.post(
      "/api/2.0/workspace/mkdirs",
      { path: parentOf(body.path) },
      { idempotent: true, signal },
    );
    return send();
  }
}
