import { Token, type Construct } from "../core/bindings";
import { resolveValues } from "../core/fast-synth";
import { WorkspaceStack } from "../core/workspace-stack";

interface PrincipalOf<Kind extends string> {
  readonly kind: Kind;
  /** The name as written in the code, for messages and construct ids. */
  readonly name: string;
  /** Returns the name to use in permissions and grants. */
  renderName(): string;
  /**
   * Returns the SCIM id, for members of groups, roles and entitlements.
   * @param scope where the id is looked up if the principal is managed elsewhere
   */
  renderId(scope: Construct): string;
}

/** A user: of this stack ({@link User}), or an existing one (`User.named`). */
export type IUser = PrincipalOf<"user">;

/** A group: of this stack ({@link Group}), or an existing one (`Group.named`). */
export type IGroup = PrincipalOf<"group">;

/**
 * A service principal: of this stack ({@link ServicePrincipal}), or an existing one
 * (`ServicePrincipal.withApplicationId`).
 */
export type IServicePrincipal = PrincipalOf<"service principal">;

/** A principal that can get permissions, of this stack or an existing one. */
export type Principal = IUser | IGroup | IServicePrincipal;

/** Renders the identity that a job or a pipeline runs as. */
export function renderRunAs(
  principal: IUser | IServicePrincipal | undefined,
): { userName: string } | { servicePrincipalName: string } | undefined {
  if (principal === undefined) return undefined;
  return principal.kind === "user"
    ? { userName: principal.renderName() }
    : { servicePrincipalName: principal.renderName() };
}

/**
 * Returns a principal that is managed elsewhere. Terraform looks up its id only if the stack needs
 * it, and only once.
 */
export function existingPrincipal<Kind extends string>(
  kind: Kind,
  name: string,
  lookUp: (stack: WorkspaceStack, id: string) => Construct & { readonly id: string },
): PrincipalOf<Kind> {
  return {
    kind,
    name,
    renderName: () => name,
    renderId: (scope) => {
      const stack = WorkspaceStack.around(scope);
      const id = `Existing ${kind} ${nameForId(stack, name)}`.replaceAll("/", "-");
      return (
        (stack.node.tryFindChild(id) as (Construct & { readonly id: string }) | undefined) ??
        lookUp(stack, id)
      ).id;
    },
  };
}

/** The receiver of a grant: a principal, or a recipient of shares. */
export type Grantee = Pick<PrincipalOf<string>, "kind" | "name" | "renderName">;

/** Returns a key that is unique for each principal. */
export function keyOf({ kind, name }: Grantee): string {
  return `${kind} ${name}`;
}

/**
 * Returns a construct id for an object of a principal: the prefix and the principal's name. If a
 * principal of another kind has the same name, the id also contains the kind.
 */
export function childId(scope: Construct, prefix: string, principal: Grantee): string {
  const name = nameForId(scope, principal.name);
  const id = `${prefix}-${name}`;
  return scope.node.tryFindChild(id) === undefined ? id : `${prefix}-${principal.kind}-${name}`;
}

/**
 * Returns a name without tokens, which a construct id must not contain: a token is replaced by the
 * address in Terraform that it refers to.
 */
function nameForId(scope: Construct, name: string): string {
  return Token.isUnresolved(name)
    ? String(resolveValues(scope, name)).replaceAll(/[^\w.-]/g, "")
    : name;
}
