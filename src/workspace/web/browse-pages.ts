import { WorkspaceError, type JsonObject } from "../errors";
import { asArray, asNumber, asObject, show, text } from "../jobs/json";
import { html, link, withQuery, type Html } from "./html";
import type { Page } from "./layout";
import { bytes, code, name, pager, table, time } from "./parts";
import type { Visit } from "./visit";

const objects = (value: JsonObject, name: string): JsonObject[] =>
  asArray(value[name]).map((item) => asObject(item) ?? {});

/** Shows a notice instead of an error if the local workspace lacks an API family. */
async function orNotice(title: string, make: () => Promise<Page>): Promise<Page> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    return {
      title,
      status: error.status,
      body: html`<div class="note info">${error.message}</div>`,
    };
  }
}

export const clusters = ({ read, call }: Visit): Promise<Page> =>
  orNotice("Clusters", async () => {
    const page_token = call.input.optionalString("page_token") ?? "";
    const answer = await read("/api/2.1/clusters/list", { page_size: "50", page_token });
    const found = objects(answer, "clusters");
    const next = text(answer.next_page_token);
    return {
      title: "Clusters",
      live: true,
      body: html`${table(
        ["Name", "State", "Kind", "Runtime", "Size", "Created by", "Id"],
        found.map((cluster) => {
          const state = text(cluster.state);
          const colour =
            state === "RUNNING"
              ? "ok"
              : state === "ERROR"
                ? "bad"
                : state === "TERMINATED"
                  ? ""
                  : "run";
          const scale = asObject(cluster.autoscale);
          return [
            text(cluster.cluster_name) === ""
              ? html`<span class="dim">unnamed</span>`
              : clusterName(cluster),
            html`<span class="chip ${colour}">${state.toLowerCase()}</span>`,
            html`<span class="nowrap"
              >${cluster.cluster_source === "JOB" ? "job" : "all-purpose"}</span
            >`,
            html`<span class="nowrap">${text(cluster.spark_version)}</span>`,
            html`<span class="nowrap"
              >${scale === undefined ? show(cluster.num_workers) : `${show(scale.min_workers)}–${show(scale.max_workers)}`}
              × ${text(cluster.node_type_id)}</span
            >`,
            name(text(cluster.creator_user_name)),
            html`<span class="mono nowrap">${text(cluster.cluster_id)}</span>`,
          ];
        }),
        "No clusters.",
      )}
      ${pager(page_token === "" ? undefined : "/clusters", next === "" ? undefined : withQuery("/clusters", { page_token: next }), "clusters")}`,
    };
  });

/** Shows the name of a cluster. A job cluster links to its job. */
function clusterName(cluster: JsonObject): Html {
  const job = text(asObject(cluster.default_tags)?.JobId);
  return name(text(cluster.cluster_name), job === "" ? undefined : link("jobs", job));
}

/** Max number of rows to show for a folder. */
const MOST_ROWS = 1000;
const cut = (items: readonly JsonObject[]): Html | undefined =>
  items.length > MOST_ROWS
    ? html`<p class="dim">The first ${MOST_ROWS} of ${items.length}.</p>`
    : undefined;

/** The secret scopes with the names of their secrets. This file never reads the values. */
export const secrets = ({ read }: Visit): Promise<Page> =>
  orNotice("Secrets", async () => {
    const scopes = objects(await read("/api/2.0/secrets/scopes/list"), "scopes");
    const parts: Html[] = [];
    for (const scope of scopes) {
      const name = text(scope.name);
      const keys = await guarded(async () =>
        objects(await read("/api/2.0/secrets/list", { scope: name }), "secrets"),
      );
      const acls = await guarded(async () =>
        objects(await read("/api/2.0/secrets/acls/list", { scope: name }), "items"),
      );
      parts.push(
        html`<h2 id="${encodeURIComponent(name)}">
            ${name} <span class="dim">${text(scope.backend_type).toLowerCase()}</span>
          </h2>
          ${
            keys === undefined
              ? html`<div class="card empty">You do not have permission to read this scope.</div>`
              : table(
                  ["Secret", "Last updated"],
                  keys.map((item) => [
                    html`<code>${text(item.key)}</code>`,
                    time(asNumber(item.last_updated_timestamp)),
                  ]),
                  "No secrets in this scope.",
                )
          }
          <p>
            ${acls?.map((item) => html`<span class="tag">${text(item.principal)}: ${text(item.permission)}</span>`)}
          </p>`,
      );
    }
    return {
      title: "Secrets",
      body: html`<p class="dim">Names only: values are never shown here.</p>
        ${parts.length === 0 ? html`<div class="card empty">No scopes.</div>` : parts}`,
    };
  });

/** Returns undefined if the caller does not have the permission. */
async function guarded<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get();
  } catch (error) {
    if (error instanceof WorkspaceError) return undefined;
    throw error;
  }
}

/** Renders the path with a link to each parent folder. */
function trail(base: string, path: string): Html {
  const parts = path.split("/").filter((part) => part !== "");
  return html`<a href="${base}">root</a> /
    ${parts.map((part, index) => html`<a href="${withQuery(base, { path: `/${parts.slice(0, index + 1).join("/")}` })}">${part}</a>${index < parts.length - 1 && " / "}`)}`;
}

const absolute = (path: string | undefined): string =>
  path === undefined || path === "" ? "/" : path.startsWith("/") ? path : `/${path}`;
const nameOf = (path: string): string => path.split("/").at(-1) ?? path;
/** Max size of a preview. */
const PREVIEW = 64 * 1024;

export const dbfs = ({ read, call }: Visit): Promise<Page> =>
  orNotice("DBFS", async () => {
    const path = absolute(call.input.optionalString("path"));
    const status = path === "/" ? undefined : await read("/api/2.0/dbfs/get-status", { path });
    const crumbs = trail("/dbfs", path);
    if (status !== undefined && status.is_dir !== true) {
      const { data } = await read("/api/2.0/dbfs/read", {
        path,
        offset: "0",
        length: String(PREVIEW),
      });
      return {
        title: nameOf(path),
        crumbs,
        body: preview(Buffer.from(text(data), "base64"), asNumber(status.file_size)),
      };
    }
    const files = objects(await read("/api/2.0/dbfs/list", { path }), "files");
    return {
      title: path === "/" ? "DBFS" : nameOf(path),
      crumbs,
      body: html`${cut(files)}${table(
        ["Name", "Size", "Modified"],
        files
          .slice(0, MOST_ROWS)
          .map((file) => [
            html`<a href="${withQuery("/dbfs", { path: text(file.path) })}"
              >${nameOf(text(file.path))}${file.is_dir === true && "/"}</a
            >`,
            file.is_dir === true ? "" : bytes(asNumber(file.file_size)),
            time(asNumber(file.modification_time)),
          ]),
        "This folder is empty.",
      )}`,
    };
  });

export const workspace = ({ read, call }: Visit): Promise<Page> =>
  orNotice("Workspace", async () => {
    const path = absolute(call.input.optionalString("path"));
    const status = path === "/" ? undefined : await read("/api/2.0/workspace/get-status", { path });
    const crumbs = trail("/workspace", path);
    const type = text(status?.object_type);
    if (type === "NOTEBOOK" || type === "FILE") {
      const { content } = await read("/api/2.0/workspace/export", {
        path,
        format: type === "FILE" ? "AUTO" : "SOURCE",
      });
      const body = Buffer.from(text(content), "base64");
      return {
        title: nameOf(path),
        crumbs,
        aside: html`<span class="tag"
          >${text(status?.language).toLowerCase() || type.toLowerCase()}</span
        >`,
        body: preview(body, body.length),
      };
    }
    const items = objects(await read("/api/2.0/workspace/list", { path }), "objects");
    return {
      title: path === "/" ? "Workspace" : nameOf(path),
      crumbs,
      body: html`${cut(items)}${table(
        ["Name", "Type", "Language", "Id"],
        items
          .slice(0, MOST_ROWS)
          .map((item) => [
            html`<a href="${withQuery("/workspace", { path: text(item.path) })}"
              >${nameOf(text(item.path))}</a
            >`,
            text(item.object_type).toLowerCase(),
            text(item.language).toLowerCase(),
            html`<span class="mono">${show(item.object_id)}</span>`,
          ]),
        "This folder is empty.",
      )}`,
    };
  });

function preview(content: Buffer, size: number): Html {
  const head = content.subarray(0, PREVIEW);
  const note =
    size > head.length
      ? html`<p class="dim">The first ${bytes(head.length)} of ${bytes(size)}.</p>`
      : html`<p class="dim">${bytes(size)}</p>`;
  if (head.includes(0))
    return html`${note}
      <div class="card empty">Not a text file.</div>`;
  return html`${note}
    <div class="card">${code(head.toString("utf8"))}</div>`;
}
