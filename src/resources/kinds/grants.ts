import type { Attributes, Kind, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import {
  createGrants,
  grantsUrl,
  samePrivilege,
  securableProblems,
  privilegesOf,
  readGrants,
  sameGrants,
  securableFields,
  securableKey,
  securableOf,
  setGrants,
  splitSecurable,
  type Grants,
} from "../families/privileges";
import { apiCommand } from "../shape/api-command";
import { blocks, textOrEmpty } from "../shape/attributes";
import { noRules } from "../shape/rules";

/** Converts the `grant` blocks to a map. */
function grantsIn(attributes: Attributes): Grants {
  return new Map(
    blocks(attributes, "grant").map((grant) => [
      textOrEmpty(grant, "principal"),
      privilegesOf(grant.privileges),
    ]),
  );
}

function asBlocks(grants: Grants): Value {
  return [...grants].map(([principal, privileges]) => ({ principal, privileges: [...privileges] }));
}

export const grants: Kind = {
  type: "databricks_grants",
  traits: { grantsPermissions: true, createAdopts: true },
  title: "grants",
  identity: {
    naturalKey: (attributes) => {
      const securable = securableOf(attributes);
      return securable === undefined ? undefined : `securable:${securableKey(securable)}`;
    },
  },
  rules: {
    ...noRules,
    keyed: { grant: "principal", "grant.privileges": "*" },
    equivalent: { "grant.privileges": samePrivilege },
  },
  validate: securableProblems,
  suppress: {
    grant: (before, after) => sameGrants(grantsIn({ grant: before }), grantsIn({ grant: after })),
  },
  async read(api, id, options) {
    const securable = splitSecurable(id);
    const currentGrants = await orMissing(
      readGrants(api, securable, options.signal),
      (value) => value as Grants,
    );
    if (currentGrants === undefined || currentGrants.size === 0) return undefined;
    // Keep the argument in the code: a model, for example, can also be named as a function.
    const field =
      securableFields.find((name) => textOrEmpty(options.known, name) !== "") ?? securable.argument;
    return { id, attributes: { [field]: securable.name, grant: asBlocks(currentGrants) } };
  },
  // Keep the spelling of the configuration if it is equivalent.
  toState(remote: Remote, before, why) {
    const current = grantsIn(remote.attributes);
    const importedFields = why === "import" ? remote.attributes : {};
    return {
      ...before,
      ...importedFields,
      grant: sameGrants(current, grantsIn(before)) ? (before.grant ?? []) : asBlocks(current),
    };
  },
  async create(api, planned, context) {
    const securable = securableOf(planned);
    if (securable === undefined)
      throw new Error("grants without a securable passed the validation");
    return {
      id: await createGrants(api, securable, grantsIn(planned), undefined, context.signal),
    };
  },
  async update(api, id, _prior, planned, context) {
    await setGrants(api, splitSecurable(id), grantsIn(planned), undefined, context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    await setGrants(api, splitSecurable(id), new Map(), undefined, context.signal);
  },
  restore: (api, id, desired, context) =>
    setGrants(api, splitSecurable(id), grantsIn(desired), undefined, context.signal),
  importId(argument) {
    const { argument: field, name } = splitSecurable(argument);
    return { id: argument, attributes: { [field]: name } };
  },
  removal(remote) {
    const changes = [...grantsIn(remote.attributes)].map(([principal, remove]) => ({
      principal,
      remove,
    }));
    return apiCommand("PATCH", grantsUrl(splitSecurable(remote.id)), { changes });
  },
};
