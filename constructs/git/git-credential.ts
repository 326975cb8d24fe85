import { GitCredentialResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import type { GitProvider } from "../jobs/git-source";
import type { SecretValue } from "../secrets/secret-value";

export interface GitCredentialProps {
  /** The Git provider that issued the token. */
  readonly gitProvider: GitProvider;
  /** The user name at the provider. @default - none */
  readonly gitUsername?: string;
  /** The author's e-mail address in commits. @default - the provider's */
  readonly gitEmail?: string;
  /** The token from the provider. */
  readonly personalAccessToken: SecretValue;
  /** Replace an existing credential. @default false: an existing credential is an error */
  readonly force?: boolean;
  /** Use this credential for all Git folders of the provider. @default - decided by the platform */
  readonly isDefaultForProvider?: boolean;
  /** The name, to distinguish several credentials of one provider. @default - none */
  readonly name?: string;
  /**
   * The numeric id of the service principal that owns the credential. Requires cdktn.
   * @default - the deploying identity
   */
  readonly principalId?: number;
}

/**
 * The credential of the deploying identity for a Git provider.
 *
 * @example
 * new GitCredential(stack, "github", {
 *   gitProvider: "gitHub",
 *   gitUsername: "etl-bot",
 *   personalAccessToken: SecretValue.fromEnvironment("GITHUB_TOKEN"),
 * });
 * @see https://docs.databricks.com/aws/en/repos/get-access-tokens-from-git-provider
 */
export class GitCredential extends Element {
  constructor(scope: Construct, id: string, props: GitCredentialProps) {
    super(scope, id);
    const { personalAccessToken, principalId, ...rest } = props;
    new GitCredentialResource(this, "Resource", {
      ...rest,
      personalAccessToken: personalAccessToken.render(this),
      ...renderFieldsOfNewerBindings(this, { principalId }),
    });
  }
}
