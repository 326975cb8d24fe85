import type { Client } from "../../api/client";
import { checkMetastore, unityCatalog } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import type { Attributes, Kind } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText } from "../shape/json";
import { noRules, platformFields } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { fromWire, toWire } from "../shape/shape";

const type = "databricks_artifact_allowlist";
const urlOf = (id: string): string =>
  `${unityCatalog}/artifact-allowlists/${encodeURIComponent(id.slice(id.indexOf("|") + 1))}`;
const wireOptions = { names: { artifact_matcher: "artifact_matchers" } };

/** Replaces the list. @returns the state id */
async function put(
  api: Client,
  attributes: Attributes,
  matchers: readonly unknown[],
  signal?: AbortSignal,
): Promise<string> {
  await checkMetastore(api, attributes, signal);
  const artifact = textOrEmpty(attributes, "artifact_type");
  const response = await api.put(
    urlOf(artifact),
    { artifact_matchers: matchers },
    { idempotent: true, signal },
  );
  return `${optionalText(object(response).metastore_id) ?? ""}|${artifact}`;
}

const matchersOf = (attributes: Attributes): readonly unknown[] => {
  const { artifact_matchers: matchers } = toWire(blockOf(type), attributes, wireOptions);
  return Array.isArray(matchers) ? matchers : [];
};

/** The init scripts and libraries that shared clusters may use. */
export const artifactAllowlist: Kind = {
  type,
  title: "artifact allowlist",
  traits: { grantsPermissions: true, createAdopts: true },
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "artifact_type") === ""
        ? undefined
        : `type:${textOrEmpty(attributes, "artifact_type")}`,
  },
  rules: {
    ...noRules,
    backendDefaults: platformFields("created_at", "created_by", "metastore_id"),
    keyed: { artifact_matcher: "*" },
  },
  validate: (config) =>
    valueProblems(config, {
      artifact_type: ["INIT_SCRIPT", "LIBRARY_JAR", "LIBRARY_MAVEN"],
      "artifact_matcher.match_type": ["PREFIX_MATCH"],
    }),
  read: (api, id, { signal }) =>
    orMissing(api.get(urlOf(id), { signal }), (response) => {
      const artifact_type = id.slice(id.indexOf("|") + 1);
      return {
        id,
        attributes: {
          ...fromWire(blockOf(type), { ...object(response), artifact_type }, wireOptions),
          id,
        },
      };
    }),
  async create(api, planned, { signal }) {
    return { id: await put(api, planned, matchersOf(planned), signal) };
  },
  async update(api, id, _prior, planned, { signal }) {
    await put(api, planned, matchersOf(planned), signal);
    return { id };
  },
  async restore(api, _id, desired, { signal }) {
    await put(api, desired, matchersOf(desired), signal);
  },
  async delete(api, id, prior, { signal }) {
    await put(api, { ...prior, artifact_type: id.slice(id.indexOf("|") + 1) }, [], signal);
  },
  // Keep an empty list, which differs from an absent one.
  toState: (remote, before, _why, fresh) => ({
    ...stateOf(blockOf(type), before, remote, fresh),
    artifact_matcher: remote.attributes.artifact_matcher ?? [],
  }),
  removal: ({ id }) => apiCommand("PUT", urlOf(id), { artifact_matchers: [] }),
};
