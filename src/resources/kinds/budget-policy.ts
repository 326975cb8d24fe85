import { accountPath, inAccount } from "../families/account";
import { byId, urls } from "../families/by-id";
import { restoreByUpdate } from "../families/restore-by-update";
import type { Attributes, Value } from "../kind";
import { removedFields } from "../shape/cleared-fields";
import { setByPlatform } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { wholeState } from "../shape/sdk-state";

const type = "databricks_budget_policy";
export const reservedTags = [
  "budget-policy-name",
  "budget-policy-id",
  "budget-policy-resolution-result",
];
/** The values that clear fields, because an update keeps fields that it does not contain. */
const emptyValues: Attributes = { binding_workspace_ids: [], custom_tags: [] };

function tagProblem(tags: Value | undefined): string | undefined {
  const keys = (Array.isArray(tags) ? tags : []).flatMap((tag) => {
    const key =
      typeof tag === "object" && tag !== null && !Array.isArray(tag) ? tag["key"] : undefined;
    return typeof key === "string" ? [key] : [];
  });
  const duplicate = keys.find((key, index) => keys.indexOf(key) !== index);
  const reservedKey = keys.find((key) => reservedTags.includes(key));
  if (duplicate !== undefined) return `the tag ${JSON.stringify(duplicate)} is set twice`;
  return reservedKey === undefined
    ? undefined
    : `the tag ${JSON.stringify(reservedKey)} is reserved by the platform`;
}

const base = byId({
  type,
  title: "budget policy",
  traits: { idAttribute: "policy_id", readFromList: [], foundInList: {} },
  calls: urls(`${accountPath}/budget-policies`),
  idField: "policy_id",
  nameField: "policy_name",
  items: "policies",
  // A create sends the fields in `policy`, an update sends them with the id at the top level.
  body: (fields, { policy_id = null }, prior) => {
    if (prior === undefined) return { policy: fields };
    const cleared = removedFields(emptyValues, prior, fields);
    return { ...fields, ...(policy_id !== null && { policy_id }), ...cleared };
  },
  asCreateRequest: (item) => ({ policy: item }),
  rules: {
    keyed: { custom_tags: "key", binding_workspace_ids: "*" },
    backendDefaults: { policy_id: setByPlatform("the id of the policy") },
  },
  toState: (remote, before) => wholeState(blockOf(type), before, remote, []),
  validate: ({ custom_tags }) => {
    const message = tagProblem(custom_tags);
    return message === undefined ? [] : [{ path: "custom_tags", message }];
  },
});

/** A policy that sets the tags of serverless compute in the account's billing records. */
export const budgetPolicy = inAccount({ ...base, restore: restoreByUpdate(base) });
