import { LakeformError } from "../../errors";
import { createOnce } from "../families/create-once";
import { orMissing } from "../families/or-missing";
import type { Kind } from "../kind";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, object, objects, optionalText, copyFields } from "../shape/json";
import { noRules } from "../shape/rules";

const url = (principal: string): string =>
  `/api/2.0/accounts/servicePrincipals/${encodeURIComponent(principal)}/credentials/secrets`;
const computedFields = ["create_time", "expire_time", "secret_hash", "status", "update_time"];
const returnedOnce = "returned only once";

/** A secret with which a service principal logs in. */
export const servicePrincipalSecret: Kind = {
  type: "databricks_service_principal_secret",
  title: "service principal secret",
  traits: { secret: true, lostOnDestroy: "login secret", idContainer: "service_principal_id" },
  identity: { naturalKey: () => undefined },
  rules: {
    ...noRules,
    backendDefaults: Object.fromEntries(
      computedFields.map((field) => [field, { reason: "set by the platform", when: () => true }]),
    ),
    unverifiable: {
      secret: returnedOnce,
      lifetime: "the platform returns the expiry, not the lifetime",
    },
    configOnly: { time_rotating: "a change creates a new secret; not stored in the workspace" },
  },
  async read(api, id, { known, signal }) {
    const principal = textOrEmpty(known, "service_principal_id");
    const response = await orMissing(api.get(url(principal), { signal }), (response) =>
      objects(object(response).secrets).find((item) => item.id === id),
    );
    return response === undefined
      ? undefined
      : {
          id,
          attributes: {
            id,
            service_principal_id: principal,
            ...copyFields(response, computedFields),
          },
        };
  },
  async create(api, planned, { signal, pending }) {
    const principal = textOrEmpty(planned, "service_principal_id");
    const body = compact({ lifetime: textOrEmpty(planned, "lifetime") || undefined });
    const create = (recover: () => Promise<unknown>): Promise<unknown> =>
      api.post(url(principal), body, { recover, signal });
    // If the response was lost, the secret cannot be identified, and its value is lost.
    const find = (): Promise<undefined> => Promise.resolve(undefined);
    const response = object(
      await createOnce(
        { objectKey: `secret of service principal ${principal}`, create, find },
        api,
        pending,
      ),
    );
    const id = optionalText(response.id);
    if (id === undefined)
      throw new LakeformError(
        "NO_SECRET",
        "the workspace created a secret but did not return its id",
        {
          value: `service principal ${principal}`,
          fix: "delete the new secret of this service principal in the account console, then deploy again",
        },
      );
    return { id, attributes: copyFields(response, [...computedFields, "secret"]) };
  },
  async delete(api, id, prior, { signal }) {
    await api.delete(
      `${url(textOrEmpty(prior, "service_principal_id"))}/${encodeURIComponent(id)}`,
      {
        signal,
      },
    );
  },
  toState: ({ attributes }, before) => ({
    ...before,
    ...Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null)),
  }),
  importId: (argument) => {
    const [principal = "", id = ""] = argument.split("|");
    return { id, attributes: { service_principal_id: principal } };
  },
  removal: ({ id, attributes }) =>
    apiCommand("DELETE", `${url(textOrEmpty(attributes, "service_principal_id"))}/${id}`),
};
