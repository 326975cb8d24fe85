/** Secrets, notebooks, files, folders, tokens and Git. */
import type { Lab } from "../harness";
import type { Config, MatrixKind } from "./kind";
import { base64, textIn } from "./kind";

const place = "its path is its identity: covered by deleting and adding";
const content = { content_base64: [base64("print(1)\n"), base64("print(2)\n")] } as const;
const contentOutside: MatrixKind["outside"] = [
  [/^path$/, place],
  [/^source$/, "names the local file; its bytes are compared as those of content_base64"],
  [/^md5$/, "Terraform's hash of the local bytes"],
  [/^(object_id|file_size|url)$/, "the platform's own"],
];
const reportedAsContent = { content_base64: "content" };

/** The provider does not accept an empty file as content. */
const onlyContent: MatrixKind["onlyChanged"] = [
  [/^content_base64$/, "the code always sets content"],
];

async function readContent(
  lab: Lab,
  path: string,
  query: Record<string, string>,
): Promise<unknown> {
  return lab.client.get(path, { query });
}

export const secretScope: MatrixKind = {
  type: "databricks_secret_scope",
  notHealed: [[/^keyvault_metadata\./, "a scope cannot be edited"]],
  values: {},
  outside: [
    [/^name$/, "its name is its identity: covered by deleting and adding"],
    [/^backend_type$/, "follows from keyvault_metadata"],
    [
      /^initial_manage_principal$/,
      "used only at creation; current permissions are compared as secret_acl",
    ],
  ],
  onlyChanged: [],
  complete(config, leaf, name) {
    if (leaf.path.startsWith("keyvault_metadata."))
      config.keyvault_metadata = [
        { dns_name: "a", resource_id: "a", ...(config.keyvault_metadata as Config[])[0] },
      ];
    return { ...config, name };
  },
  // A scope cannot be edited, so it is recreated.
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/secrets/scopes/delete", { scope: id });
    const [vault] = (config.keyvault_metadata as Config[] | undefined) ?? [];
    const backend =
      vault === undefined
        ? {}
        : { scope_backend_type: "AZURE_KEYVAULT", backend_azure_keyvault: vault };
    await lab.client.post("/api/2.0/secrets/scopes/create", { scope: id, ...backend });
  },
  async readRemote(lab, id) {
    const { scopes } = (await lab.client.get("/api/2.0/secrets/scopes/list")) as {
      scopes: { name: string }[];
    };
    return scopes.find(({ name }) => name === id);
  },
};

async function ensureScope(lab: Lab, scope: string): Promise<void> {
  const { scopes = [] } = (await lab.client.get("/api/2.0/secrets/scopes/list")) as {
    scopes?: { name: string }[];
  };
  if (!scopes.some(({ name }) => name === scope))
    await lab.client.post("/api/2.0/secrets/scopes/create", { scope });
}

export const secret: MatrixKind = {
  type: "databricks_secret",
  values: { string_value: ["canary-before", "canary-after"] },
  outside: [[/^(scope|key)$/, "its identity: covered by deleting and adding"]],
  complete: (config, _leaf, key) => ({ ...config, scope: "matrix-secrets", key }),
  prepare: (lab) => ensureScope(lab, "matrix-secrets"),
  async write(lab, _id, { scope = "", key = "", string_value = "" }) {
    await lab.client.post("/api/2.0/secrets/put", { scope, key, string_value });
  },
  async readRemote(lab, _id, config) {
    return (
      (await lab.client.get("/api/2.0/secrets/get", {
        query: { scope: textIn(config, "scope"), key: textIn(config, "key") },
      })) as {
        value: string;
      }
    ).value;
  },
};

export const secretAcl: MatrixKind = {
  type: "databricks_secret_acl",
  values: { permission: ["READ", "WRITE"] },
  outside: [[/^(scope|principal)$/, "its identity: covered by deleting and adding"]],
  complete: (config, _leaf, name) => ({ ...config, scope: `acl-${name}`, principal: "users" }),
  prepare: (lab, testCase) => ensureScope(lab, textIn(testCase.before, "scope")),
  async write(lab, _id, { scope = "", principal = "", permission = "" }) {
    await lab.client.post("/api/2.0/secrets/acls/put", { scope, principal, permission });
  },
  readRemote: (lab, _id, config) =>
    lab.client.get("/api/2.0/secrets/acls/get", {
      query: { scope: textIn(config, "scope"), principal: textIn(config, "principal") },
    }),
};

export const dbfsFile: MatrixKind = {
  type: "databricks_dbfs_file",
  values: content,
  outside: contentOutside,
  findingField: reportedAsContent,
  onlyChanged: onlyContent,
  complete: (config, _leaf, name) => ({ ...config, path: `/matrix/${name}` }),
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/dbfs/put", {
      path: id,
      contents: config.content_base64,
      overwrite: true,
    });
  },
  readRemote: (lab, id) => readContent(lab, "/api/2.0/dbfs/read", { path: id }),
};

export const volumeFile: MatrixKind = {
  type: "databricks_file",
  values: content,
  outside: [
    ...contentOutside,
    [/^remote_file_modified$/, "set by Terraform if the file has changed"],
  ],
  findingField: reportedAsContent,
  onlyChanged: onlyContent,
  complete: (config, _leaf, name) => ({
    ...config,
    path: `/Volumes/main/default/matrix_files/${name}`,
  }),
  async prepare(lab) {
    const { volumes = [] } = (await lab.client.get("/api/2.1/unity-catalog/volumes", {
      query: { catalog_name: "main", schema_name: "default" },
    })) as { volumes?: { name: string }[] };
    if (!volumes.some(({ name }) => name === "matrix_files"))
      await lab.client.post("/api/2.1/unity-catalog/volumes", {
        catalog_name: "main",
        schema_name: "default",
        name: "matrix_files",
        volume_type: "MANAGED",
      });
  },
  async write(lab, id, config) {
    await lab.client.upload(
      `/api/2.0/fs/files${id}`,
      () => Buffer.from(textIn(config, "content_base64"), "base64"),
      {
        query: { overwrite: true },
      },
    );
  },
  async readRemote(lab, id) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await lab.client.download(`/api/2.0/fs/files${id}`))
      chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks).toString("base64");
  },
};

export const workspaceFile: MatrixKind = {
  type: "databricks_workspace_file",
  values: content,
  outside: contentOutside,
  findingField: reportedAsContent,
  onlyChanged: onlyContent,
  complete: (config, _leaf, name) => ({ ...config, path: `/Shared/${name}.txt` }),
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/workspace/import", {
      path: id,
      format: "RAW",
      overwrite: true,
      content: config.content_base64,
    });
  },
  readRemote: (lab, id) =>
    readContent(lab, "/api/2.0/workspace/export", { path: id, format: "AUTO" }),
};

const notebookText = (word: string): string => base64(`# Databricks notebook source\n${word}\n`);

export const notebook: MatrixKind = {
  type: "databricks_notebook",
  values: {
    content_base64: [notebookText("before"), notebookText("after")],
    language: ["PYTHON", "R"],
  },
  outside: [
    ...contentOutside,
    [/^format$/, "the upload format; the workspace stores a notebook independent of it"],
    [
      /^object_type$/,
      "what is at the path: a file in place of the notebook is covered by adding and deleting",
    ],
  ],
  findingField: reportedAsContent,
  onlyChanged: [...onlyContent, [/^language$/, "a notebook always has one"]],
  complete(config, _leaf, name) {
    return {
      ...config,
      path: `/Shared/${name}`,
      language: config.language ?? "PYTHON",
      content_base64: config.content_base64 ?? notebookText("before"),
    };
  },
  async write(lab, id, config) {
    await lab.client.post("/api/2.0/workspace/import", {
      path: id,
      format: "SOURCE",
      language: config.language,
      overwrite: true,
      content: config.content_base64,
    });
  },
  async readRemote(lab, id) {
    return [
      await readContent(lab, "/api/2.0/workspace/export", { path: id, format: "SOURCE" }),
      await readContent(lab, "/api/2.0/workspace/get-status", { path: id }),
    ];
  },
};

const nothingToChange = {
  values: {},
  complete: () => undefined,
  write: () => Promise.resolve(),
  readRemote: () => Promise.resolve(undefined),
};

export const directory: MatrixKind = {
  ...nothingToChange,
  type: "databricks_directory",
  outside: [
    [/^path$/, place],
    [/^object_id$/, "the platform's own"],
    [/^delete_recursive$/, "only controls how Terraform deletes"],
  ],
};

export const token: MatrixKind = {
  ...nothingToChange,
  type: "databricks_token",
  outside: [
    [/^comment$/, "REST has no call that changes a token: covered by deleting"],
    [
      /^lifetime_seconds$/,
      "REST returns the expiry of the token, not the requested lifetime: reported as unverifiable",
    ],
    [/^(creation_time|expiry_time|token_id)$/, "the platform's own"],
  ],
};

export const repo: MatrixKind = {
  type: "databricks_repo",
  values: { branch: ["main", "release"] },
  together: { branch: "commit_hash" },
  ordered: [[/^sparse_checkout\.patterns$/, "a later pattern overrides an earlier one"]],
  outside: [
    [
      /^(path|url|git_provider)$/,
      "cannot be changed: another checkout at the path is another repo, covered by deleting",
    ],
    [/^tag$/, "REST returns the commit, not its tag: reported as unverifiable"],
    [/^git_credential_id$/, "REST does not return it: reported as unverifiable"],
    [/^commit_hash$/, "set by the platform: it moves with the branch"],
  ],
  onlyChanged: [
    [/^branch$/, "without one the platform returns its choice"],
    [/^sparse_checkout\./, "a full checkout cannot become a sparse one, nor the other way round"],
  ],
  complete: (config, _leaf, name) => ({
    ...config,
    path: `/Repos/matrix/${name}`,
    url: "https://github.com/a/a",
    git_provider: "gitHub",
  }),
  async prepare(lab) {
    await lab.client.post("/api/2.0/workspace/mkdirs", { path: "/Repos/matrix" });
  },
  async write(lab, id, config) {
    const [sparse] = (config.sparse_checkout as Config[] | undefined) ?? [];
    await lab.client.patch(`/api/2.0/repos/${id}`, {
      branch: config.branch ?? "main",
      ...(sparse === undefined ? {} : { sparse_checkout: sparse }),
    });
  },
  readRemote: (lab, id) => lab.client.get(`/api/2.0/repos/${id}`),
};

export const gitCredential: MatrixKind = {
  type: "databricks_git_credential",
  values: { git_provider: ["gitHub", "gitLab"] },
  outside: [
    [/^personal_access_token$/, "REST never returns it: reported as unverifiable"],
    [/^force$/, "only controls what Terraform does if one exists already"],
    [/^principal_id$/, "a parameter of each call"],
  ],
  alone: true,
  notAdded: [
    [
      /^is_default_for_provider$/,
      "true is what the platform says of the only credential of a provider",
    ],
  ],
  complete: (config) => ({
    ...config,
    git_provider: config.git_provider ?? "gitHub",
    personal_access_token: "dapi-canary",
  }),
  async write(lab, id, config) {
    const cleared = { git_username: "", git_email: "", name: "", is_default_for_provider: false };
    await lab.client.patch(`/api/2.0/git-credentials/${id}`, { ...cleared, ...config });
  },
  readRemote: (lab, id) => lab.client.get(`/api/2.0/git-credentials/${id}`),
};
