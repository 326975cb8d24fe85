import { link, html, withQuery } from "./html";
import type { Page } from "./layout";
import { code } from "./parts";
import type { Visit } from "./visit";

/**
 * A page that shows an object as REST returns it, for object types without a page of their own.
 */
export interface ObjectPage {
  /** The page's path: the same as on the platform, if the platform has a page, so that links work. */
  readonly address: string;
  readonly title: string;
  /** The API route that returns the object. */
  readonly route: string;
  /** The query parameter with the id. @default the id is part of the path */
  readonly idParameter?: string;
}

export const objectPages: readonly ObjectPage[] = [
  {
    address: "/clusters/:id",
    title: "Cluster",
    route: "/api/2.1/clusters/get",
    idParameter: "cluster_id",
  },
  {
    address: "/instance-pools/:id",
    title: "Instance pool",
    route: "/api/2.0/instance-pools/get",
    idParameter: "instance_pool_id",
  },
  {
    address: "/global-init-scripts/:id",
    title: "Global init script",
    route: "/api/2.0/global-init-scripts/:id",
  },
  { address: "/groups/:id", title: "Group", route: "/api/2.0/preview/scim/v2/Groups/:id" },
  { address: "/pipelines/:id", title: "Pipeline", route: "/api/2.0/pipelines/:id" },
  { address: "/sql/warehouses/:id", title: "SQL warehouse", route: "/api/2.0/sql/warehouses/:id" },
  { address: "/sql/alerts/:id", title: "Alert", route: "/api/2.0/sql/alerts/:id" },
  { address: "/sql/editor/:id", title: "Query", route: "/api/2.0/sql/queries/:id" },
  {
    address: "/sql/dashboardsv3/:id",
    title: "Dashboard",
    route: "/api/2.0/lakeview/dashboards/:id",
  },
  {
    address: "/ml/experiments/:id",
    title: "Experiment",
    route: "/api/2.0/mlflow/experiments/get",
    idParameter: "experiment_id",
  },
  {
    address: "/ml/endpoints/:name",
    title: "Serving endpoint",
    route: "/api/2.0/serving-endpoints/:name",
  },
  {
    address: "/explore/connections/:name",
    title: "Connection",
    route: "/api/2.1/unity-catalog/connections/:name",
  },
  {
    address: "/explore/locations/:name",
    title: "External location",
    route: "/api/2.1/unity-catalog/external-locations/:name",
  },
  {
    address: "/explore/credentials/:name",
    title: "Credential",
    route: "/api/2.1/unity-catalog/credentials/:name",
  },
  {
    address: "/explore/sharing/recipients/:id",
    title: "Recipient",
    route: "/api/2.1/unity-catalog/recipients/:id",
  },
  {
    address: "/explore/sharing/shares/:name",
    title: "Share",
    route: "/api/2.1/unity-catalog/shares/:name",
  },
  { address: "/apps/:id", title: "App", route: "/api/2.0/apps/:id" },
  {
    address: "/explore/sharing/providers/:id",
    title: "Provider",
    route: "/api/2.1/unity-catalog/providers/:id",
  },
];

/** Returns the handler of an object's page. */
export const objectPageHandler =
  ({ title, route, idParameter }: ObjectPage) =>
  async ({ read, call: { params } }: Visit): Promise<Page> => {
    const [id = ""] = Object.values(params);
    const query = idParameter === undefined ? {} : { [idParameter]: id };
    const object = await read(route, query, params);
    return {
      title,
      body: html`<p class="dim">${id}</p>
        ${code(object)}`,
    };
  };

/** Renders the page of a registered model. Its path contains the parts of the name as segments. */
export async function registeredModelPage({ read, call: { params } }: Visit): Promise<Page> {
  const name = [params.catalog, params.schema, params.model].join(".");
  return {
    title: "Registered model",
    body: html`<p class="dim">${name}</p>
      ${code(await read("/api/2.1/unity-catalog/models/:name", {}, { name }))}`,
  };
}

/** The paths of Unity Catalog pages on the platform; see {@link toCatalogPage}. */
export const platformCatalogPaths = [
  "/explore/data/:catalog",
  "/explore/data/:catalog/:schema",
  "/explore/data/:catalog/:schema/:table",
  "/explore/data/volumes/:catalog/:schema/:volume",
  "/explore/data/Volumes/:catalog/:schema/*",
];

/** Returns the address of the page here that shows the catalog or schema of a platform's page. */
export const toCatalogPage = ({ catalog = "", schema }: Readonly<Record<string, string>>): string =>
  withQuery("/catalog", schema === undefined ? { catalog } : { catalog, schema });

/** Patterns of platform addresses with `#`, and the page here for the captured id, path or name. */
const HASH_PATTERNS: readonly (readonly [RegExp, (id: string) => string])[] = [
  [/^#job\/(\d+)$/, (id) => link("jobs", id)],
  [/^#workspace(\/.*)$/, (id) => withQuery("/workspace", { path: id })],
  [/^#secrets\/(.+)$/, (id) => `/secrets#${encodeURIComponent(id)}`],
  [/^#joblist\/pipelines\/([^/]+)$/, (id) => link("pipelines", id)],
  [/^#setting\/accounts\/groups\/([^/]+)$/, (id) => link("groups", id)],
  [
    /^#setting\/clusters\/cluster-policies\/view\/([^/]+)$/,
    (id) => `/policies#${encodeURIComponent(id)}`,
  ],
  [/^#setting\/clusters\/instance-pools\/view\/([^/]+)$/, (id) => link("instance-pools", id)],
  [/^#setting\/clusters\/global-init-scripts\/([^/]+)$/, (id) => link("global-init-scripts", id)],
  [/^#setting\/clusters\/([^/]+)\/configuration$/, (id) => link("clusters", id)],
];

/** Returns the address of the page here for a platform's address with `#`; `/` if there is none. */
export function addressOfHash(hash: string): string {
  const run = /^#job\/(\d+)\/run\/(\d+)/.exec(hash);
  if (run !== null) return link("jobs", run[1] ?? "", "runs", run[2] ?? "");
  for (const [pattern, toAddress] of HASH_PATTERNS) {
    const id = pattern.exec(hash)?.[1];
    if (id !== undefined) return toAddress(decode(id));
  }
  return "/";
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch (error) {
    // The link contains a `%` that is not an escape.
    if (error instanceof URIError) return id;
    throw error;
  }
}
