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
const others: readonly (readonly [RegExp, string])[] = [
  [/\/accounts\//, "the account, no workspace"],
  [/permissionLevels$/, "which levels there are; who has one is asked"],
  [/^\/api\/2\.0\/permissions\/warehouses\//, "asked under its other name, sql/warehouses"],
  [/\/workspace-bindings\/catalogs\//, "the older view of /bindings/catalog"],
  [/\/privilege-assignments\//, "the grants in pages, which /permissions has whole"],
  [/\/secrets\/acls\/get$/, "one entry of the list that is read"],
  [/effective-(permissions|privilege)/, "follows from the grants here and above"],
  [
    /^\/api\/2\.0\/permissions\/(apps|experiments|knowledge|pipelines|registered|serving|supervisor|vector|authorization)/,
    "of objects that lakeform has no kind for; those in a databricks_permissions are read as any other",
  ],
  [/compliance$/, "follows from the object and its policy"],
  [/\/resource-quotas\//, "counts"],
  [
    /\/(jobs\/runs|commands|contexts|statements|history|mlflow\/metrics)\b/,
    "what runs, and what it has made",
  ],
  [/\/pipelines\/\{\}\/(events|updates)/, "what runs, and what it has made"],
  [
    /^\/api\/2\.0\/(settings\/types|policy-families|sql\/config|redash-v2|token-management\/tokens$|access-control)/,
    "settings of the whole workspace",
  ],
  [
    /^\/api\/2\.1\/(settings|tag-policies|clusters\/(list-node-types|list-zones|spark-versions))/,
    "settings of the whole workspace, and what it offers",
  ],
  [
    /^\/api\/(2\.0\/identity|2\.0\/preview\/scim\/v2\/(Groups|Users|ServicePrincipals)$)/,
    "who there is: listed as not swept",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/(metastore|artifact-allowlists|providers\/\{\}\/shares|shares|public|[a-z-]+-services)/,
    "objects of the metastore that lakeform has no kind for",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/(functions|secrets|tables)\/\{\}/,
    "one of what is listed as in a schema and not checked",
  ],
  [
    /^\/api\/2\.1\/unity-catalog\/models\/\{\}\/versions\/\{\}/,
    "one of the versions that are listed as not checked",
  ],
  [
    /^\/api\/2\.0\/mlflow\/(model-versions\/get|experiments\/get-by-name|registered-models\/search)/,
    "another way to what is read or listed",
  ],
  [
    /^\/api\/2\.0\/serving-endpoints\/\{\}\/.|\/published\/tokeninfo$/,
    "what runs, and how it is called",
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

/**
 * Endpoints that the verifier reads only to find an object in another way (by name, in a list, or
 * of one of several kinds).
 */
let requestedEndpoints: readonly string[] = [];
let listed: readonly string[] = [];
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
  requestedEndpoints = [...paths];
  listed = report.notChecked.map(({ what }) => what);
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
      !requestedEndpoints.some((path) => matches(endpoint, path)) &&
      !separateSettings.some(({ endpoints: listedEndpoints }) =>
        listedEndpoints.includes(endpoint),
      ) &&
      !others.some(([pattern]) => pattern.test(endpoint)),
  );
  expect(undecided).toEqual([]);
});

test("settings in separate resources are in the report of each type that has them", () => {
  const missing = separateSettings
    .flatMap(({ what, types }) => types.map((type) => `${what} of ${type}`))
    .filter((line) => !listed.includes(line));
  expect(missing).toEqual([]);
});

test("no entry of this test's lists is unused", () => {
  for (const { endpoints: listedEndpoints } of separateSettings)
    expect(listedEndpoints.filter((listedEndpoint) => !endpoints.includes(listedEndpoint))).toEqual(
      [],
    );
  expect(
    others.filter(([pattern]) => !endpoints.some((endpoint) => pattern.test(endpoint))),
  ).toEqual([]);
});
