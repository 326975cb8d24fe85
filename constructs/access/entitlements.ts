import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { Principal } from "./principal";

/**
 * The entitlements of a principal in the workspace, in addition to the entitlements of its groups.
 */
export type EntitlementProps = {
  /** Allow creating clusters without a policy. @default false */
  readonly allowClusterCreate?: boolean;
  /** Allow creating instance pools. @default false */
  readonly allowInstancePoolCreate?: boolean;
} & (
  | {
      /** Allow access to Databricks SQL. @default false */
      readonly databricksSqlAccess?: boolean;
      /** Allow access to the complete workspace. @default false */
      readonly workspaceAccess?: boolean;
      readonly workspaceConsume?: never;
    }
  | {
      /**
       * Allow only reading what others share, for consumers of dashboards and apps.
       * @default false
       */
      readonly workspaceConsume: boolean;
      readonly databricksSqlAccess?: never;
      readonly workspaceAccess?: never;
    }
);

/** The props that users and service principals share. */
export type PrincipalProps = EntitlementProps & {
  /** The id of the principal at the identity provider. */
  readonly externalId?: string;
  /** Whether the principal can log in. @default true */
  readonly active?: boolean;
  /** Take over an existing principal. @default false */
  readonly force?: boolean;
  /** Delete its Git folders, too, when the principal is destroyed. @default false */
  readonly forceDeleteRepos?: boolean;
  /** Delete its home folder, too, when the principal is destroyed. @default false */
  readonly forceDeleteHomeDir?: boolean;
  /**
   * Deactivate the principal instead of deleting it when it is destroyed.
   * @default - false if the provider is configured for a workspace
   */
  readonly disableAsUserDeletion?: boolean;
};

/** The complete entitlements of a principal: those that are not set are removed. */
export type EntitlementsProps = EntitlementProps & {
  /** The user, group or service principal that gets the entitlements. */
  readonly principal: Principal;
};

/**
 * All entitlements of a principal that is managed elsewhere. For a principal of this stack, set
 * them in its own props.
 *
 * @example
 * new Entitlements(stack, "analysts", {
 *   principal: Group.named("analysts"),
 *   databricksSqlAccess: true,
 * });
 * @see https://docs.databricks.com/aws/en/security/auth/entitlements
 */
export class Entitlements extends Element {
  /** @throws ConstructError ENTITLEMENTS_TWICE for a principal of this stack */
  constructor(scope: Construct, id: string, props: EntitlementsProps) {
    super(scope, id);
    const { principal, ...entitlements } = props;
    if (principal instanceof Element) {
      throw errorAt(
        this,
        "ENTITLEMENTS_TWICE",
        "the principal is part of this stack and sets its entitlements in its props, and each plan would undo one of the two settings",
        {
          value: `${principal.kind} ${principal.name}`,
          fix: "set all entitlements in the props of the principal, and remove this construct",
        },
      );
    }
    const principalId = principal.renderId(this);
    const { Entitlements: EntitlementsResource } = load("entitlements");
    new EntitlementsResource(this, "Resource", {
      ...entitlements,
      groupId: principal.kind === "group" ? principalId : undefined,
      userId: principal.kind === "user" ? principalId : undefined,
      servicePrincipalId: principal.kind === "service principal" ? principalId : undefined,
    });
  }
}
