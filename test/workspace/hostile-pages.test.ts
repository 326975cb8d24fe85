/** The workspace's pages escape user input, and its journal contains no secret. */
import fs from "node:fs";
import path from "node:path";
import { canaries, leaks } from "../support/canaries";
import { payloads } from "../support/hostile";
import { makeFolder, removeFolders } from "../support/project";
import { openFormBrowser, type FormBrowser } from "./forms";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
let browser: FormBrowser;
const journalFile = path.join(makeFolder("journal"), "journal.jsonl");
beforeAll(async () => {
  server = await startTestWorkspace({ journal: journalFile });
  browser = openFormBrowser(server.workspace.host);
  await browser.get("/");
  await browser.send("/login", { token: server.workspace.token });
});
afterAll(async () => {
  await server.close();
  removeFolders();
});

const hostileText = `"><img src=x onerror=1><script>1</script> ' onmouseover='1' \${1} javascript:1 </style></svg> ${payloads.join(" ")}`;

/** Fetches pages that are reachable by links, starting with those of the navigation. */
async function crawl(maxPages: number): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  const pending = [
    "/",
    "/jobs",
    "/runs",
    "/journal",
    "/clusters",
    "/workspace",
    "/dbfs",
    "/secrets",
  ];
  while (pending.length > 0 && pages.size < maxPages) {
    const path = pending.shift() ?? "";
    if (pages.has(path)) continue;
    const { text } = await browser.get(path);
    pages.set(path, text);
    for (const [, href = ""] of text.matchAll(/href="(\/[^"#]*)"/g))
      pending.push(href.replaceAll("&amp;", "&"));
  }
  return pages;
}

test("the journal, its pages and its file contain no secret from a request or response", async () => {
  await server.ok("POST", "/api/2.0/secrets/scopes/create", { scope: "s" });
  const tokens: string[] = [];
  for (const [index, secret] of Object.values(canaries).entries()) {
    await server.ok("POST", "/api/2.0/secrets/put", {
      scope: "s",
      key: `k${index}`,
      string_value: secret,
    });
    await server.ok("POST", "/api/2.0/secrets/put", {
      scope: "s",
      key: `b${index}`,
      bytes_value: Buffer.from(secret).toString("base64"),
    });
    await server.call("GET", `/api/2.0/secrets/get?scope=s&key=k${index}`);
    await server.call("POST", "/api/2.0/git-credentials", {
      git_provider: "gitHub",
      git_username: "me",
      personal_access_token: secret,
    });
    await server.call("POST", "/api/2.0/notification-destinations", {
      display_name: `d${index}`,
      config: { slack: { url: secret, oauth_token: secret } },
    });
    await server.call("POST", "/api/2.0/notification-destinations", {
      display_name: `p${index}`,
      config: { pagerduty: { integration_key: secret } },
    });
    await server.call("POST", "/api/2.1/unity-catalog/storage-credentials", {
      name: `c${index}`,
      gcp_service_account_key: { email: "a@invalid", private_key: secret },
    });
    await server.call("POST", "/api/2.1/unity-catalog/connections", {
      name: `c${index}`,
      connection_type: "SNOWFLAKE",
      options: { pem_private_key: secret },
    });
    await server.call("POST", "/api/2.0/mlflow/registry-webhooks/create", {
      events: ["MODEL_VERSION_CREATED"],
      http_url_spec: { url: "https://hooks.invalid", authorization: secret },
    });
    // Calls that fail: one with a field of a wrong type, and one with a truncated body.
    await server.call("POST", "/api/2.0/secrets/put", { scope: 1, key: [], string_value: secret });
    const headers = {
      authorization: `Bearer ${server.workspace.token}`,
      "content-type": "application/json",
    };
    const body = JSON.stringify({ scope: "s", key: "k", string_value: secret }).slice(0, -1);
    await fetch(`${server.workspace.host}/api/2.0/secrets/put`, { method: "POST", headers, body });
    tokens.push(
      (await server.ok("POST", "/api/2.0/token/create", { comment: "t" })).token_value as string,
    );
  }
  const journal = JSON.stringify(await server.ok("GET", "/_lakeform/journal"));
  const calls = [...journal.matchAll(/"sequence":(\d+)/g)].map(
    ([, sequence = ""]) => `/journal/${sequence}`,
  );
  expect(calls.length).toBeGreaterThan(50);
  const pages = await Promise.all(
    ["/journal", ...calls].map(async (path) => (await browser.get(path)).text),
  );
  const journalLines = fs.readFileSync(journalFile, "utf8");
  expect(journalLines.match(/"path":"\/api\/2\.0\/secrets\/put"/g)?.length).toBeGreaterThan(20);
  const text = [...pages, journal, journalLines].join("\n");
  const secrets = [
    ...Object.values(canaries).filter((secret) => secret.trim().length > 3),
    ...tokens,
    server.workspace.token,
  ];
  // A leak of the longest value would contain its beginning.
  expect(secrets.filter((secret) => leaks(text, secret.slice(0, 200)))).toEqual([]);
});

test("names, tags, parameters, paths, comments and logs are escaped on every page", async () => {
  const job = (
    await server.ok("POST", "/api/2.2/jobs/create", {
      name: hostileText,
      description: hostileText,
      tags: { [hostileText.slice(0, 100)]: hostileText.slice(0, 200) },
      parameters: [{ name: "p", default: hostileText }],
      tasks: [
        {
          task_key: "a",
          description: hostileText,
          notebook_task: {
            notebook_path: `/Shared/${hostileText}`,
            base_parameters: { [hostileText]: hostileText },
          },
        },
        {
          task_key: "b",
          depends_on: [{ task_key: "a" }],
          condition_task: { op: "EQUAL_TO", left: hostileText, right: hostileText },
        },
      ],
    })
  ).job_id;
  await server.ok("PUT", "/_lakeform/outcomes", {
    outcomes: [
      { job: hostileText, result: "FAILED", error: hostileText, error_trace: hostileText },
    ],
  });
  await server.ok("POST", "/api/2.2/jobs/run-now", { job_id: job });
  await server.advance("1m");
  // Some of these calls are rejected because of the text, which then is on no page.
  for (const [path, body] of [
    [
      "/api/2.0/clusters/create",
      {
        cluster_name: hostileText.slice(0, 100),
        spark_version: "15.4.x-scala2.12",
        node_type_id: "i3.xlarge",
        num_workers: 1,
        custom_tags: { a: hostileText },
      },
    ],
    ["/api/2.0/token/create", { comment: hostileText }],
    [
      "/api/2.0/workspace/mkdirs",
      { path: `/Shared/${hostileText.replaceAll("/", "-").slice(0, 120)}` },
    ],
    ["/api/2.0/dbfs/mkdirs", { path: `/${hostileText.replaceAll("/", "-").slice(0, 120)}` }],
    [
      "/api/2.1/unity-catalog/catalogs",
      { name: "c", comment: hostileText, properties: { a: hostileText } },
    ],
    ["/api/2.1/unity-catalog/schemas", { name: "s", catalog_name: "c", comment: hostileText }],
    ["/api/2.0/sql/warehouses", { name: hostileText, cluster_size: "Small" }],
  ] as const)
    await server.call("POST", path, body);
  const pages = await crawl(60);
  expect(pages.size).toBeGreaterThan(25);
  let escapedPages = 0;
  for (const [path, page] of pages) {
    if (page.includes("&lt;img src=x")) escapedPages += 1;
    const unescaped = [
      /<img src=x/i,
      /<script>1/,
      /<a href='x'/,
      /<\/details><\/summary>/,
      /[^=\w]" onmouseover|'1' \$/,
      /href="(?![/#?]|https?:|data:,")/,
    ]
      .map((pattern) => pattern.exec(page)?.[0])
      .filter((match) => match !== undefined);
    expect([path, unescaped]).toEqual([path, []]);
  }
  expect(escapedPages).toBeGreaterThan(8);
});
