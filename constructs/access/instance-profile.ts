import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { ConstructError, errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { callerPosition } from "../core/caller-position";
import { childId, keyOf, type Principal } from "./principal";

export interface InstanceProfileProps {
  /** The ARN of the profile: `arn:aws:iam::123456789012:instance-profile/etl`. */
  readonly instanceProfileArn: string;
  /**
   * The ARN of the role, for serverless SQL. Needed if the role and the profile have different
   * names.
   */
  readonly iamRoleArn?: string;
  /**
   * Whether the profile is for credential passthrough, with which each user assumes their own role.
   * Cannot be changed later.
   * @default false
   */
  readonly isMetaInstanceProfile?: boolean;
  /** Skip the check of the profile. The check launches a machine. @default false */
  readonly skipValidation?: boolean;
}

/**
 * An AWS instance profile that clusters may run with.
 *
 * @example
 * const profile = new InstanceProfile(stack, "profile", {
 *   instanceProfileArn: "arn:aws:iam::123456789012:instance-profile/etl",
 * });
 * profile.allow(Group.named("data-engineers"));
 * @see https://docs.databricks.com/aws/en/connect/storage/tutorial-s3-instance-profile
 */
export class InstanceProfile extends Element {
  /** The ARN as a Terraform reference, for `awsAttributes.instanceProfileArn`. */
  readonly arn: string;
  readonly #roles: Roles;

  /**
   * Lets principals use a profile that is managed elsewhere.
   * @throws ConstructError BAD_ARN, DUPLICATE_ROLE
   */
  static allow(
    scope: Construct,
    id: string,
    instanceProfileArn: string,
    ...principals: readonly Principal[]
  ): void {
    if (!isArn(instanceProfileArn, "instance-profile"))
      throw new ConstructError("BAD_ARN", "not the ARN of an instance profile", {
        path: callerPosition(),
        value: instanceProfileArn,
        allowed: allowedArn,
        fix: "copy the ARN of the instance profile from the IAM console",
      });
    new Roles(scope, id, instanceProfileArn).allow(principals);
  }

  /** @throws ConstructError BAD_ARN */
  constructor(scope: Construct, id: string, props: InstanceProfileProps) {
    super(scope, id);
    const { instanceProfileArn, iamRoleArn } = props;
    if (!isArn(instanceProfileArn, "instance-profile"))
      throw errorAt(this, "BAD_ARN", "not the ARN of an instance profile", {
        value: instanceProfileArn,
        allowed: allowedArn,
        fix: "copy the ARN of the instance profile from the IAM console",
      });
    if (iamRoleArn !== undefined && !isArn(iamRoleArn, "role"))
      throw errorAt(this, "BAD_ARN", "not the ARN of a role", {
        value: iamRoleArn,
        allowed: "arn:aws:iam::<account>:role/<name>",
        fix: "copy the ARN of the role from the IAM console",
      });
    const { InstanceProfile: InstanceProfileResource } = load("instance-profile");
    this.arn = new InstanceProfileResource(this, "Resource", { ...props }).instanceProfileArn;
    this.#roles = new Roles(this, "Roles", this.arn);
  }

  /** Lets principals run clusters with the profile. @throws ConstructError DUPLICATE_ROLE */
  allow(...principals: readonly Principal[]): this {
    this.#roles.allow(principals);
    return this;
  }
}

/** The roles that let principals use a profile. */
class Roles extends Element {
  readonly #role: string;
  readonly #allowed = new Set<string>();

  constructor(scope: Construct, id: string, role: string) {
    super(scope, id);
    this.#role = role;
  }

  allow(principals: readonly Principal[]): void {
    for (const principal of principals) {
      const key = keyOf(principal);
      if (this.#allowed.has(key))
        throw errorAt(this, "DUPLICATE_ROLE", "the principal already has this role", {
          value: key,
          fix: "name each principal once",
        });
      this.#allowed.add(key);
      const role = this.#role;
      const id = childId(this, "Role", principal);
      const principalId = principal.renderId(this);
      if (principal.kind === "group")
        new (load("group-role").GroupRole)(this, id, { groupId: principalId, role });
      else if (principal.kind === "user")
        new (load("user-role").UserRole)(this, id, { userId: principalId, role });
      else
        new (load("service-principal-role").ServicePrincipalRole)(this, id, {
          servicePrincipalId: principalId,
          role,
        });
    }
  }
}

const allowedArn = "arn:aws:iam::<account>:instance-profile/<name>";

function isArn(text: string, kind: "instance-profile" | "role"): boolean {
  return (
    isReference(text) ||
    (/^arn:/.test(text) && text.split(":").slice(5).join(":").startsWith(`${kind}/`))
  );
}
