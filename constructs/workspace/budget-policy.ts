import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";

export interface BudgetPolicyProps {
  /** Latin-1 characters; no other policy of the account has it. */
  readonly policyName: string;
  /** Tags of serverless compute in the billing records, max 20. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** Only these workspaces may use it. @default - all of the account */
  readonly bindingWorkspaceIds?: readonly number[];
}

/**
 * Tags of serverless compute, for the account's bills. It belongs to the account: the deploying
 * identity needs access to it.
 *
 * @example
 * const budget = new BudgetPolicy(stack, "ml", { policyName: "ml", customTags: { team: "ml" } });
 * const train = new Workflow(stack, "train", { name: "train", budgetPolicyId: budget.policyId });
 * train.addTask("fit", { run: NotebookTask.at("/Shared/fit"), on: Serverless.compute });
 * @see https://docs.databricks.com/aws/en/admin/usage/budget-policies
 */
export class BudgetPolicy extends Element {
  /** For `budgetPolicyId` of workflows, pipelines, apps and endpoints, as a reference. */
  readonly policyId: string;

  /** @throws ConstructError BAD_NAME, RESERVED_TAG, TOO_MANY_TAGS */
  constructor(
    scope: Construct,
    id: string,
    { policyName, customTags = {}, bindingWorkspaceIds }: BudgetPolicyProps,
  ) {
    super(scope, id);
    if (policyName === "" || policyName.startsWith("databricks:"))
      throw errorAt(this, "BAD_NAME", "invalid name of a budget policy", {
        value: policyName,
        allowed: "a name that does not start with databricks:",
      });
    const keys = Object.keys(customTags);
    const taken = keys.find((key) => reserved.includes(key));
    if (taken !== undefined)
      throw errorAt(this, "RESERVED_TAG", "the platform sets this tag itself", {
        value: taken,
        fix: "use another key",
      });
    if (keys.length > maxTags)
      throw errorAt(this, "TOO_MANY_TAGS", "too many tags for a budget policy", {
        value: String(keys.length),
        allowed: `up to ${maxTags}`,
      });
    const { BudgetPolicy: BudgetPolicyResource } = load("budget-policy");
    const resource = new BudgetPolicyResource(this, "Resource", {
      policyName,
      ...(keys.length > 0 && {
        customTags: keys.sort().map((key) => ({ key, value: customTags[key] })),
      }),
      ...(bindingWorkspaceIds && { bindingWorkspaceIds: [...bindingWorkspaceIds] }),
    });
    this.policyId = resource.policyId;
  }
}

const reserved = ["budget-policy-name", "budget-policy-id", "budget-policy-resolution-result"];
const maxTags = 20;
