import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import { RepoResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { GitProvider } from "../jobs/git-source";

export type RepoProps = {
  /** https, without credentials. */
  readonly url: string;
  readonly gitProvider: GitProvider;
  /** `/Repos/<folder>/<name>`. @default - in the folder of whoever deploys */
  readonly path?: string;
  /** Only these folders are checked out. It cannot be changed later. */
  readonly sparseCheckout?: readonly string[];
} & ({ readonly branch?: string; readonly tag?: never } | { readonly tag: string; readonly branch?: never });

/**
 * A Git folder in the workspace.
 *
 * @example
 * new Repo(stack, "etl", { url: "https://github.com/acme/etl", gitProvider: "gitHub", path: "/Repos/prod/etl", branch: "main" });
 * @see https://docs.databricks.com/aws/en/repos/
 */
export class Repo extends Element {
  readonly #resource: RepoResource;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  constructor(scope: Construct, id: string, props: RepoProps) {
    super(scope, id);
    if (!/^https:\/\/[^@\s]+$/.test(props.url)) {
      throw errorAt(this, "BAD_URL", "a repository is named by its https address, without credentials", {
        allowed: "https://github.com/acme/etl",
      });
    }
    if (props.path !== undefined && !/^\/Repos\/[^/]+\/[^/]+$/.test(props.path)) {
      throw errorAt(this, "BAD_PATH", "a Git folder has three parts", { value: props.path, allowed: "/Repos/<folder>/<name>" });
    }
    const { sparseCheckout, ...rest } = props;
    this.#resource = new RepoResource(this, "Resource", { ...rest, sparseCheckout: sparseCheckout && { patterns: [...sparseCheckout] } });
  }

  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onRepo(this, "Permissions", this.#resource.id));
  }

  /** Where it is in the workspace. */
  renderPath(): string {
    return this.#resource.path;
  }
}
