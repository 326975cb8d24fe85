import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";

export interface BudgetPolicyProps {
  /**
   * The name, in Latin-1 characters, not starting with `databricks:`. It must be unique in the
   * account.
   */
  readonly policyName: string;
  /** The tags of serverless usage in billing records, at most 20. */
  readonly customTags?: Readonly<Record<string, string>>;
  /** The workspaces that may use the policy. @default - all workspaces of the account */
  readonly bindingWorkspaceIds?: readonly number[];
}

/**
 * A policy that adds tags to serverless usage in the account's bills. It belongs to the account, so
 * the deploying identity needs access to the account.
 *
 * @example
 * const budget = new BudgetPolicy(stack, "ml", { policyName: "ml", customTags: { team: "ml" } });
 * const train = new Workflow(stack, "train", { name: "train", budgetPolicyId: budget.policyId });
 * train.addTask("fit", { run: NotebookTask.at("/Shared/fit"), on: Serverless.compute });
 * @see https://docs.databricks.com/aws/en/admin/usage/budget-policies
 */
export class BudgetPolicy extends Element {
  /**
   * The id as a Terraform reference, for `budgetPolicyId` of workflows, pipelines, apps and
   * endpoints.
   */
  readonly policyId: string;

  /** @throws ConstructError BAD_NAME, RESERVED_TAG, TOO_MANY_TAGS */
  constructor(
    scope: Construct,
    id: string,
    { policyName, customTags = {}, bindingWorkspaceIds }: BudgetPolicyProps,
  ) {
    super(scope, id);
    if (
      !isReference(policyName) &&
      (!/^[\u0020-\u00ff]+$/.test(policyName) || policyName.startsWith("databricks:"))
    )
      throw errorAt(this, "BAD_NAME", "invalid name of a budget policy", {
        value: policyName,
        allowed: "Latin-1 characters, at least one, not starting with databricks:",
      });
    const keys = Object.keys(customTags);
    const reservedKey = keys.find((key) => reservedTags.includes(key));
    if (reservedKey !== undefined)
      throw errorAt(this, "RESERVED_TAG", "the platform sets this tag itself", {
        value: reservedKey,
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

export const reservedTags = [
  "budget-policy-name",
  "budget-policy-id",
  "budget-policy-resolution-result",
];
const maxTags = 20;
