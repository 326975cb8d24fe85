import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Client } from "../../api/client";
import { LakeformError } from "../../errors";
import { isApiError } from "../../api/transport/errors";
import { byId, urls } from "../families/by-id";
import { orMissing } from "../families/or-missing";
import { contentOfBytes } from "../families/content";
import type { Attributes, Content, Kind, Value, WriteContext } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { object, optionalText, type Json } from "../shape/json";
import { sameWorkspacePath } from "../shape/paths";
import { setByPlatform } from "../shape/rules";
import { blockOf } from "../shape/schema";
import { stateOf } from "../shape/sdk-state";
import { isZeroValue } from "../shape/shape";

const url = "/api/2.0/lakeview/dashboards";
const urlOf = (id: string): string => `${url}/${encodeURIComponent(id)}`;
/**
 * Fields of the state that an update sends. Because of the e-tag, the platform rejects the update if
 * the dashboard was edited in the meantime.
 */
const fieldsFromState = [
  "create_time",
  "dashboard_id",
  "etag",
  "lifecycle_state",
  "parent_path",
  "path",
  "update_time",
];

/** Replaces the folder by its spelling in the request: the platform adds the prefix /Workspace. */
function withRequestedFolder(item: Json, { parent_path }: Json): Json {
  return sameWorkspacePath((item.parent_path ?? null) as Value, (parent_path ?? null) as Value)
    ? { ...item, parent_path }
    : item;
}

const base = byId({
  type: "databricks_dashboard",
  title: "dashboard",
  traits: {
    lostOnDestroy: "dashboard",
    content: {},
    foundInList: {},
    unmanagedTitle: "the dashboards",
    accessList: { request: "dashboards" },
  },
  calls: urls(url),
  idField: "dashboard_id",
  nameField: "display_name",
  items: "dashboards",
  omitted: ["parent_path", "path", "etag", "update_time"],
  listHasNamesOnly: true,
  link: (host, id) => `${host}/sql/dashboardsv3/${id}`,
  readOnly: [
    "create_time",
    "etag",
    "lifecycle_state",
    "md5",
    "path",
    "update_time",
    "dashboard_change_detected",
  ],
  createdAt: (item) => item["create_time"],
  asCreateRequest: withRequestedFolder,
  isGone: ({ lifecycle_state }) => lifecycle_state === "TRASHED",
  readDetails: async (api, item, { id, attributes }, { brief, signal }) => {
    const content = contentHash(optionalText(item.serialized_dashboard) ?? "");
    if (brief === true) return { content, omitted: ["embed_credentials"] };
    const published = await orMissing(api.get(`${urlOf(id)}/published`, { signal }), object);
    const embed_credentials = published?.embed_credentials === true;
    return { attributes: { ...attributes, embed_credentials }, content };
  },
  body: (fields, planned, prior) => {
    const { parent_path, embed_credentials: _published, ...rest } = fields;
    return {
      ...rest,
      serialized_dashboard: planned.serialized_dashboard,
      ...(prior === undefined
        ? { parent_path }
        : Object.fromEntries(
            fieldsFromState.flatMap((field) =>
              isZeroValue(prior[field]) ? [] : [[field, prior[field]]],
            ),
          )),
    };
  },
  hasTakenEffect: (item, sent) =>
    item.display_name === sent.display_name &&
    (item.warehouse_id ?? "") === (sent.warehouse_id ?? "") &&
    canonical(optionalText(item.serialized_dashboard) ?? "") ===
      canonical(optionalText(sent.serialized_dashboard) ?? ""),
  afterWrite: publish,
  deletesIfIncomplete: true,
  query: (planned) => {
    const defaults = ["dataset_catalog", "dataset_schema"].flatMap((field) =>
      textOrEmpty(planned, field) === "" ? [] : [[field, textOrEmpty(planned, field)]],
    );
    return defaults.length === 0
      ? undefined
      : (Object.fromEntries(defaults) as Record<string, string>);
  },
  rules: {
    configOnly: {
      dataset_catalog: "becomes part of the content's datasets",
      dataset_schema: "becomes part of the content's datasets",
      dashboard_change_detected:
        "set if the dashboard was edited in the workspace: its content is compared",
      file_path: "the content is compared",
      serialized_dashboard: "the content is compared",
      md5: "the content is compared",
    },
    backendDefaults: Object.fromEntries(
      ["create_time", "etag", "lifecycle_state", "path", "update_time"].map((field) => [
        field,
        setByPlatform("the state of the dashboard"),
      ]),
    ),
    equivalent: { parent_path: sameWorkspacePath },
    immutable: { parent_path: "the folder in which it was created" },
  },
  suppress: {
    parent_path: sameWorkspacePath,
    serialized_dashboard: (before, after) =>
      typeof before === "string" &&
      typeof after === "string" &&
      canonical(before) === canonical(after),
  },
});

/** Returns JSON without whitespace and with sorted keys. Text that is not JSON is not changed. */
function canonical(serialized: string): string {
  const sortedFields = (entries: [string, unknown][]): object =>
    Object.fromEntries(entries.sort().map(([key, inner]) => [key, sorted(inner)]));
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === "object" && value !== null
        ? sortedFields(Object.entries(value))
        : value;
  try {
    return JSON.stringify(sorted(JSON.parse(serialized)));
  } catch (error) {
    if (error instanceof SyntaxError) return serialized;
    throw error;
  }
}

function contentHash(serialized: string): Content {
  return contentOfBytes(Buffer.from(canonical(serialized)));
}

/** Reads the content from the file or the attribute. @throws LakeformError SOURCE_UNREADABLE */
async function readContent(attributes: Attributes, directory: string): Promise<string> {
  const file = textOrEmpty(attributes, "file_path");
  if (file === "") return textOrEmpty(attributes, "serialized_dashboard");
  return readFile(path.resolve(directory, file), "utf8").catch((cause: unknown) => {
    throw new LakeformError("SOURCE_UNREADABLE", "cannot read the source file", {
      path: "file_path",
      value: file,
      fix: "check that the file exists where terraform runs",
      cause,
    });
  });
}

/** Publishes the dashboard: viewers see only the last published version. */
async function publish(
  api: Client,
  id: string,
  planned: Attributes,
  signal?: AbortSignal,
): Promise<void> {
  const body = {
    embed_credentials: planned.embed_credentials !== false,
    warehouse_id: textOrEmpty(planned, "warehouse_id"),
  };
  await api.post(`${urlOf(id)}/published`, body, { idempotent: true, signal });
}

async function withContent(
  planned: Attributes,
  { directory }: WriteContext,
): Promise<{ readonly planned: Attributes; readonly md5: string }> {
  const content = await readContent(planned, directory);
  return {
    planned: { ...planned, serialized_dashboard: content },
    md5: createHash("md5").update(content).digest("hex"),
  };
}

/** An AI/BI dashboard, published. */
export const dashboard: Kind = {
  ...base,
  desiredContent: async (attributes, directory) =>
    contentHash(await readContent(attributes, directory)),
  async create(api, planned, context) {
    const { planned: plannedContent, md5 } = await withContent(planned, context);
    const created = await base
      .create(api, plannedContent, context)
      .catch(async (error: unknown) => {
        if (!isApiError(error) || !/^Path \(.*\) doesn't exist\.$/.test(error.workspaceMessage))
          throw error;
        // The parent folder is missing.
        const folder = { path: textOrEmpty(planned, "parent_path") };
        const options = { idempotent: true, signal: context.signal };
        await api.post("/api/2.0/workspace/mkdirs", folder, options);
        return base.create(api, plannedContent, context);
      });
    return {
      ...created,
      attributes: { ...created.attributes, md5, dashboard_change_detected: false },
    };
  },
  async update(api, id, prior, planned, context) {
    const { planned: plannedContent, md5 } = await withContent(planned, context);
    await base.update?.(api, id, prior, plannedContent, context);
    return { id, attributes: { md5, dashboard_change_detected: false } };
  },
  async restore(api, id, desired, context) {
    await base.restore?.(api, id, (await withContent(desired, context)).planned, context);
  },
  // The state keeps the content in the code. The e-tag shows manual edits.
  toState: (remote, before, why, fresh) => ({
    ...stateOf(blockOf("databricks_dashboard"), before, remote, fresh),
    ...Object.fromEntries(
      [
        "file_path",
        "serialized_dashboard",
        "md5",
        "embed_credentials",
        "dataset_catalog",
        "dataset_schema",
      ].map((field) => [field, before[field] ?? null]),
    ),
    ...(why === "refresh" &&
      before.etag !== remote.attributes.etag && { dashboard_change_detected: true }),
  }),
};
