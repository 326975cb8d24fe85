import { createHash } from "node:crypto";
import { defined } from "../../defined";
import { invalid, missing, type JsonObject } from "../errors";
import { page } from "../paging";
import type { WorkspaceApp } from "../routes";
import { nameOf, parentOf } from "../tree";
import { parseProvider } from "./git-providers";
import { workspaceTree } from "./tree";

interface Repo {
  readonly id: number;
  readonly url: string;
  readonly provider: string;
  readonly path: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly sparse_checkout?: JsonObject;
}

/**
 * Routes of `/api/2.0/repos`: folders of the tree that represent checkouts. Nothing is fetched: the
 * commit id is derived from the URL and the branch or tag.
 */
export function repoRoutes(app: WorkspaceApp): void {
  const repos = app.store.collection<Repo>("repos");
  const tree = workspaceTree(app);
  const renderRepo = (repo: Repo): object => ({
    ...repo,
    head_commit_id: createHash("sha1")
      .update(`${repo.url}#${repo.branch ?? repo.tag ?? ""}`)
      .digest("hex"),
  });
  const mustFind = (id: string | undefined): Repo => {
    const repo = /^\d{1,16}$/.test(id ?? "") ? repos.get(Number(id)) : undefined;
    // The folder may have been deleted through the workspace API.
    if (repo === undefined || tree.get(repo.path)?.object_id !== repo.id)
      throw missing(`Repo ${(id ?? "").slice(0, 100)} could not be found`);
    return repo;
  };
  app.post(["2.0"], "/repos", async ({ input, caller }) => {
    const url = input.string("url");
    if (url.length > 2000 || !/^https?:\/\/[^\s]+$/.test(url) || !URL.canParse(url))
      throw invalid(
        "The url of a repository must be a valid URL that starts with https:// or http:// and has at most 2000 characters.",
      );
    const provider = parseProvider(input.optionalString("provider") ?? "") ?? providerOf(url);
    const name = nameOf(url.replace(/\/+$/, "")).replace(/\.git$/, "");
    const requestedPath = input.optionalString("path");
    const { path } = tree.locate(
      requestedPath === undefined || requestedPath === ""
        ? `/Repos/${caller.name}/${name}`
        : requestedPath,
    );
    const sparseCheckout = input.optionalObject("sparse_checkout");
    // Checked, but not used: nothing is fetched.
    input.optionalInteger("git_credential_id");
    const repo = await app.store.write(() => {
      // Recreates the caller's folders if they were deleted.
      if ([`/Repos/${caller.name}`, `/Users/${caller.name}`].includes(parentOf(path)))
        tree.ensureHome(caller);
      if (requestedPath === undefined || requestedPath === "") tree.mkdirs(caller, parentOf(path));
      else if (tree.get(parentOf(path)) === undefined)
        throw missing(`Parent directory ${parentOf(path)} does not exist.`);
      tree.requirePermission(caller, parentOf(path), "CAN_EDIT");
      if (tree.get(path) !== undefined)
        throw invalid(`A repository or folder already exists at ${path}: RESOURCE_ALREADY_EXISTS`);
      const { object_id } = tree.addDirectory(path, "REPO");
      const result: Repo = {
        id: object_id,
        url,
        provider,
        path,
        branch: "main",
        ...defined({ sparse_checkout: sparseCheckout }),
      };
      repos.put(object_id, result);
      app.permissions.grantToCreator("repo", object_id, caller);
      return result;
    });
    return renderRepo(repo);
  });
  app.get(["2.0"], "/repos", ({ input, caller }) => {
    const prefix = input.optionalString("path_prefix") ?? "";
    const visibleRepos = repos
      .values()
      .filter(
        (repo) =>
          repo.path.startsWith(prefix.replace(/^\/Workspace/, "")) &&
          tree.get(repo.path)?.object_id === repo.id &&
          tree.hasPermission(caller, repo.path, "CAN_READ"),
      );
    const { items, next_page_token } = page(input, visibleRepos, {
      defaultSize: 20,
      maxSize: 100,
      tokenParameter: "next_page_token",
    });
    return { ...(items.length === 0 ? {} : { repos: items.map(renderRepo) }), next_page_token };
  });
  app.get(["2.0"], "/repos/:id", ({ params, caller }) => {
    const repo = mustFind(params.id);
    tree.requirePermission(caller, repo.path, "CAN_READ");
    return renderRepo(repo);
  });
  app.patch(["2.0"], "/repos/:id", async ({ params, input, caller }) => {
    const branch = input.optionalString("branch");
    const tag = input.optionalString("tag");
    if (branch !== undefined && tag !== undefined)
      throw invalid("Only one of branch and tag may be given.");
    const sparseCheckout = input.optionalObject("sparse_checkout");
    // Checked, but not used: nothing is fetched.
    input.optionalInteger("git_credential_id");
    await app.store.write(() => {
      const { branch: oldBranch, tag: oldTag, ...repo } = mustFind(params.id);
      tree.requirePermission(caller, repo.path, "CAN_EDIT");
      const checkout =
        branch !== undefined
          ? { branch }
          : tag !== undefined
            ? { tag }
            : defined({ branch: oldBranch, tag: oldTag });
      repos.put(repo.id, { ...repo, ...checkout, ...defined({ sparse_checkout: sparseCheckout }) });
    });
    return undefined;
  });
  app.delete(["2.0"], "/repos/:id", async ({ params, caller }) => {
    await app.store.write(() => {
      const repo = mustFind(params.id);
      tree.delete(caller, repo.path, true);
      repos.remove(repo.id);
    });
    return undefined;
  });
}

function providerOf(url: string): string {
  const host = new URL(url).hostname;
  const providersByHost: Readonly<Record<string, string>> = {
    "github.com": "gitHub",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
    "dev.azure.com": "azureDevOpsServices",
  };
  const provider = Object.hasOwn(providersByHost, host)
    ? providersByHost[host]
    : host.endsWith(".visualstudio.com")
      ? "azureDevOpsServices"
      : host.startsWith("git-codecommit.")
        ? "awsCodeCommit"
        : undefined;
  if (provider === undefined)
    throw invalid(`The Git provider of ${host.slice(0, 200)} is unknown: set provider.`);
  return provider;
}
