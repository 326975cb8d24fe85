import { LakeformError } from "../../errors";
import { createOnce } from "../families/create-once";
import { orMissing } from "../families/or-missing";
import type { Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, object, optionalText } from "../shape/json";
import { noRules } from "../shape/rules";

const path = "/api/2.0/token-management/tokens";
const url = (id: string): string => `${path}/${encodeURIComponent(id)}`;

/** A token on behalf of a service principal. */
export const oboToken: Kind = {
  type: "databricks_obo_token",
  title: "on-behalf-of token",
  traits: { secret: true, lostOnDestroy: "token of a service principal" },
  identity: { naturalKey: () => undefined },
  rules: {
    ...noRules,
    configOnly: {
      application_id: "the platform returns the numeric id of the owner, not its application id",
    },
    unverifiable: {
      lifetime_seconds: "the platform returns the expiry of the token, not the requested lifetime",
      token_value: "returned only once",
    },
  },
  async read(api, id, { signal }) {
    const response = await orMissing(api.get(url(id), { signal }), (response) =>
      object(object(response).token_info),
    );
    return response === undefined
      ? undefined
      : { id, attributes: { id, comment: optionalText(response.comment) ?? "" } };
  },
  async create(api, planned, { signal, pending }) {
    const body = compact({
      application_id: textOrEmpty(planned, "application_id"),
      comment: planned.comment,
      lifetime_seconds: planned.lifetime_seconds,
    });
    const create = (recover: () => Promise<unknown>): Promise<unknown> =>
      api.post("/api/2.0/token-management/on-behalf-of/tokens", body, { recover, signal });
    // If the response was lost, the token cannot be identified, and its value is lost.
    const find = (): Promise<undefined> => Promise.resolve(undefined);
    const response = object(
      await createOnce(
        { objectKey: `token of ${textOrEmpty(planned, "application_id")}`, create, find },
        api,
        pending,
      ),
    );
    const [id, token_value] = [
      optionalText(object(response.token_info).token_id),
      optionalText(response.token_value),
    ];
    if (id === undefined || token_value === undefined)
      throw new LakeformError(
        "NO_TOKEN",
        "the workspace created a token but did not return its value",
        {
          fix: "revoke the new token of the service principal (lakeform api GET 2.0/token-management/tokens), then deploy again",
        },
      );
    return { id, attributes: { token_value } };
  },
  async delete(api, id, _prior, { signal }) {
    await api.delete(url(id), { signal });
  },
  toState: ({ id, attributes: { comment } }, before) => ({
    ...before,
    id,
    ...(comment !== "" && { comment: comment ?? null }),
  }),
  removal: ({ id }) => apiCommand("DELETE", url(id)),
};
