import { listOf } from "../../api/transport/paging";
import type { ReadClient } from "../../api/client";
import { isApiError } from "../../api/transport/errors";
import { LakeformError } from "../../errors";
import type { Attributes, Kind, Remote } from "../kind";
import { clearingValues } from "../shape/cleared-fields";
import { sameName } from "../shape/shape";
import { orMissing } from "../families/or-missing";
import { createOnce } from "../families/create-once";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { compact, idText, object, optionalText, type Json } from "../shape/json";
import { noRules } from "../shape/rules";

function remote(item: Json): Remote {
  const attributes: Attributes = {
    git_provider: optionalText(item.git_provider) ?? "",
    git_username: optionalText(item.git_username) ?? "",
  };
  for (const field of ["git_email", "name"])
    if (optionalText(item[field]) !== undefined)
      attributes[field] = optionalText(item[field]) ?? null;
  if (typeof item.is_default_for_provider === "boolean")
    attributes.is_default_for_provider = item.is_default_for_provider;
  return { id: idText(item.credential_id, "credential_id"), attributes };
}

function body(planned: Attributes): Record<string, unknown> {
  const {
    git_provider,
    git_username,
    git_email,
    personal_access_token,
    name,
    is_default_for_provider,
  } = planned;
  return compact({
    git_provider,
    git_username,
    git_email,
    personal_access_token,
    name,
    is_default_for_provider,
  });
}

/** Returns the query for a service principal's credential. Calls without it affect the caller's. */
function principalQuery({ principal_id: id }: Attributes): {
  readonly query?: Readonly<Record<string, string>>;
} {
  return typeof id === "number" || typeof id === "string"
    ? { query: { principal_id: String(id) } }
    : {};
}

/** Whether a create failed because the user already has a credential, or one of this provider. */
function isDuplicate(error: unknown): boolean {
  return (
    isApiError(error) &&
    (error.status === 409 ||
      /Only one (Git credential is supported|credential per provider is allowed)/.test(
        error.workspaceMessage,
      ))
  );
}

const url = "/api/2.0/git-credentials";
const tokenVariables = ["GITHUB_TOKEN", "GITLAB_TOKEN", "AZDO_PERSONAL_ACCESS_TOKEN"];

/** Finds the credential of a lost create; undefined if none or several match. */
async function findLostCredential(
  api: ReadClient,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<Json | undefined> {
  const credentials = await listOf(api, url, "credentials", { signal, ...principalQuery(planned) });
  const matches = credentials.filter(
    (item) =>
      sameName(optionalText(item.git_provider) ?? null, planned.git_provider ?? null) &&
      item.git_username === planned.git_username,
  );
  return matches.length === 1 ? matches[0] : undefined;
}

export const gitCredential: Kind = {
  type: "databricks_git_credential",
  traits: { secret: true, foundInList: {}, unmanagedTitle: "the git credentials" },
  title: "git credential",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "git_provider") === ""
        ? undefined
        : `provider:${textOrEmpty(attributes, "git_provider").toLowerCase()}`,
  },
  rules: {
    ...noRules,
    backendDefaults: {
      is_default_for_provider: {
        reason: "the only credential of a provider is its default",
        when: (value) => value === true,
      },
      name: { reason: "the platform names a credential after its provider", when: () => true },
    },
    unverifiable: { personal_access_token: "REST never returns the token" },
    configOnly: {
      force: "controls Terraform when a credential already exists",
      principal_id: "a parameter of each call",
    },
    equivalent: { git_provider: sameName },
  },
  // The API accepts a provider name in upper or lower case, and returns its own spelling.
  suppress: { git_provider: sameName },
  // The default of the official provider: the first of these variables that is set.
  defaults: {
    personal_access_token: () =>
      tokenVariables
        .map((name) => process.env[name])
        .find((value) => value !== undefined && value !== "") ?? null,
  },
  async read(api, id, options) {
    const { signal, known } = options;
    return orMissing(
      api.get(`${url}/${encodeURIComponent(id)}`, { signal, ...principalQuery(known) }),
      (response) => remote(object(response)),
    );
  },
  async *list(api, _within, signal) {
    yield* (await listOf(api, url, "credentials", { signal })).map(remote);
  },
  toState: (remoteObject, before, why) => {
    const state: Attributes = { ...before };
    // Fields that the configuration omits are not read, except by an import.
    for (const [field, value] of Object.entries(remoteObject.attributes)) {
      if (why === "import" ? value !== "" : before[field] !== null && before[field] !== undefined)
        state[field] = value;
    }
    return state;
  },
  async create(api, planned, context) {
    const { signal } = context;
    try {
      const response = await createOnce(
        {
          objectKey: `git credential ${textOrEmpty(planned, "git_provider")} ${textOrEmpty(planned, "git_username")}`,
          create: (recover) =>
            api.post(url, body(planned), { recover, signal, ...principalQuery(planned) }),
          find: () => findLostCredential(api, planned, signal),
        },
        api,
        context.pending,
      );
      return { id: remote(object(response)).id };
    } catch (error) {
      if (!isDuplicate(error) || planned.force !== true) throw error;
    }
    const credentials = (
      await listOf(api, url, "credentials", { signal, ...principalQuery(planned) })
    ).map(remote);
    const [existing] =
      credentials.length === 1
        ? credentials
        : credentials.filter((remote) =>
            sameName(remote.attributes.git_provider ?? null, planned.git_provider ?? null),
          );
    if (existing === undefined) {
      throw new LakeformError(
        "NO_CREDENTIAL_TO_REPLACE",
        "a git credential exists already, but none of this provider was found to replace",
        {
          value: `${credentials.length} credentials`,
          fix: "import the credential, or delete the unneeded ones",
        },
      );
    }
    await api.patch(`${url}/${existing.id}`, body(planned), {
      idempotent: true,
      signal,
      ...principalQuery(planned),
    });
    return { id: existing.id };
  },
  async update(api, id, prior, planned, context) {
    const { name, is_default_for_provider } = planned;
    // Send removed values explicitly, because the platform keeps omitted ones.
    const removedValues = {
      ...(textOrEmpty(prior, "name") !== "" && textOrEmpty(planned, "name") === ""
        ? { name: name ?? "" }
        : {}),
      ...(prior.is_default_for_provider === true && is_default_for_provider !== true
        ? { is_default_for_provider: false }
        : {}),
    };
    await api.patch(
      `${url}/${id}`,
      { ...body(planned), ...removedValues },
      { idempotent: true, signal: context.signal, ...principalQuery(planned) },
    );
    return { id };
  },
  async delete(api, id, prior, context) {
    await api.delete(`${url}/${id}`, { signal: context.signal, ...principalQuery(prior) });
  },
  async restore(api, id, desired, context) {
    const unsetValues = {
      git_username: "",
      git_email: "",
      name: "",
      is_default_for_provider: false,
    };
    await api.patch(
      `${url}/${id}`,
      { ...body(desired), ...clearingValues(context, unsetValues) },
      { idempotent: true, signal: context.signal, ...principalQuery(desired) },
    );
  },
  removal: (remoteObject) => apiCommand("DELETE", `${url}/${remoteObject.id}`),
};
