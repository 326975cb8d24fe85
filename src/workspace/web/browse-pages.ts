import { WorkspaceError, type JsonObject } from "../errors";
import { asNumber, asObject, asText, formatValue, objectsAt } from "../jobs/json";
import { html, link, withQuery, type Html } from "./html";
import type { Page } from "./layout";
import { bytes, code, name, pager, table, time } from "./parts";
import type { Visit } from "./visit";

/** Shows the message of an API error as a notice on the page. */
async function pageOrNotice(title: string, render: () => Promise<Page>): Promise<Page> {
  try {
    return await render();
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    return {
      title,
      status: error.status,
      body: html`<div class="note info">${error.message}</div>`,
    };
  }
}

export const clustersPage = ({ read, call }: Visit): Promise<Page> =>
  pageOrNotice("Clusters", async () => {
    const page_token = call.input.optionalString("page_token") ?? "";
    const response = await read("/api/2.1/clusters/list", { page_size: "50", page_token });
    const clusterList = objectsAt(response, "clusters");
    const nextToken = asText(response.next_page_token);
    return {
      title: "Clusters",
      live: true,
      body: html`${table(
        ["Name", "State", "Kind", "Runtime", "Size", "Created by", "Id"],
        clusterList.map((cluster) => {
          const state = asText(cluster.state);
          const colour =
            state === "RUNNING"
              ? "ok"
              : state === "ERROR"
                ? "bad"
                : state === "TERMINATED"
                  ? ""
                  : "run";
          const autoscale = asObject(cluster.autoscale);
          return [
            asText(cluster.cluster_name) === ""
              ? html`<span class="dim">unnamed</span>`
              : clusterName(cluster),
            html`<span class="chip ${colour}">${state.toLowerCase()}</span>`,
            html`<span class="nowrap"
              >${cluster.cluster_source === "JOB" ? "job" : "all-purpose"}</span
            >`,
            html`<span class="nowrap">${asText(cluster.spark_version)}</span>`,
            html`<span class="nowrap"
              >${autoscale === undefined ? formatValue(cluster.num_workers) : `${formatValue(autoscale.min_workers)}–${formatValue(autoscale.max_workers)}`}
              × ${asText(cluster.node_type_id)}</span
            >`,
            name(asText(cluster.creator_user_name)),
            html`<span class="mono nowrap">${asText(cluster.cluster_id)}</span>`,
          ];
        }),
        "No clusters.",
      )}
      ${pager(page_token === "" ? undefined : "/clusters", nextToken === "" ? undefined : withQuery("/clusters", { page_token: nextToken }), "clusters")}`,
    };
  });

/** Shows the name of a cluster. A job cluster links to its job. */
function clusterName(cluster: JsonObject): Html {
  const job = asText(asObject(cluster.default_tags)?.JobId);
  return name(asText(cluster.cluster_name), job === "" ? undefined : link("jobs", job));
}

/** Max number of rows to show for a folder. */
const MAX_ROWS = 1000;
const truncationNote = (items: readonly JsonObject[]): Html | undefined =>
  items.length > MAX_ROWS
    ? html`<p class="dim">The first ${MAX_ROWS} of ${items.length}.</p>`
    : undefined;

/** Shows the secret scopes with the names of their secrets. This file never reads the values. */
export const secretsPage = ({ read }: Visit): Promise<Page> =>
  pageOrNotice("Secrets", async () => {
    const scopes = objectsAt(await read("/api/2.0/secrets/scopes/list"), "scopes");
    const parts: Html[] = [];
    for (const scope of scopes) {
      const name = asText(scope.name);
      const keys = await ifPermitted(async () =>
        objectsAt(await read("/api/2.0/secrets/list", { scope: name }), "secrets"),
      );
      const acls = await ifPermitted(async () =>
        objectsAt(await read("/api/2.0/secrets/acls/list", { scope: name }), "items"),
      );
      parts.push(
        html`<h2 id="${encodeURIComponent(name)}">
            ${name} <span class="dim">${asText(scope.backend_type).toLowerCase()}</span>
          </h2>
          ${
            keys === undefined
              ? html`<div class="card empty">You do not have permission to read this scope.</div>`
              : table(
                  ["Secret", "Last updated"],
                  keys.map((item) => [
                    html`<code>${asText(item.key)}</code>`,
                    time(asNumber(item.last_updated_timestamp)),
                  ]),
                  "No secrets in this scope.",
                )
          }
          <p>
            ${acls?.map((item) => html`<span class="tag">${asText(item.principal)}: ${asText(item.permission)}</span>`)}
          </p>`,
      );
    }
    return {
      title: "Secrets",
      body: html`<p class="dim">Names only: values are never shown here.</p>
        ${parts.length === 0 ? html`<div class="card empty">No scopes.</div>` : parts}`,
    };
  });

/** Returns undefined if the caller lacks the permission to read. */
async function ifPermitted<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof WorkspaceError && error.code === "PERMISSION_DENIED") return undefined;
    throw error;
  }
}

/** Renders the path with a link to each parent folder. */
function breadcrumbs(base: string, path: string): Html {
  const parts = path.split("/").filter((part) => part !== "");
  return html`<a href="${base}">root</a> /
    ${parts.map((part, index) => html`<a href="${withQuery(base, { path: `/${parts.slice(0, index + 1).join("/")}` })}">${part}</a>${index < parts.length - 1 && " / "}`)}`;
}

const toAbsolute = (path: string | undefined): string =>
  path === undefined || path === "" ? "/" : path.startsWith("/") ? path : `/${path}`;
const nameOf = (path: string): string => path.split("/").at(-1) ?? path;
/** Max size of a preview. */
const PREVIEW_BYTES = 64 * 1024;

export const dbfsPage = ({ read, call }: Visit): Promise<Page> =>
  pageOrNotice("DBFS", async () => {
    const path = toAbsolute(call.input.optionalString("path"));
    const status = path === "/" ? undefined : await read("/api/2.0/dbfs/get-status", { path });
    const crumbs = breadcrumbs("/dbfs", path);
    if (status !== undefined && status.is_dir !== true) {
      const { data } = await read("/api/2.0/dbfs/read", {
        path,
        offset: "0",
        length: String(PREVIEW_BYTES),
      });
      return {
        title: nameOf(path),
        crumbs,
        body: preview(Buffer.from(asText(data), "base64"), asNumber(status.file_size)),
      };
    }
    const files = objectsAt(await read("/api/2.0/dbfs/list", { path }), "files");
    return {
      title: path === "/" ? "DBFS" : nameOf(path),
      crumbs,
      body: html`${truncationNote(files)}${table(
        ["Name", "Size", "Modified"],
        files
          .slice(0, MAX_ROWS)
          .map((file) => [
            html`<a href="${withQuery("/dbfs", { path: asText(file.path) })}"
              >${nameOf(asText(file.path))}${file.is_dir === true && "/"}</a
            >`,
            file.is_dir === true ? "" : bytes(asNumber(file.file_size)),
            time(asNumber(file.modification_time)),
          ]),
        "This folder is empty.",
      )}`,
    };
  });

export const workspacePage = ({ read, call }: Visit): Promise<Page> =>
  pageOrNotice("Workspace", async () => {
    const path = toAbsolute(call.input.optionalString("path"));
    const status = path === "/" ? undefined : await read("/api/2.0/workspace/get-status", { path });
    const crumbs = breadcrumbs("/workspace", path);
    const type = asText(status?.object_type);
    if (type === "NOTEBOOK" || type === "FILE") {
      const { content } = await read("/api/2.0/workspace/export", {
        path,
        format: type === "FILE" ? "AUTO" : "SOURCE",
      });
      const body = Buffer.from(asText(content), "base64");
      return {
        title: nameOf(path),
        crumbs,
        aside: html`<span class="tag"
          >${asText(status?.language).toLowerCase() || type.toLowerCase()}</span
        >`,
        body: preview(body, body.length),
      };
    }
    const items = objectsAt(await read("/api/2.0/workspace/list", { path }), "objects");
    return {
      title: path === "/" ? "Workspace" : nameOf(path),
      crumbs,
      body: html`${truncationNote(items)}${table(
        ["Name", "Type", "Language", "Id"],
        items
          .slice(0, MAX_ROWS)
          .map((item) => [
            html`<a href="${withQuery("/workspace", { path: asText(item.path) })}"
              >${nameOf(asText(item.path))}</a
            >`,
            asText(item.object_type).toLowerCase(),
            asText(item.language).toLowerCase(),
            html`<span class="mono">${formatValue(item.object_id)}</span>`,
          ]),
        "This folder is empty.",
      )}`,
    };
  });

function preview(content: Buffer, size: number): Html {
  const start = content.subarray(0, PREVIEW_BYTES);
  const note =
    size > start.length
      ? html`<p class="dim">The first ${bytes(start.length)} of ${bytes(size)}.</p>`
      : html`<p class="dim">${bytes(size)}</p>`;
  if (start.includes(0))
    return html`${note}
      <div class="card empty">Not a text file.</div>`;
  return html`${note}
    <div class="card">${code(start.toString("utf8"))}</div>`;
}
