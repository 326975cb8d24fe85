import { wholeNumber } from "../../exact-json";
import { orMissing } from "../families/or-missing";
import { bindingsOf, bindingsUrl } from "../families/workspace-bindings";
import type { Attributes, Binding, Kind, Remote } from "../kind";
import { valueProblems } from "../shape/allowed-values";
import { exactNumber } from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { textOrEmpty } from "../shape/attributes";
import { type Json } from "../shape/json";
import { acceptAny, noRules } from "../shape/rules";

/** Parses the id `<workspace>|<type>|<name>`. Older states have hyphens in the type. */
function parseId(id: string): {
  readonly workspace: string;
  readonly type: string;
  readonly name: string;
} {
  const [workspace = "", type = "", ...name] = id.split("|");
  return { workspace, type: type.replaceAll("-", "_"), name: name.join("|") };
}

const nameOf = (attributes: Attributes): string =>
  textOrEmpty(attributes, "securable_name") || textOrEmpty(attributes, "catalog_name");
const typeOf = (attributes: Attributes): string =>
  textOrEmpty(attributes, "securable_type") || "catalog";
const idOf = (attributes: Attributes): string =>
  `${workspaceOf(attributes)}|${typeOf(attributes)}|${nameOf(attributes)}`;
const workspaceOf = ({ workspace_id: id }: Attributes): string =>
  typeof id === "number" || typeof id === "string" ? String(id) : "";

/** Returns the binding as an item of a request. */
function bindingRequestOf(attributes: Attributes): Json {
  const binding_type = textOrEmpty(attributes, "binding_type");
  return {
    workspace_id: wholeNumber(workspaceOf(attributes)),
    ...(binding_type !== "" && { binding_type }),
  };
}

function remote(id: string, { binding_type }: Binding): Remote {
  const { workspace, type, name } = parseId(id);
  return {
    id,
    attributes: {
      id,
      workspace_id: exactNumber(workspace),
      securable_type: type,
      securable_name: name,
      binding_type,
    },
  };
}

/**
 * Allows a workspace to use an isolated catalog, location or credential. Every change replaces
 * the binding.
 */
export const workspaceBinding: Kind = {
  type: "databricks_workspace_binding",
  title: "workspace binding",
  traits: { grantsPermissions: true },
  identity: {
    naturalKey: (attributes) =>
      nameOf(attributes) === "" || workspaceOf(attributes) === ""
        ? undefined
        : `binding:${idOf(attributes)}`,
  },
  rules: {
    ...noRules,
    backendDefaults: {
      securable_name: acceptAny("the catalog's name, if the code sets catalog_name"),
    },
    configOnly: { catalog_name: "the old name of securable_name" },
  },
  validate: (config) =>
    valueProblems(config, {
      securable_type: ["catalog", "external_location", "storage_credential", "credential"],
      binding_type: ["BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"],
    }),
  async read(api, id, { signal }) {
    const { workspace, type, name } = parseId(id);
    const bindings = await orMissing(
      bindingsOf(api, type, name, signal),
      (response) => response as readonly Binding[],
    );
    const ownBinding = bindings?.find(({ workspace_id }) => workspace_id === workspace);
    return ownBinding === undefined ? undefined : remote(id, ownBinding);
  },
  async create(api, planned, { signal }) {
    await api.patch(
      bindingsUrl(typeOf(planned), nameOf(planned)),
      { add: [bindingRequestOf(planned)] },
      { idempotent: true, signal },
    );
    return { id: idOf(planned) };
  },
  async delete(api, id, prior, { signal }) {
    const { type, name } = parseId(id);
    await api.patch(
      bindingsUrl(type, name),
      { remove: [bindingRequestOf(prior)] },
      { idempotent: true, signal },
    );
  },
  async restore(api, _id, desired, { signal }) {
    await api.patch(
      bindingsUrl(typeOf(desired), nameOf(desired)),
      { add: [bindingRequestOf(desired)] },
      { idempotent: true, signal },
    );
  },
  removal: ({ id }) => {
    const { workspace, type, name } = parseId(id);
    return apiCommand("PATCH", bindingsUrl(type, name), {
      remove: [{ workspace_id: wholeNumber(workspace) }],
    });
  },
};
