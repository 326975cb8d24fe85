import { ConstructError } from "../core/errors";
import { requireBindingsWith, renderFactoryFieldsOfNewerBindings } from "../core/newer-bindings";
import { callerPosition } from "../core/caller-position";

export type GitProvider =
  | "gitHub"
  | "gitHubEnterprise"
  | "gitLab"
  | "gitLabEnterpriseEdition"
  | "bitbucketCloud"
  | "bitbucketServer"
  | "azureDevOpsServices"
  | "awsCodeCommit";

/**
 * The Git source of a job's notebooks and files: exactly one branch, tag or commit. The provider is
 * required, because without it every plan of the official Terraform provider shows a diff.
 *
 * @example
 * GitSource.tag("https://github.com/acme/etl", "gitHub", "v1.2.0");
 */
export class GitSource {
  /** The newest commit of a branch. @throws ConstructError BAD_URL, BAD_GIT_REF */
  static branch(url: string, provider: GitProvider, branch: string): GitSource {
    return new GitSource(checkUrl(url), provider, { branch: checkRef(branch) });
  }

  /** A tag. @throws ConstructError BAD_URL, BAD_GIT_REF */
  static tag(url: string, provider: GitProvider, tag: string): GitSource {
    return new GitSource(checkUrl(url), provider, { tag: checkRef(tag) });
  }

  /** A commit, by its full hash. @throws ConstructError BAD_URL, BAD_GIT_REF */
  static commit(url: string, provider: GitProvider, commit: string): GitSource {
    if (!/^[0-9a-f]{40}$/.test(commit)) {
      throw new ConstructError("BAD_GIT_REF", "a commit must be given by its full hash", {
        path: callerPosition(),
        value: commit,
        allowed: "40 hex digits",
      });
    }
    return new GitSource(checkUrl(url), provider, { commit });
  }

  private constructor(
    readonly url: string,
    readonly provider: GitProvider,
    private readonly reference: {
      readonly branch?: string;
      readonly tag?: string;
      readonly commit?: string;
    },
    private readonly patterns?: readonly string[],
  ) {}

  /**
   * Returns the same source with a sparse checkout of the files that match these patterns:
   * `["jobs", "lib"]`. Requires cdktn.
   * @throws ConstructError NEWER_BINDINGS_NEEDED
   */
  sparse(patterns: readonly string[]): GitSource {
    requireBindingsWith(["sparseCheckout"]);
    return new GitSource(this.url, this.provider, this.reference, patterns);
  }

  /** @internal */
  render(): { url: string; provider: string; branch?: string; tag?: string; commit?: string } {
    const sparseCheckout = this.patterns && { patterns: [...this.patterns] };
    return {
      url: this.url,
      provider: this.provider,
      ...this.reference,
      ...renderFactoryFieldsOfNewerBindings({ sparseCheckout }),
    };
  }
}

function checkUrl(url: string): string {
  if (!/^https:\/\/[^@\s]+$/.test(url)) {
    throw new ConstructError("BAD_URL", "a repository needs an https URL without credentials", {
      path: callerPosition(),
      // A token in the URL must not be shown.
      value: url.replace(/\/\/.*@/s, "//<credentials>@"),
      allowed: "https URLs, such as https://github.com/acme/etl",
      fix: "use the https URL; credentials belong in a GitCredential",
    });
  }
  return url;
}

function checkRef(name: string): string {
  if (name === "" || /\s|\.\.|[~^:?*[\\]/.test(name)) {
    throw new ConstructError("BAD_GIT_REF", "not a valid branch or tag", {
      path: callerPosition(),
      value: name,
      allowed: "a name without spaces, .. and ~ ^ : ? * [ \\",
      fix: "use the name that git branch or git tag prints",
    });
  }
  return name;
}
