import type { Client, ReadClient } from "../../api/client";
import { LakeformError } from "../../errors";
import { byToken } from "../../api/transport/paging";
import { address, notBlank, refusedValues } from "../shape/allowed-values";
import type { Attributes, Kind, Problem, Remote, Value } from "../kind";
import { orMissing } from "../families/or-missing";
import { createOnce } from "../families/create-once";
import { PartiallyCreated } from "../families/partially-created";
import { sameName } from "../shape/shape";
import {
  apiCommand,
  block,
  compact,
  noRules,
  idText,
  object,
  parentOf,
  str,
  text,
  type Json,
  linkPath,
} from "../shape/json";

const providers: Readonly<Record<string, string>> = {
  "github.com": "gitHub",
  "dev.azure.com": "azureDevOpsServices",
  "gitlab.com": "gitLab",
  "bitbucket.org": "bitbucketCloud",
};

/** Derives the Git provider from the URL like the official provider; "" if unknown. */
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

function remote(found: Json): Remote {
  const path = text(found.path) ?? "";
  const patterns = object(found.sparse_checkout).patterns;
  const attributes: Attributes = {
    url: text(found.url) ?? "",
    git_provider: text(found.provider) ?? "",
    path,
    branch: text(found.branch) ?? "",
    commit_hash: text(found.head_commit_id) ?? "",
    workspace_path: `/Workspace${path}`,
  };
  if (Array.isArray(patterns)) attributes.sparse_checkout = [{ patterns: patterns.map(String) }];
  return { id: idText(found.id, "id of the repo"), attributes };
}

/**
 * Returns the branch or tag to check out. A tag takes precedence, and the state keeps the old
 * branch.
 */
function checkout(planned: Attributes): Record<string, unknown> {
  const tag = str(planned, "tag");
  const sparse = block(planned, "sparse_checkout");
  return compact({
    ...(tag === "" ? { branch: str(planned, "branch") } : { tag }),
    ...(sparse === undefined ? {} : { sparse_checkout: { patterns: sparse.patterns } }),
    git_credential_id: planned.git_credential_id,
  });
}

function validate(config: Attributes): readonly Problem[] {
  const form = (value: Value): string | undefined => {
    if (typeof value !== "string" || !value.startsWith("/Repos/")) return undefined;
    return value.replace(/\/$/, "").split("/").length === 4
      ? undefined
      : `${JSON.stringify(value)} does not have the form /Repos/<directory>/<repo>`;
  };
  return refusedValues(config, {
    path: form,
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

/** Finds the repo of a lost create by its path or, if the code sets no path, by its URL. */
async function lostRepo(
  api: Client,
  url: string,
  path: string,
  signal?: AbortSignal,
): Promise<unknown> {
  const found: Json[] = [];
  for await (const repo of allRepos(api, signal)) {
    if (repo.url === url && (path === "" || repo.path === path)) found.push(repo);
  }
  return found.length === 1 ? found[0] : undefined;
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
    named: {},
    accessList: { request: "repos" },
    treeType: "REPO",
    walked: "the repos",
    listedWhole: [],
  },
  title: "repo",
  identity: {
    naturalKey: (attributes) =>
      str(attributes, "path") === "" ? undefined : `path:${str(attributes, "path")}`,
    link: (host, _id, attributes) => `${host}/#workspace${linkPath(str(attributes, "path"))}`,
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
      (found) => remote(object(found)),
    );
  },
  async *list(api, _within, signal) {
    for await (const found of allRepos(api, signal)) yield remote(found);
  },
  toState: (found, before) => ({ ...before, ...found.attributes }),
  async create(api, planned, context) {
    const { signal } = context;
    const path = str(planned, "path");
    const url = str(planned, "url");
    const provider = str(planned, "git_provider") || gitProviderOf(url);
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
    const sparse = block(planned, "sparse_checkout");
    const body = compact({
      url,
      provider,
      path,
      sparse_checkout: sparse === undefined ? undefined : { patterns: sparse.patterns },
      git_credential_id: planned.git_credential_id,
    });
    const answer = await createOnce(
      {
        what: `repo ${path} ${url}`,
        create: (recover) => api.post("/api/2.0/repos", body, { recover, signal }),
        find: () => lostRepo(api, url, path, signal),
      },
      api,
      context.pending,
    );
    const result = remote(object(answer));
    const [branch, tag] = [str(planned, "branch"), str(planned, "tag")];
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
    await patch(api, id, checkout(planned), context.signal);
    return { id };
  },
  async delete(api, id, _prior, context) {
    await api.delete(`/api/2.0/repos/${id}`, { signal: context.signal });
  },
  restore: (api, id, desired, context) => patch(api, id, checkout(desired), context.signal),
  removal: (found) => apiCommand("DELETE", `/api/2.0/repos/${found.id}`),
};
