import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { Principal } from "./principal";

/** Entitlements of a principal in the workspace. Without any, it has those of its groups. */
export type EntitlementProps = {
  /** Create clusters without a policy. @default false */
  readonly allowClusterCreate?: boolean;
  /** Create instance pools. @default false */
  readonly allowInstancePoolCreate?: boolean;
} & (
  | {
      /** Access to Databricks SQL. @default false */
      readonly databricksSqlAccess?: boolean;
      /** Access to the complete workspace. @default false */
      readonly workspaceAccess?: boolean;
      readonly workspaceConsume?: never;
    }
  | {
      /** Only read what others share: for consumers of dashboards and apps. @default false */
      readonly workspaceConsume: boolean;
      readonly databricksSqlAccess?: never;
      readonly workspaceAccess?: never;
    }
);

/** The props that users and service principals share. */
export type PrincipalProps = EntitlementProps & {
  /** The id at the identity provider. */
  readonly externalId?: string;
  /** False: no login. @default true */
  readonly active?: boolean;
  /** Take over one that exists already. @default false */
  readonly force?: boolean;
  /** On destroy, also delete its Git folders. @default false */
  readonly forceDeleteRepos?: boolean;
  /** On destroy, also delete its home folder. @default false */
  readonly forceDeleteHomeDir?: boolean;
  /** On destroy, deactivate it instead of deleting it. @default - false, in a workspace */
  readonly disableAsUserDeletion?: boolean;
};

/** Entitlements that are not set are removed. */
export type EntitlementsProps = EntitlementProps & { readonly principal: Principal };

/**
 * All entitlements of a principal that is managed elsewhere. For a principal of this stack, use its
 * props.
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
        "the props of the principal already set its entitlements, and each plan would undo one of the two settings",
        {
          value: `${principal.kind} ${principal.name}`,
          fix: "set all entitlements in the props of the principal, and remove this construct",
        },
      );
    }
    const of = principal.renderId(this);
    const { Entitlements: EntitlementsResource } = load("entitlements");
    new EntitlementsResource(this, "Resource", {
      ...entitlements,
      groupId: principal.kind === "group" ? of : undefined,
      userId: principal.kind === "user" ? of : undefined,
      servicePrincipalId: principal.kind === "service principal" ? of : undefined,
    });
  }
}
