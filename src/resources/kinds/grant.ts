import { LakeformError } from "../../errors";
import type { Attributes, Kind, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import {
  createGrants,
  grantsUrl,
  samePrivilege,
  securableProblems,
  privilegesOf,
  readGrants,
  securableFields,
  securableKey,
  securableOf,
  setGrants,
  splitSecurable,
  type Grants,
  type Securable,
} from "../families/privileges";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { noRules } from "../shape/rules";

/** Splits an id. A principal's name may contain slashes, a securable's name does not. */
function splitId(id: string): readonly [Securable, string] {
  const [type = "", name = "", ...principal] = id.split("/");
  if (principal.length === 0) {
    throw new LakeformError("BAD_ID", "not the id of a grant", {
      value: id,
      allowed: "type/name/principal, e.g. schema/main.default/data-team",
      fix: "import with an id of this form",
    });
  }
  return [splitSecurable(`${type}/${name}`), principal.join("/")];
}

function grantsOf(planned: Attributes): Grants {
  return new Map([[textOrEmpty(planned, "principal"), privilegesOf(planned.privileges)]]);
}

function samePrivileges(a: Value | undefined, b: Value | undefined): boolean {
  const normalized = (value: Value | undefined): string =>
    [...new Set(privilegesOf(value))].sort().join();
  return normalized(a) === normalized(b);
}

export const grant: Kind = {
  type: "databricks_grant",
  traits: { grantsPermissions: true, createAdopts: true },
  title: "grant",
  identity: {
    naturalKey: (attributes) => {
      const [securable, principal] = [
        securableOf(attributes),
        textOrEmpty(attributes, "principal"),
      ];
      return securable === undefined || principal === ""
        ? undefined
        : `securable+principal:${securableKey(securable)}/${principal}`;
    },
  },
  rules: { ...noRules, keyed: { privileges: "*" }, equivalent: { privileges: samePrivilege } },
  validate: securableProblems,
  suppress: { privileges: samePrivileges },
  async read(api, id, options) {
    const [securable, principal] = splitId(id);
    const grants = await orMissing(
      readGrants(api, securable, options.signal),
      (value) => value as Grants,
    );
    const privileges = grants?.get(principal);
    if (privileges === undefined) return undefined;
    // Keep the argument in the code: a model, for example, can also be named as a function.
    const field =
      securableFields.find((name) => textOrEmpty(options.known, name) !== "") ?? securable.argument;
    return { id, attributes: { [field]: securable.name, principal, privileges: [...privileges] } };
  },
  toState(remote: Remote, before, why) {
    const importedFields = why === "import" ? remote.attributes : {};
    const privileges = samePrivileges(remote.attributes.privileges, before.privileges)
      ? before.privileges
      : remote.attributes.privileges;
    return { ...before, ...importedFields, privileges: privileges ?? [] };
  },
  async create(api, planned, context) {
    const securable = securableOf(planned);
    if (securable === undefined)
      throw new Error("a grant without a securable passed the validation");
    return {
      id: await createGrants(
        api,
        securable,
        grantsOf(planned),
        textOrEmpty(planned, "principal"),
        context.signal,
      ),
    };
  },
  async update(api, id, _prior, planned, context) {
    const [securable, principal] = splitId(id);
    await setGrants(api, securable, grantsOf(planned), principal, context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    const [securable, principal] = splitId(id);
    await setGrants(api, securable, new Map(), principal, context.signal);
  },
  async restore(api, id, desired, context) {
    const [securable, principal] = splitId(id);
    await setGrants(api, securable, grantsOf(desired), principal, context.signal);
  },
  importId(argument) {
    const [{ argument: field, name }, principal] = splitId(argument);
    return { id: argument, attributes: { [field]: name, principal } };
  },
  removal(remote) {
    const [securable, principal] = splitId(remote.id);
    return apiCommand("PATCH", grantsUrl(securable), {
      changes: [{ principal, remove: privilegesOf(remote.attributes.privileges) }],
    });
  },
};
