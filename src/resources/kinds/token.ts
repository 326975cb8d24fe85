import { listOf } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import type { Client, ReadClient } from "../../api/client";
import { workspaceNow } from "../../api/transport/clock";
import type { Kind, LostCreate, Remote } from "../kind";
import { createOnce, createdSince } from "../families/create-once";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, number, object, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";

function remote(info: Json): Remote {
  const id = optionalText(info.token_id) ?? "";
  return {
    id,
    attributes: {
      token_id: id,
      comment: optionalText(info.comment) ?? "",
      creation_time: number(info.creation_time) ?? 0,
      expiry_time: number(info.expiry_time) ?? 0,
    },
  };
}

async function listTokens(api: ReadClient, signal?: AbortSignal): Promise<readonly Remote[]> {
  return (await listOf(api, "/api/2.0/token/list", "token_infos", { signal })).map(remote);
}

/**
 * Revokes the token of a lost create, because its value was in the response.
 * @returns undefined, so that another token is created
 */
async function revokeLostToken(
  api: Client,
  comment: string,
  lostCreate: LostCreate,
): Promise<undefined> {
  const candidates = (await listTokens(api)).filter(
    (remote) =>
      remote.attributes.comment === comment &&
      createdSince(api, remote.attributes.creation_time, lostCreate),
  );
  const matches =
    lostCreate.id === undefined
      ? candidates
      : candidates.filter((remote) => remote.id === lostCreate.id);
  // With several matches, it is unclear which one was lost.
  if (matches.length === 1)
    await api.post("/api/2.0/token/delete", { token_id: matches[0]?.id }, { removes: true });
  return undefined;
}

/**
 * Whether a token has expired. It then counts as deleted, although the list may still contain it.
 * The expiry is in milliseconds; -1 and 0 mean never.
 */
function isExpired(remoteObject: Remote, host: string): boolean {
  const expiry = remoteObject.attributes.expiry_time;
  return typeof expiry === "number" && expiry > 0 && expiry < workspaceNow(host);
}

export const token: Kind = {
  type: "databricks_token",
  traits: { secret: true, foundInList: {}, unmanagedTitle: "the tokens" },
  title: "token",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "comment") === ""
        ? undefined
        : `comment:${textOrEmpty(attributes, "comment")}`,
  },
  rules: {
    ...noRules,
    unverifiable: {
      lifetime_seconds: "REST returns the expiry of the token, not the requested lifetime",
    },
  },
  async read(api, id, options) {
    const remoteObject = (await listTokens(api, options.signal)).find((remote) => remote.id === id);
    return remoteObject === undefined || isExpired(remoteObject, api.host)
      ? undefined
      : remoteObject;
  },
  async *list(api, _within, signal) {
    yield* await listTokens(api, signal);
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    const body = compact({ lifetime_seconds: planned.lifetime_seconds, comment: planned.comment });
    const response = object(
      await createOnce(
        {
          objectKey: `token ${JSON.stringify(body)}`,
          create: (recover) =>
            api.post("/api/2.0/token/create", body, { recover, signal: context.signal }),
          find: (lostCreate) => revokeLostToken(api, textOrEmpty(planned, "comment"), lostCreate),
        },
        api,
        context.pending,
      ),
    );
    const value = optionalText(response.token_value);
    if (value === undefined)
      throw new LakeformError(
        "NO_TOKEN",
        "the workspace created a token but did not return its value",
        {
          fix: "revoke the new token (lakeform tokens list, lakeform tokens revoke ID), then deploy again",
        },
      );
    const result = remote(object(response.token_info));
    return { id: result.id, attributes: { ...result.attributes, token_value: value } };
  },
  async delete(api, id, _prior, context) {
    await api.post(
      "/api/2.0/token/delete",
      { token_id: id },
      { removes: true, signal: context.signal },
    );
  },
  removal: (remoteObject) =>
    apiCommand("POST", "/api/2.0/token/delete", { token_id: remoteObject.id }),
};
