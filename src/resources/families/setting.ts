/**
 * Kinds for workspace settings at `/api/2.0/settings/types/<type>/names/default`, each with an
 * e-tag. The workspace rejects a change with an old e-tag and returns the current one in the error;
 * the change is then repeated once, as by the official provider.
 */
import type { Client } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { defined } from "../../defined";
import type { Attributes, Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";
import { noRules, platformFields } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { fromWire, toWire } from "../shape/shape";
import { orMissing } from "./or-missing";

export interface Setting extends Pick<Kind, "validate"> {
  readonly type: string;
  readonly title: string;
  /** The type in the URL. */
  readonly name: string;
  /** The field mask of a change. */
  readonly mask: string;
  /** The block on the wire that a destroy sends, if REST cannot delete the setting. */
  readonly disabledValue?: Readonly<Record<string, unknown>>;
  readonly rules?: Partial<Kind["rules"]>;
}

/**
 * Makes a call with the known e-tag. If that is outdated, repeats the call with the current one.
 */
async function withEtag<T>(currentEtag: string, call: (etag: string) => Promise<T>): Promise<T> {
  try {
    return await call(currentEtag);
  } catch (error) {
    if (!isApiError(error) || error.etag === undefined || error.etag === currentEtag) throw error;
    return call(error.etag);
  }
}

export function setting(spec: Setting): Kind {
  const { type, title, name, mask, disabledValue } = spec;
  const path = `/api/2.0/settings/types/${name}/names/default`;
  const write = async (
    api: Client,
    desired: Readonly<Record<string, unknown>>,
    currentEtag: string,
    signal?: AbortSignal,
  ): Promise<Attributes> => {
    const response = await withEtag(currentEtag, (etag) => {
      const sent = { ...desired, setting_name: "default", ...(etag !== "" && { etag }) };
      return api.patch(
        path,
        { allow_missing: true, setting: sent, field_mask: mask },
        { idempotent: true, signal },
      );
    });
    return { etag: optionalText(object(response).etag) ?? "" };
  };
  const requestBody = (attributes: Attributes): Record<string, unknown> =>
    toWire(blockOf(type), attributes, { absent: new Set(["id", "etag", "setting_name"]) });
  return {
    type,
    title,
    traits: { grantsPermissions: true, createAdopts: true },
    identity: { naturalKey: () => `setting:${name}` },
    rules: {
      ...noRules,
      ...spec.rules,
      backendDefaults: {
        ...platformFields("etag", "setting_name"),
        ...spec.rules?.backendDefaults,
      },
    },
    ...defined({ validate: spec.validate }),
    read: (api, id, { signal }) =>
      orMissing(api.get(path, { signal }), (response) => ({
        id,
        attributes: { ...fromWire(blockOf(type), object(response)), id },
      })),
    async create(api, planned, { signal }) {
      return { id: "global", attributes: await write(api, requestBody(planned), "", signal) };
    },
    async update(api, id, prior, planned, { signal }) {
      return {
        id,
        attributes: await write(api, requestBody(planned), textOrEmpty(prior, "etag"), signal),
      };
    },
    async restore(api, _id, desired, { signal }) {
      await write(api, requestBody(desired), "", signal);
    },
    async delete(api, _id, prior, { signal }) {
      const currentEtag = textOrEmpty(prior, "etag");
      if (disabledValue !== undefined) await write(api, disabledValue, currentEtag, signal);
      else
        await withEtag(currentEtag, (etag) =>
          api.delete(path, { query: etag === "" ? {} : { etag }, signal }),
        );
    },
    removal: () =>
      disabledValue === undefined
        ? apiCommand("DELETE", path)
        : apiCommand("PATCH", path, {
            allow_missing: true,
            setting: { ...disabledValue, setting_name: "default" },
            field_mask: mask,
          }),
  };
}
