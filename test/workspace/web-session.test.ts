import http from "node:http";
import { hostsOf } from "../../src/workspace/hosts";
import { openFormBrowser, type FormBrowser } from "./forms";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

let server: TestWorkspace;
let otherServer: TestWorkspace;
let job: number;
let browser: FormBrowser;
beforeAll(async () => {
  server = await startTestWorkspace({ hosts: ["proxy.example.com"] });
  otherServer = await startTestWorkspace();
  job = (
    await server.ok("POST", "/api/2.2/jobs/create", {
      name: "j",
      tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
    })
  ).job_id as number;
});
afterAll(async () => {
  await server.close();
  await otherServer.close();
});
beforeEach(async () => {
  browser = openFormBrowser(server.workspace.host);
  await browser.get("/");
  await browser.send("/login", { token: server.workspace.token });
  await browser.get(`/jobs/${job}`);
});

const countRuns = async (): Promise<number> =>
  ((await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs as unknown[] | undefined)
    ?.length ?? 0;

/** Sends a request with a custom Host header, which fetch cannot send. */
const statusWithHost = (host: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.workspace.host);
    http
      .get(
        {
          hostname,
          port,
          path,
          headers: { host, authorization: `Bearer ${server.workspace.token}` },
        },
        (response) => resolve(response.resume().statusCode ?? 0),
      )
      .on("error", reject);
  });

describe("a form that changes data", () => {
  it("takes effect from its own page", async () => {
    const countBefore = await countRuns();
    expect(
      (
        await browser.send(
          `/jobs/${job}/run-now`,
          {},
          { origin: server.workspace.host, "sec-fetch-site": "same-origin" },
        )
      ).status,
    ).toBe(303);
    expect(await countRuns()).toBe(countBefore + 1);
  });

  it.each([
    ["a page of another port", {}, { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["another site", {}, { origin: "https://evil.example.com", "sec-fetch-site": "cross-site" }],
    ["a frame without an origin", {}, { origin: "null" }],
    ["another site, in a browser that sends no origin", {}, { "sec-fetch-site": "cross-site" }],
    ["a subdomain", {}, { "sec-fetch-site": "same-site" }],
    ["a page that guesses the token", { csrf: "x".repeat(43) }, {}],
    ["a page without a token", { csrf: "" }, {}],
  ] as const)("is rejected from %s, even with the cookie", async (_, fields, headers) => {
    const countBefore = await countRuns();
    const [run] = ((await server.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs ??
      []) as {
      run_id: number;
    }[];
    for (const path of [
      `/jobs/${job}/run-now`,
      `/runs/${run?.run_id ?? 1}/cancel`,
      "/logout",
      "/login",
    ]) {
      const response = await browser.send(
        path,
        { token: server.workspace.token, ...fields },
        headers,
      );
      expect([path, response.status]).toEqual([path, 403]);
      expect(response.text).toContain("Refused");
    }
    expect(await countRuns()).toBe(countBefore);
    expect((await browser.get("/")).text).toContain("<h1>Overview");
  });

  it("is rejected with the token of another session or of a session that is not signed in", async () => {
    const secondBrowser = openFormBrowser(server.workspace.host);
    await secondBrowser.get("/");
    const signedOutToken =
      /value="([^"]{43})"/.exec((await secondBrowser.get("/")).text)?.[1] ?? "";
    expect(signedOutToken).not.toBe("");
    expect((await browser.send(`/jobs/${job}/run-now`, { csrf: signedOutToken })).status).toBe(403);
    await secondBrowser.send("/login", { token: server.workspace.token });
    const otherToken =
      /name="csrf" value="([^"]*)"/.exec((await secondBrowser.get("/")).text)?.[1] ?? "";
    expect(otherToken).toHaveLength(43);
    expect(otherToken).not.toBe(signedOutToken);
    expect((await browser.send(`/jobs/${job}/run-now`, { csrf: otherToken })).status).toBe(403);
  });

  it("has a token that is not in the journal", async () => {
    const csrf = /name="csrf" value="([^"]*)"/.exec((await browser.get("/")).text)?.[1] ?? "";
    await browser.send(`/jobs/${job}/run-now`);
    expect(csrf).toHaveLength(43);
    expect(JSON.stringify(server.workspace.journal({ limit: 10_000 }))).not.toContain(csrf);
  });
});

describe("a session", () => {
  it("is opened by an address that the user typed, but not by a link on another server's page", async () => {
    const newBrowser = openFormBrowser(server.workspace.host);
    expect(
      (await newBrowser.get(`/?token=${server.workspace.token}`, { "sec-fetch-site": "same-site" }))
        .status,
    ).toBe(403);
    expect(newBrowser.cookie).toBe("");
    expect(
      (await newBrowser.get(`/?token=${server.workspace.token}`, { "sec-fetch-site": "none" }))
        .status,
    ).toBe(303);
  });

  it("has a cookie that a server on another port does not accept, and that does not contain the token", async () => {
    const [name, value] = browser.cookie.split("=");
    expect(name).toContain(`_${server.workspace.port}`);
    for (const cookie of [
      browser.cookie,
      browser.cookie.replace(String(server.workspace.port), String(otherServer.workspace.port)),
      `lakeform_${otherServer.workspace.workspaceId}_${otherServer.workspace.port}=${value ?? ""}`,
    ])
      expect(
        await (await fetch(`${otherServer.workspace.host}/`, { headers: { cookie } })).text(),
      ).toContain("Sign in");
    expect(value).not.toContain(server.workspace.token);
  });
});

describe("the header Host", () => {
  it.each([
    "evil.example.com",
    "evil.example.com:80",
    "127.0.0.1:1",
    "localhost",
    "proxy.example.com:1",
  ])("is rejected as %s", async (host) => {
    for (const path of ["/", "/api/2.2/jobs/list", "/.well-known/databricks-config"])
      expect([path, await statusWithHost(host, path)]).toEqual([path, 421]);
  });

  it("may be any name of the listening address, or any allowed name", async () => {
    const { port } = server.workspace;
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      "proxy.example.com",
    ])
      expect([host, await statusWithHost(host, "/api/2.2/jobs/list")]).toEqual([host, 200]);
  });

  it("may omit the default port of HTTP, and may be localhost only if the server listens there", () => {
    expect([...hostsOf("127.0.0.1", 80, false, [])]).toEqual(
      expect.arrayContaining(["127.0.0.1", "localhost", "localhost:80"]),
    );
    expect(hostsOf("127.0.0.1", 80, true, []).has("localhost")).toBe(false);
    expect(hostsOf("192.0.2.1", 8399, false, []).has("localhost:8399")).toBe(false);
    expect(hostsOf("0.0.0.0", 8399, false, []).has("localhost:8399")).toBe(true);
  });
});
