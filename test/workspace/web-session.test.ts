import http from "node:http";
import { hostsOf } from "../../src/workspace/hosts";
import { formsOf, type Forms } from "./forms";
import { startTestWorkspace, type TestWorkspace } from "./jobs-support";

let w: TestWorkspace;
let other: TestWorkspace;
let job: number;
let browser: Forms;
beforeAll(async () => {
  w = await startTestWorkspace({ hosts: ["proxy.example.com"] });
  other = await startTestWorkspace();
  job = (
    await w.ok("POST", "/api/2.2/jobs/create", {
      name: "j",
      tasks: [{ task_key: "t", notebook_task: { notebook_path: "/a" } }],
    })
  ).job_id as number;
});
afterAll(async () => {
  await w.close();
  await other.close();
});
beforeEach(async () => {
  browser = formsOf(w.workspace.host);
  await browser.get("/");
  await browser.send("/login", { token: w.workspace.token });
  await browser.get(`/jobs/${job}`);
});

const runs = async (): Promise<number> =>
  ((await w.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs as unknown[] | undefined)
    ?.length ?? 0;

/** Sends a request with a custom Host header, which fetch cannot send. */
const withHost = (host: string, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(w.workspace.host);
    http
      .get(
        { hostname, port, path, headers: { host, authorization: `Bearer ${w.workspace.token}` } },
        (answer) => resolve(answer.resume().statusCode ?? 0),
      )
      .on("error", reject);
  });

describe("a form that changes data", () => {
  it("works from its own page", async () => {
    const before = await runs();
    expect(
      (
        await browser.send(
          `/jobs/${job}/run-now`,
          {},
          { origin: w.workspace.host, "sec-fetch-site": "same-origin" },
        )
      ).status,
    ).toBe(303);
    expect(await runs()).toBe(before + 1);
  });

  it.each([
    ["a page of another port", {}, { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["another site", {}, { origin: "https://evil.example.com", "sec-fetch-site": "cross-site" }],
    ["a frame without an origin", {}, { origin: "null" }],
    ["another site, in a browser that sends no origin", {}, { "sec-fetch-site": "cross-site" }],
    ["a subdomain", {}, { "sec-fetch-site": "same-site" }],
    ["a page that guesses the token", { csrf: "x".repeat(43) }, {}],
    ["a page without a token", { csrf: "" }, {}],
  ] as const)("is refused from %s, with the cookie", async (_, fields, headers) => {
    const before = await runs();
    const [run] = ((await w.ok("GET", `/api/2.2/jobs/runs/list?job_id=${job}`)).runs ?? []) as {
      run_id: number;
    }[];
    for (const path of [
      `/jobs/${job}/run-now`,
      `/runs/${run?.run_id ?? 1}/cancel`,
      "/logout",
      "/login",
    ]) {
      const answer = await browser.send(path, { token: w.workspace.token, ...fields }, headers);
      expect([path, answer.status]).toEqual([path, 403]);
      expect(answer.text).toContain("Refused");
    }
    expect(await runs()).toBe(before);
    expect((await browser.get("/")).text).toContain("<h1>Overview");
  });

  it("is refused with the token of another session or of a session that is not signed in", async () => {
    const second = formsOf(w.workspace.host);
    await second.get("/");
    const stranger = /value="([^"]{43})"/.exec((await second.get("/")).text)?.[1] ?? "";
    expect(stranger).not.toBe("");
    expect((await browser.send(`/jobs/${job}/run-now`, { csrf: stranger })).status).toBe(403);
    await second.send("/login", { token: w.workspace.token });
    const theirs = /name="csrf" value="([^"]*)"/.exec((await second.get("/")).text)?.[1] ?? "";
    expect(theirs).not.toBe(stranger);
    expect((await browser.send(`/jobs/${job}/run-now`, { csrf: theirs })).status).toBe(403);
  });

  it("has its token only in the page: not in the address, the journal or an API response", async () => {
    const csrf = /name="csrf" value="([^"]*)"/.exec((await browser.get("/")).text)?.[1] ?? "";
    await browser.send(`/jobs/${job}/run-now`);
    expect(csrf).toHaveLength(43);
    expect(JSON.stringify(w.workspace.journal({ limit: 10_000 }))).not.toContain(csrf);
  });
});

describe("a session", () => {
  it("is not opened by a link on another server's page", async () => {
    const fresh = formsOf(w.workspace.host);
    expect(
      (await fresh.get(`/?token=${w.workspace.token}`, { "sec-fetch-site": "same-site" })).status,
    ).toBe(403);
    expect(fresh.cookie).toBe("");
    expect(
      (await fresh.get(`/?token=${w.workspace.token}`, { "sec-fetch-site": "none" })).status,
    ).toBe(303);
  });

  it("has a name and a value that a server on another port does not accept", async () => {
    const [name, value] = browser.cookie.split("=");
    expect(name).toContain(`_${w.workspace.port}`);
    for (const cookie of [
      browser.cookie,
      browser.cookie.replace(String(w.workspace.port), String(other.workspace.port)),
      `lakeform_${other.workspace.workspaceId}_${other.workspace.port}=${value ?? ""}`,
    ])
      expect(
        await (await fetch(`${other.workspace.host}/`, { headers: { cookie } })).text(),
      ).toContain("Sign in");
    expect(value).not.toContain(w.workspace.token);
  });
});

describe("the header Host", () => {
  it.each([
    "evil.example.com",
    "evil.example.com:80",
    "127.0.0.1:1",
    "localhost",
    "proxy.example.com:1",
  ])("is refused as %s", async (host) => {
    for (const path of ["/", "/api/2.2/jobs/list", "/.well-known/databricks-config"])
      expect([path, await withHost(host, path)]).toEqual([path, 421]);
  });

  it("may be any name of the listening address, or any allowed name", async () => {
    const { port } = w.workspace;
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      "proxy.example.com",
    ])
      expect([host, await withHost(host, "/api/2.2/jobs/list")]).toEqual([host, 200]);
  });

  it("may omit the default port, and may be the machine's own address if it listens there", () => {
    expect([...hostsOf("127.0.0.1", 80, false, [])]).toEqual(
      expect.arrayContaining(["127.0.0.1", "localhost", "localhost:80"]),
    );
    expect(hostsOf("127.0.0.1", 80, true, []).has("localhost")).toBe(false);
    expect(hostsOf("192.0.2.1", 8399, false, []).has("localhost:8399")).toBe(false);
    expect(hostsOf("0.0.0.0", 8399, false, []).has("localhost:8399")).toBe(true);
  });
});
