import { GitCredentialResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { newer } from "../core/newer";
import type { GitProvider } from "../jobs/git-source";
import type { SecretValue } from "../secrets/secret-value";

export interface GitCredentialProps {
  readonly gitProvider: GitProvider;
  readonly gitUsername?: string;
  readonly gitEmail?: string;
  readonly personalAccessToken: SecretValue;
  /** Replace an existing credential. @default false: an existing credential is an error */
  readonly force?: boolean;
  readonly isDefaultForProvider?: boolean;
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
      ...newer(this, { principalId }),
    });
  }
}
