/**
 * Compares the verifier with the complete list of REST endpoints: everything that a GET returns
 * about one of our objects is read, or listed as not checked, or listed here as not part of an
 * object. A new endpoint in the list fails this test until it is classified.
 */
import { readFileSync } from "node:fs";
import { separateSettings } from "../../src/verify/remote/not-read";
import { prepare, everyKind } from "../support/every-kind";
import { moreKinds, prepareMore } from "../support/more-kinds";
import type { JsonObject } from "../support/replay-format";
import { check, deployDirect, openLab, type Lab } from "./harness";

const endpoints = [
  ...new Set(
    readFileSync("test/fixtures/rest-endpoints.tsv", "utf8")
      .split("\n")
      .map((line) => line.split("\t"))
      .filter(([, , , method]) => method === "GET")
      .map(([, , , , source = ""]) => (/"([^"]*)"/.exec(source)?.[1] ?? "").replaceAll("%v", "{}")),
  ),
].sort();

/** Endpoints that are not settings of an object of a supported kind. */
const otherEndpoints: readonly (readonly [RegExp, string])[] = [
  [/\/accounts\//, "objects of the account, not of a workspace"],
  [/permissionLevels$/, "the possible levels; the granted ones are read"],
  [/^\/api\/2\.0\/permissions\/warehouses\//, "read under its other name, sql/warehouses"],
  [/\/workspace-bindings\/catalogs\//, "the older view of /bindings/catalog"],
  [/\/privilege-assignments\//, "the grants in pages; /permissions returns all at once"],
  [/\/secrets\/acls\/get$/, "one entry of the list that is read"],
  [/effective-(permissions|privilege)/, "follows from the grants on the object and its parents"],
  [
    /^\/api\/2\.0\/permissions\/(apps|experiments|knowledge|pipelines|registered|serving|supervisor|vector|authorization)/,
    "access lists of objects that lakeform has no kind for; those of a databricks_permissions are read",
  ],
  [/compliance$/, "follows from the object and its policy"],
  [/\/resource-quotas\//, "counts"],
  [
    /\/(jobs\/runs|commands|contexts|statements|history|mlflow\/metrics)\b/,
    "runs and their output",
  ],
  [/\/pipelines\/\{\}\/(events|updates)/, "runs and their output"],
  [
    /^\/api\/2\.0\/(settings\/types|policy-families|sql\/config|redash-v2|token-management\/tokens$|access-control)/,
    "settings of the whole workspace",
  ],
  [
    /^\/api\/2\.1\/(settings|tag-policies|clusters\/(list-node-types|list-zones|spark-versions))/,
    "settings and offers of the whole workspace",
  ],
  [
    /^\/api\/(2\.0\/identity|2\.0\/preview\/scim\/v2\/(Groups|Users|ServicePrincipals)$)/,
    "principals, which are listed as not searched",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/(metastore|artifact-allowlists|providers\/\{\}\/shares|shares|public|[a-z-]+-services)/,
    "objects of the metastore that lakeform has no kind for",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/(functions|secrets|tables)\/\{\}/,
    "objects in a schema, which are listed as not checked",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/models\/\{\}\/versions\/\{\}/,
    "versions, which are listed as not checked",
  ],
  [
    /^\/api\/2\.0\/mlflow\/(model-versions\/get|experiments\/get-by-name|registered-models\/search)/,
    "another way to read an object that is read or listed",
  ],
  [
    /^\/api\/2\.0\/serving-endpoints\/\{\}\/.|\/published\/tokeninfo$/,
    "what is running, and how it is called",
  ],
  [
    /^\/api\/(2\.0\/quality-monitors|data-quality\/v1\/monitors)(\/\{\}\/\{\}\/.*)?$/,
    "the list of all monitors, and their refreshes",
  ],
  [/^\/api\/2\.0\/lineage-tracking\//, "where data comes from"],
  [
    /^\/api\/2\.\d\/(ai-search|alerts|app-spaces|apps|apps-settings|automl|bundle|clean-rooms|custom-llms|data-sharing\/providers|database|feature-|genie|marketplace|online-tables|postgres|preview\/sql|knowledge-assistants|supervisor-agents)/,
    "objects that lakeform has no kind for",
  ],
  [
    /^\/api\/2\.1\/\{\}(\/[a-z-]+)?$/,
    "knowledge assistants and agents, which lakeform has no kind for",
  ],
  [
    /^\/api\/(disaster-recovery|environments|networking)\/v1\//,
    "objects that lakeform has no kind for",
  ],
];

/** The paths that a verification of an object of each kind requests. */
let requestedPaths: readonly string[] = [];
/** What the report lists as not checked. */
let notChecked: readonly string[] = [];
beforeAll(async () => {
  const lab = await openLab();
  const call = async (method: string, path: string, body?: unknown): Promise<JsonObject> =>
    (
      await lab.client.exchange({
        method: method as "GET",
        path,
        ...(body === undefined ? {} : { body }),
      })
    ).body as JsonObject;
  const resources: Record<string, Record<string, JsonObject>> = {};
  for (const { type, config } of everyKind(await prepare({ call })))
    resources[type] = { one: config };
  for (const { type, config } of moreKinds(await prepareMore({ call })))
    resources[type] = { one: config };
  const deployed = await deployDirect(lab, resources);
  const paths = new Set<string>();
  const watched = { ...lab, client: watch(lab.client, paths) } as Lab;
  const report = await check(watched, deployed, { deep: true, unmanaged: "all" });
  requestedPaths = [...paths];
  notChecked = report.notChecked.map(({ what }) => what);
  await lab.close();
});

function watch(
  client: Lab["client"],
  paths: Set<string>,
): Pick<Lab["client"], "get" | "head" | "download" | "host"> {
  return {
    host: client.host,
    get: (path, options) => (paths.add(path), client.get(path, options)),
    head: (path, options) => (paths.add(path), client.head(path, options)),
    download: (path, options) => (paths.add(path), client.download(path, options)),
  };
}

const matches = (endpoint: string, path: string): boolean =>
  new RegExp(
    `^${endpoint
      .replaceAll(/[.*+?^$()|[\]\\]/g, String.raw`\$&`)
      .replaceAll("/fs/files{}", "/fs/files/.+")
      .replaceAll("/fs/directories{}", "/fs/directories/.+")
      .replaceAll("{}", "[^/]+")}$`,
  ).test(path);

test("each endpoint is read, listed as not checked, or not part of an object", () => {
  const undecided = endpoints.filter(
    (endpoint) =>
      !requestedPaths.some((path) => matches(endpoint, path)) &&
      !separateSettings.some(({ endpoints: listedEndpoints }) =>
        listedEndpoints.includes(endpoint),
      ) &&
      !otherEndpoints.some(([pattern]) => pattern.test(endpoint)),
  );
  expect(undecided).toEqual([]);
});

test("settings in separate resources are in the report of each type that has them", () => {
  const missing = separateSettings
    .flatMap(({ what, types }) => types.map((type) => `${what} of ${type}`))
    .filter((line) => !notChecked.includes(line));
  expect(missing).toEqual([]);
});

test("no entry of this test's lists is unused", () => {
  for (const { endpoints: listedEndpoints } of separateSettings)
    expect(listedEndpoints.filter((listedEndpoint) => !endpoints.includes(listedEndpoint))).toEqual(
      [],
    );
  expect(
    otherEndpoints.filter(([pattern]) => !endpoints.some((endpoint) => pattern.test(endpoint))),
  ).toEqual([]);
});
