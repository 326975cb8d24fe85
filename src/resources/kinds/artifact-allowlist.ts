import type { Client } from "../../api/client";
import { checkMetastore, unityCatalog } from "../families/metastore";
import { orMissing } from "../families/or-missing";
import type { Attributes, Kind } from "../kind";
import { refusedValues } from "../shape/allowed-values";
import { apiCommand, noRules, object, str, text, platformFields } from "../shape/json";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { fromWire, toWire } from "../shape/shape";

const type = "databricks_artifact_allowlist";
const at = (id: string): string =>
  `${unityCatalog}/artifact-allowlists/${encodeURIComponent(id.slice(id.indexOf("|") + 1))}`;
const names = { names: { artifact_matcher: "artifact_matchers" } };

async function put(
  api: Client,
  attributes: Attributes,
  matchers: readonly unknown[],
  signal?: AbortSignal,
): Promise<string> {
  await checkMetastore(api, attributes, signal);
  const artifact = str(attributes, "artifact_type");
  const answer = await api.put(
    at(artifact),
    { artifact_matchers: matchers },
    { idempotent: true, signal },
  );
  return `${text(object(answer).metastore_id) ?? ""}|${artifact}`;
}

const matchersOf = (attributes: Attributes): readonly unknown[] => {
  const { artifact_matchers: matchers } = toWire(blockOf(type), attributes, names);
  return Array.isArray(matchers) ? matchers : [];
};

/** The init scripts and libraries that shared clusters may use. */
export const artifactAllowlist: Kind = {
  type,
  title: "artifact allowlist",
  traits: { rights: true, takenOver: true },
  identity: {
    naturalKey: (attributes) =>
      str(attributes, "artifact_type") === ""
        ? undefined
        : `type:${str(attributes, "artifact_type")}`,
  },
  rules: {
    ...noRules,
    backendDefaults: platformFields("created_at", "created_by", "metastore_id"),
    keyed: { artifact_matcher: "*" },
  },
  validate: (config) =>
    refusedValues(config, {
      artifact_type: ["INIT_SCRIPT", "LIBRARY_JAR", "LIBRARY_MAVEN"],
      "artifact_matcher.match_type": ["PREFIX_MATCH"],
    }),
  read: (api, id, { signal }) =>
    orMissing(api.get(at(id), { signal }), (found) => {
      const artifact_type = id.slice(id.indexOf("|") + 1);
      return {
        id,
        attributes: { ...fromWire(blockOf(type), { ...object(found), artifact_type }, names), id },
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
  toState: (found, before, _why, fresh) => ({
    ...stateOf(blockOf(type), before, found, fresh),
    artifact_matcher: found.attributes.artifact_matcher ?? [],
  }),
  removal: ({ id }) => apiCommand("PUT", at(id), { artifact_matchers: [] }),
};
