import { Permissions, type WorkspaceObjectLevel } from "../access/permissions";
import { RepoResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { artifactAt } from "../artifacts/artifact";
import {
  Notebook,
  workspacePathAllowed,
  workspacePathProblem,
  type INotebook,
} from "../artifacts/notebook";
import { errorAt } from "../core/errors";
import { existingId, isReference } from "../core/names";
import { renderFieldsOfNewerBindings } from "../core/newer-bindings";
import type { GitProvider } from "../jobs/git-source";

export type RepoProps = {
  /** The https URL of the repository, without credentials. */
  readonly url: string;
  /** The Git provider of the repository. */
  readonly gitProvider: GitProvider;
  /**
   * The path `/Repos/<folder>/<name>`, or below a reference such as `me.repos` of a
   * {@link CurrentUser}.
   * @default - in the folder of the deploying identity
   */
  readonly path?: string;
  /** The folders to check out. Cannot be changed later. */
  readonly sparseCheckout?: readonly string[];
  /**
   * The id of the {@link GitCredential} to use. Requires cdktn.
   * @default - the deploying identity's default for the provider
   */
  readonly gitCredentialId?: number;
} & (
  | {
      /** The branch to check out. @default - the repository's default branch */
      readonly branch?: string;
      readonly tag?: never;
    }
  | {
      /** The tag to check out. */
      readonly tag: string;
      readonly branch?: never;
    }
);

/** A Git folder, managed by this stack or elsewhere. Used for `Permissions.onRepo`. */
export interface IRepo {
  /** Distinguishes a Git folder from other handles at compile time. */
  readonly kind: "repo";
  /** Returns the id or the path; an access list refers to the Git folder by one of them. */
  renderRepo(): { readonly repoId: string } | { readonly repoPath: string };
}

/** A Git folder with a known path, whose notebooks can be run. */
export interface IPlacedRepo extends IRepo {
  /**
   * Returns a notebook in the Git folder, by its path in the repository without the extension.
   * @throws ConstructError BAD_PATH
   */
  notebook(path: string): INotebook;
}

/**
 * A Git folder in the workspace.
 *
 * @example
 * new Repo(stack, "etl", {
 *   url: "https://github.com/acme/etl",
 *   gitProvider: "gitHub",
 *   path: "/Repos/prod/etl",
 *   branch: "main",
 * });
 * @see https://docs.databricks.com/aws/en/repos/
 */
export class Repo extends Element implements IPlacedRepo {
  /**
   * Refers to the Git folder with this id, which is managed elsewhere.
   * @throws ConstructError BAD_ID
   */
  static fromId(repoId: string): IRepo {
    const id = existingId("Git folder", repoId, { example: "1234567890123456" });
    return { kind: "repo", renderRepo: () => ({ repoId: id }) };
  }

  /** A Git folder that is managed elsewhere: `/Repos/prod/etl`. @throws ConstructError BAD_PATH */
  static fromPath(path: string): IPlacedRepo {
    const repo = artifactAt(path, {
      problem: workspacePathProblem(path),
      allowed: workspacePathAllowed,
    });
    return {
      kind: "repo",
      renderRepo: () => ({ repoPath: path }),
      notebook: (file) => notebookIn(repo.renderPath(), file),
    };
  }

  readonly kind = "repo";
  readonly #resource: RepoResource;
  #permissions: Permissions<WorkspaceObjectLevel> | undefined;

  /** @throws ConstructError BAD_URL, BAD_PATH */
  constructor(scope: Construct, id: string, props: RepoProps) {
    super(scope, id);
    if (!/^https:\/\/[^@\s]+$/.test(props.url)) {
      throw errorAt(this, "BAD_URL", "a repository needs an https URL without credentials", {
        allowed: "https URLs, such as https://github.com/acme/etl",
        fix: "use the https URL; credentials belong in a GitCredential",
      });
    }
    if (
      props.path !== undefined &&
      !isReference(props.path) &&
      !/^\/Repos\/[^/]+\/[^/]+$/.test(props.path)
    ) {
      throw errorAt(this, "BAD_PATH", "the path of a Git folder has three parts", {
        value: props.path,
        allowed: "/Repos/<folder>/<name>",
      });
    }
    const { sparseCheckout, gitCredentialId, ...rest } = props;
    this.#resource = new RepoResource(this, "Resource", {
      ...rest,
      sparseCheckout: sparseCheckout && { patterns: [...sparseCheckout] },
      ...renderFieldsOfNewerBindings(this, { gitCredentialId }),
    });
  }

  /** The access list of the Git folder. It replaces all other permissions on the object. */
  get permissions(): Permissions<WorkspaceObjectLevel> {
    return (this.#permissions ??= Permissions.onRepo(this, "Permissions", this));
  }

  /** Returns a notebook in the Git folder, by its path in the repository without the extension. */
  notebook(path: string): INotebook {
    return notebookIn(this.#resource.path, path);
  }

  renderRepo(): { readonly repoId: string } {
    return { repoId: this.#resource.id };
  }

  /** Returns the path in the workspace. */
  renderPath(): string {
    return this.#resource.path;
  }
}

function notebookIn(folder: string, path: string): INotebook {
  return Notebook.fromPath(`${folder}/${path}`);
}
