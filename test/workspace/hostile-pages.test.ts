/**
 * User input is shown as text on the workspace's pages, and its request pages contain no secret.
 */
import { canaries, leaks } from "../support/canaries";
import { payloads } from "../support/hostile";
import { formsOf, type Forms } from "./forms";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

let w: TestWorkspace;
let browser: Forms;
beforeAll(async () => {
  w = await startTestWorkspace();
  browser = formsOf(w.workspace.host);
  await browser.get("/");
  await browser.send("/login", { token: w.workspace.token });
});
afterAll(() => w.close());

const evil = `"><img src=x onerror=1><script>1</script> ' onmouseover='1' \${1} javascript:1 </style></svg> ${payloads.join(" ")}`;

/** Fetches all pages that are reachable by links from the first one. */
async function crawl(maxPages: number): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const open = ["/", "/jobs", "/runs", "/journal", "/clusters", "/workspace", "/dbfs", "/secrets"];
  while (open.length > 0 && pages.size < maxPages) {
    const path = open.shift() ?? "";
    if (pages.has(path)) continue;
    const { text } = await browser.get(path);
    pages.set(path, text);
    for (const [, href = ""] of text.matchAll(/href="(\/[^"#]*)"/g))
      open.push(href.replaceAll("&amp;", "&"));
  }
  return pages;
}

test("the journal, its pages and its file contain no secret from a request or response", async () => {
  await w.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "s" });
  const tokens: string[] = [];
  for (const [at, secret] of Object.values(canaries).entries()) {
    await w.ok("POST", "/api/2.0/secrets/put", { scope: "s", key: `k${at}`, string_value: secret });
    await w.ok("POST", "/api/2.0/secrets/put", {
      scope: "s",
      key: `b${at}`,
      bytes_value: Buffer.from(secret).toString("base64"),
    });
    await w.call("GET", `/api/2.0/secrets/get?scope=s&key=k${at}`);
    await w.call("POST", "/api/2.0/git-credentials", {
      git_provider: "gitHub",
      git_username: "me",
      personal_access_token: secret,
    });
    // Calls that fail: one with a field of a wrong type, and one with a truncated body.
    await w.call("POST", "/api/2.0/secrets/put", { scope: 1, key: [], string_value: secret });
    const headers = {
      authorization: `Bearer ${w.workspace.token}`,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ scope: "s", key: "k", string_value: secret }).slice(0, -1);
    await fetch(`${w.workspace.host}/api/2.0/secrets/put`, { method: "POST", headers, body });
    tokens.push(
      (await w.ok("POST", "/api/2.0/token/create", { comment: "t" })).token_value as string,
    );
  }
  const journal = JSON.stringify(await w.ok("GET", "/_lakeform/journal"));
  const calls = [...journal.matchAll(/"sequence":(\d+)/g)].map(
    ([, sequence = ""]) => `/journal/${sequence}`,
  );
  expect(calls.length).toBeGreaterThan(50);
  const pages = await Promise.all(
    ["/journal", ...calls].map(async (path) => (await browser.get(path)).text),
  );
  const text = [...pages, journal].join("\n");
  const secrets = [
    ...Object.values(canaries).filter((each) => each.trim().length > 3),
    ...tokens,
    w.workspace.token,
  ];
  // The beginning of the longest value is enough.
  expect(secrets.filter((each) => leaks(text, each.slice(0, 200)))).toEqual([]);
});

test("names, tags, parameters, paths, comments and logs are text on every page", async () => {
  const job = (
    await w.ok("POST", "/api/2.2/jobs/create", {
      name: evil,
      description: evil,
      tags: { [evil.slice(0, 100)]: evil.slice(0, 200) },
      parameters: [{ name: "p", default: evil }],
      tasks: [
        {
          task_key: "a",
          description: evil,
          notebook_task: { notebook_path: `/Shared/${evil}`, base_parameters: { [evil]: evil } },
        },
        {
          task_key: "b",
          depends_on: [{ task_key: "a" }],
          condition_task: { op: "EQUAL_TO", left: evil, right: evil },
        },
      ],
    })
  ).job_id;
  await w.ok("PUT", "/_lakeform/outcomes", {
    outcomes: [{ job: evil, result: "FAILED", error: evil, error_trace: evil }],
  });
  await w.ok("POST", "/api/2.2/jobs/run-now", { job_id: job });
  await w.advance("1m");
  // Values that the API rejects are not on a page.
  for (const [path, body] of [
    [
      "/api/2.0/clusters/create",
      {
        cluster_name: evil.slice(0, 100),
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
        custom_tags: { a: evil },
      },
    ],
    ["/api/2.0/token/create", { comment: evil }],
    ["/api/2.0/workspace/mkdirs", { path: `/Shared/${evil.replaceAll("/", "-").slice(0, 120)}` }],
    ["/api/2.0/dbfs/mkdirs", { path: `/${evil.replaceAll("/", "-").slice(0, 120)}` }],
    ["/api/2.1/unity-catalog/catalogs", { name: "c", comment: evil, properties: { a: evil } }],
    ["/api/2.1/unity-catalog/schemas", { name: "s", catalog_name: "c", comment: evil }],
    ["/api/2.0/sql/warehouses", { name: evil, cluster_size: "Small" }],
  ] as const)
    // prettier-ignore
    await w.call("POST", path, body);
  const pages = await crawl(60);
  expect(pages.size).toBeGreaterThan(25);
  let escaped = 0;
  for (const [path, page] of pages) {
    if (page.includes("&lt;img src=x")) escaped += 1;
    const raw = [
      /<img src=x/i,
      /<script>1/,
      /<a href='x'/,
      /<\/details><\/summary>/,
      /[^=\w]" onmouseover|'1' \$/,
      /href="(?![/#?]|https?:|data:,")/,
    ]
      .map((pattern) => pattern.exec(page)?.[0])
      .filter((hit) => hit !== undefined);
    expect([path, raw]).toEqual([path, []]);
  }
  expect(escaped).toBeGreaterThan(8);
});
