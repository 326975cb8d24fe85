import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { byToken } from "../../api/transport/paging";
import { address, notBlank, valueProblems } from "../shape/allowed-values";
import type { Attributes, Kind, Problem, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import { createOnce } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { sameName } from "../shape/shape";
import { apiCommand } from "../shape/api-command";
import { block, textOrEmpty } from "../shape/attributes";
import { compact, idText, object, optionalText, type Json } from "../shape/json";
import { parentOf, linkPath } from "../shape/paths";
import { noRules } from "../shape/rules";

const providers: Readonly<Record<string, string>> = {
  "github.com": "gitHub",
  "dev.azure.com": "azureDevOpsServices",
  "gitlab.com": "gitLab",
  "bitbucket.org": "bitbucketCloud",
};

/**
 * Derives the Git provider from a URL, as the official provider does, because the API requires it;
 * "" if it is unknown.
 */
export function gitProviderOf(url: string): string {
  let host = "";
  try {
    host = new URL(url).hostname.toLowerCase();
  } catch {
    return "";
  }
  if (/^git-codecommit\.[^.]+\.amazonaws\.com$/.test(host)) return "awsCodeCommit";
  if (host.endsWith(".visualstudio.com")) return "azureDevOpsServices";
  return providers[host] ?? "";
}

function remote(item: Json): Remote {
  const path = optionalText(item.path) ?? "";
  const patterns = object(item.sparse_checkout).patterns;
  const attributes: Attributes = {
    url: optionalText(item.url) ?? "",
    git_provider: optionalText(item.provider) ?? "",
    path,
    branch: optionalText(item.branch) ?? "",
    commit_hash: optionalText(item.head_commit_id) ?? "",
    workspace_path: `/Workspace${path}`,
  };
  if (Array.isArray(patterns)) attributes.sparse_checkout = [{ patterns: patterns.map(String) }];
  return { id: idText(item.id, "id of the repo"), attributes };
}

/**
 * Returns the body of an update: the branch or tag to check out, and the other settings. A tag takes
 * precedence over a branch.
 */
function updateBody(planned: Attributes): Record<string, unknown> {
  const tag = textOrEmpty(planned, "tag");
  const sparseCheckout = block(planned, "sparse_checkout");
  return compact({
    ...(tag === "" ? { branch: textOrEmpty(planned, "branch") } : { tag }),
    ...(sparseCheckout === undefined
      ? {}
      : { sparse_checkout: { patterns: sparseCheckout.patterns } }),
    git_credential_id: planned.git_credential_id,
  });
}

function validate(config: Attributes): readonly Problem[] {
  const pathProblem = (value: Value): string | undefined => {
    if (typeof value !== "string" || !value.startsWith("/Repos/")) return undefined;
    return value.replace(/\/$/, "").split("/").length === 4
      ? undefined
      : `${JSON.stringify(value)} does not have the form /Repos/<directory>/<repo>`;
  };
  return valueProblems(config, {
    path: pathProblem,
    url: address("https", "http"),
    branch: notBlank,
    tag: notBlank,
  });
}

/**
 * Lists all repos. This is the only list whose page parameter has the same name as the field in the
 * response. Source: the official SDKs.
 */
const allRepos = (api: ReadClient, signal?: AbortSignal): AsyncIterable<Json> =>
  byToken<Json>(api, { path: "/api/2.0/repos", items: "repos", token: "next_page_token", signal });

/**
 * Finds the repo of a lost create by its URL and, if the code sets it, its path; undefined if none
 * or several match.
 */
async function findLostRepo(
  api: Client,
  url: string,
  path: string,
  signal?: AbortSignal,
): Promise<unknown> {
  const matches: Json[] = [];
  for await (const repo of allRepos(api, signal)) {
    if (repo.url === url && (path === "" || repo.path === path)) matches.push(repo);
  }
  return matches.length === 1 ? matches[0] : undefined;
}

async function patch(
  api: Client,
  id: string,
  body: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<void> {
  await api.patch(`/api/2.0/repos/${id}`, body, { idempotent: true, signal });
}

export const repo: Kind = {
  type: "databricks_repo",
  traits: {
    foundInList: {},
    accessList: { request: "repos" },
    treeType: "REPO",
    unmanagedTitle: "the repos",
    readFromList: [],
  },
  title: "repo",
  identity: {
    naturalKey: (attributes) =>
      textOrEmpty(attributes, "path") === ""
        ? undefined
        : `path:${textOrEmpty(attributes, "path")}`,
    link: (host, _id, attributes) =>
      `${host}/#workspace${linkPath(textOrEmpty(attributes, "path"))}`,
  },
  rules: {
    ...noRules,
    unverifiable: {
      tag: "REST returns the commit, not its tag",
      git_credential_id: "REST does not return it",
    },
    equivalent: { git_provider: sameName },
  },
  validate,
  suppress: { git_provider: sameName },
  async read(api, id, options) {
    return orMissing(
      api.get(`/api/2.0/repos/${encodeURIComponent(id)}`, { signal: options.signal }),
      (response) => remote(object(response)),
    );
  },
  async *list(api, _within, signal) {
    for await (const wireObject of allRepos(api, signal)) yield remote(wireObject);
  },
  toState: (remoteObject, before) => ({ ...before, ...remoteObject.attributes }),
  async create(api, planned, context) {
    const { signal } = context;
    const path = textOrEmpty(planned, "path");
    const url = textOrEmpty(planned, "url");
    const provider = textOrEmpty(planned, "git_provider") || gitProviderOf(url);
    if (provider === "") {
      throw new LakeformError(
        "NO_GIT_PROVIDER",
        "the git provider cannot be derived from the URL",
        {
          path: "git_provider",
          value: url,
          fix: "set git_provider",
        },
      );
    }
    if (path !== "")
      await api.post(
        "/api/2.0/workspace/mkdirs",
        { path: parentOf(path.replace(/\/$/, "")) },
        { idempotent: true, signal },
      );
    const sparseCheckout = block(planned, "sparse_checkout");
    const body = compact({
      url,
      provider,
      path,
      sparse_checkout:
        sparseCheckout === undefined ? undefined : { patterns: sparseCheckout.patterns },
      git_credential_id: planned.git_credential_id,
    });
    const response = await createOnce(
      {
        objectKey: `repo ${path} ${url}`,
        create: (recover) => api.post("/api/2.0/repos", body, { recover, signal }),
        find: () => findLostRepo(api, url, path, signal),
      },
      api,
      context.pending,
    );
    const result = remote(object(response));
    const [branch, tag] = [textOrEmpty(planned, "branch"), textOrEmpty(planned, "tag")];
    if (tag !== "" || (branch !== "" && branch !== result.attributes.branch)) {
      try {
        await patch(api, result.id, compact(tag === "" ? { branch } : { tag }), signal);
      } catch (error) {
        throw new PartiallyCreated(result.id, error);
      }
    }
    return { id: result.id };
  },
  async update(api, id, _prior, planned, context) {
    await patch(api, id, updateBody(planned), context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    await api.delete(`/api/2.0/repos/${id}`, { signal: context.signal });
  },
  restore: (api, id, desired, context) => patch(api, id, updateBody(desired), context.signal),
  removal: (remoteObject) => apiCommand("DELETE", `/api/2.0/repos/${remoteObject.id}`),
};
