import { listOf } from "../../api/transport/paging";
import { LakeformError } from "../../errors";
import type { Client, ReadClient } from "../../api/client";
import { workspaceNow } from "../../api/transport/clock";
import { inTurn } from "../../api/transport/in-turn";
import type { Attributes, Kind, LostCreate, Remote } from "../kind";
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

/** The tokens that this process has created, and which are therefore not lost. */
const createdIds = new WeakMap<Client, Set<string>>();

/** Maximum milliseconds from the start of a create until the token exists. */
const maxCreateMs = 10 * 60_000;

/**
 * Revokes the token of a lost create, because its value was in the response. A token that another
 * process may have created stays: only one token may match, with this comment and lifetime, created
 * by the caller during the lost call.
 * @returns undefined, so that another token is created
 */
async function revokeLostToken(
  api: Client,
  planned: Attributes,
  lostCreate: LostCreate,
): Promise<undefined> {
  const comment = textOrEmpty(planned, "comment");
  const afterCall = { ...lostCreate, started: lostCreate.started + maxCreateMs };
  const candidates = (await listTokens(api)).filter(
    ({ id, attributes }) =>
      createdIds.get(api)?.has(id) !== true &&
      attributes.comment === comment &&
      hasLifetime(attributes, number(planned.lifetime_seconds)) &&
      createdSince(api, attributes.creation_time, lostCreate) &&
      !createdSince(api, attributes.creation_time, afterCall),
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

/** Whether a token can have been requested with this lifetime; 0 means that none was requested. */
function hasLifetime(
  { creation_time: created, expiry_time: expiry }: Attributes,
  lifetimeSeconds = 0,
): boolean {
  const lifetime = (number(expiry) ?? 0) - (number(created) ?? 0);
  return lifetimeSeconds <= 0 || Math.abs(lifetime - lifetimeSeconds * 1000) < 60_000;
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
  // Creates with the same comment wait for each other, so that none revokes another's token.
  create: (api, planned, context) =>
    inTurn(api, `token ${textOrEmpty(planned, "comment")}`, async () => {
      const body = compact({
        lifetime_seconds: planned.lifetime_seconds,
        comment: planned.comment,
      });
      const response = object(
        await createOnce(
          {
            objectKey: `token ${JSON.stringify(body)}`,
            create: (recover) =>
              api.post("/api/2.0/token/create", body, { recover, signal: context.signal }),
            find: (lostCreate) => revokeLostToken(api, planned, lostCreate),
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
      createdIds.set(api, (createdIds.get(api) ?? new Set<string>()).add(result.id));
      return { id: result.id, attributes: { ...result.attributes, token_value: value } };
    }),
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
