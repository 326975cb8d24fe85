import { defined } from "../../src/defined";
import { Permissions, type ClusterPolicyLevel } from "../access/permissions";
import { ClusterPolicyResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { existingId } from "../core/names";
import { WorkspaceStack } from "../core/workspace-stack";
import type { Library } from "./library";
import { renderDefinition, type PolicyDefinition } from "./policy-rule";

export type ClusterPolicyProps = {
  /** The name, without the environment's prefix. */
  readonly name: string;
  /** A description for users of the policy. @default - none */
  readonly description?: string;
  /** The maximum number of clusters per user. @default - no limit */
  readonly maxClustersPerUser?: number;
  /** The libraries that every cluster of the policy installs. */
  readonly libraries?: readonly Library[];
} & (
  | {
      /** The rules of the policy, by cluster attribute. */
      readonly definition: PolicyDefinition;
      readonly policyFamilyId?: never;
      readonly overrides?: never;
    }
  | {
      /** The id of a policy family of Databricks: `job-cluster`, `personal-vm`. */
      readonly policyFamilyId: string;
      /** Rules that replace those of the policy family, by cluster attribute. @default - none */
      readonly overrides?: PolicyDefinition;
      readonly definition?: never;
    }
);

/**
 * A cluster policy, managed by this stack or elsewhere. Used for clusters and
 * `Permissions.onClusterPolicy`.
 */
export interface IClusterPolicy {
  /** Distinguishes a cluster policy from other handles at compile time. */
  readonly kind: "cluster policy";
  /** Returns the id, which is a Terraform reference for a cluster policy of this stack. */
  renderId(): string;
  /** The policy's rules, if they are known to the stack. */
  readonly definition?: PolicyDefinition;
}

/**
 * Limits and defaults for clusters.
 *
 * @example
 * const policy = new ClusterPolicy(stack, "policy", {
 *   name: "small jobs",
 *   definition: {
 *     node_type_id: PolicyRule.allowlist(["Standard_DS3_v2", "Standard_DS4_v2"]),
 *     num_workers: PolicyRule.range({ maxValue: 4 }),
 *   },
 * });
 * @see https://docs.databricks.com/aws/en/admin/clusters/policy-definition
 */
export class ClusterPolicy extends Element implements IClusterPolicy {
  /**
   * Refers to the policy with this id, which is managed elsewhere.
   * @param definition the policy's rules, or the relevant part of them. Clusters of this stack are
   * checked against these rules, and set the values that the rules supply
   * @throws ConstructError BAD_ID
   */
  static fromId(policyId: string, definition?: PolicyDefinition): IClusterPolicy {
    const id = existingId("cluster policy", policyId, { example: "ABCD000000000000" });
    return { kind: "cluster policy", renderId: () => id, ...defined({ definition }) };
  }

  readonly kind = "cluster policy";
  /** The rules of the policy; undefined for a policy family without overrides. */
  readonly definition: PolicyDefinition | undefined;
  readonly #resource: ClusterPolicyResource;
  #permissions: Permissions<ClusterPolicyLevel> | undefined;

  /** @throws ConstructError EMPTY_POLICY */
  constructor(scope: Construct, id: string, props: ClusterPolicyProps) {
    super(scope, id);
    const definition = props.definition ?? props.overrides;
    if (props.definition !== undefined && Object.keys(props.definition).length === 0) {
      throw errorAt(this, "EMPTY_POLICY", "the policy has no rules", {
        fix: "add at least one rule",
      });
    }
    const json = definition && renderDefinition(definition);
    this.definition = definition;
    this.#resource = new ClusterPolicyResource(this, "Resource", {
      name: WorkspaceStack.around(this).named(props.name),
      description: props.description,
      maxClustersPerUser: props.maxClustersPerUser,
      policyFamilyId: props.policyFamilyId,
      definition: props.definition && json,
      policyFamilyDefinitionOverrides: props.policyFamilyId === undefined ? undefined : json,
      libraries: props.libraries?.map((library) => library.rendered),
    });
  }

  /** The access list of the cluster policy. It replaces all other permissions on the object. */
  get permissions(): Permissions<ClusterPolicyLevel> {
    return (this.#permissions ??= Permissions.onClusterPolicy(this, "Permissions", this));
  }

  renderId(): string {
    return this.#resource.id;
  }
}
