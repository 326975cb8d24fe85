/**
 * `/api/2.1/accounts/<account>/budget-policies`: policies that tag serverless usage in the
 * account's bills.
 */
import { invalid, missing } from "../errors";
import { RestStore, pickFields } from "../rest-objects";
import type { Call, WorkspaceApp } from "../routes";
import { accountOf } from "./oauth";

/** The tags that the platform itself sets on usage. */
export const reservedTags: ReadonlySet<string> = new Set([
  "budget-policy-name",
  "budget-policy-id",
  "budget-policy-resolution-result",
]);
const maxTags = 20;

export function budgetPolicyRoutes(app: WorkspaceApp): void {
  const policies = new RestStore(app, {
    title: "Budget policy",
    collection: "budget_policies",
    unique: "policy_name",
    admin: true,
    items: "policies",
    parseSettings: (input, previous) => {
      const policy = previous === undefined ? input.fields("policy") : input;
      const name =
        policy.optionalString("policy_name") ?? (previous?.policy_name as string | undefined) ?? "";
      if (name.startsWith("databricks:"))
        throw invalid(`The policy name ${name.slice(0, 200)} is reserved.`);
      const tags = policy.list("custom_tags").map((tag) => tag.string("key"));
      if (tags.length > maxTags) throw invalid(`A budget policy can have at most ${maxTags} tags.`);
      if (new Set(tags).size < tags.length) throw invalid("Tag keys must be unique.");
      const reservedTag = tags.find((key) => reservedTags.has(key));
      if (reservedTag !== undefined) throw invalid(`The tag ${reservedTag} is reserved.`);
      return {
        ...previous,
        ...pickFields(policy.values, ["policy_name", "custom_tags", "binding_workspace_ids"]),
      };
    },
    render: ({ id, settings }) => ({ policy_id: id, ...settings }),
  });
  const path = "/accounts/:account/budget-policies";
  const forAccount = <T>(handler: (call: Call) => T): ((call: Call) => T) => {
    return (call) => {
      if (call.params.account !== accountOf(app))
        throw missing(`Account ${(call.params.account ?? "").slice(0, 100)} does not exist.`);
      return handler(call);
    };
  };
  app.post(
    ["2.1"],
    path,
    forAccount((call) => policies.create(call)),
  );
  app.get(
    ["2.1"],
    path,
    forAccount((call) => policies.list(call)),
  );
  app.get(
    ["2.1"],
    `${path}/:id`,
    forAccount(({ params, caller }) => policies.read(params.id, caller)),
  );
  app.patch(
    ["2.1"],
    `${path}/:id`,
    forAccount((call) => policies.change(call.params.id, call)),
  );
  app.delete(
    ["2.1"],
    `${path}/:id`,
    forAccount((call) => policies.remove(call.params.id, call)),
  );
}
