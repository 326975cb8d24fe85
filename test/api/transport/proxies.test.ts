/** The error of a failing proxy names the proxy, not the workspace. */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type Connection } from "../../../src/api";

const host = "https://adb-1.azuredatabricks.net";
const retry = { attempts: 2, baseMs: 1, capMs: 1 };

/** Starts a proxy that responds to CONNECT with a status. */
async function startProxy(
  status: number,
  content = "",
): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = http.createServer().on("connect", (_request, socket) => {
    socket.end(`HTTP/1.1 ${status} no\r\n\r\n${content}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function failureOf(env: NodeJS.ProcessEnv, to = host): Promise<unknown> {
  const client: Connection = connect({ host: to, token: "dapi0", env, retry });
  try {
    return await client.get("/api/2.0/clusters/list").catch((error: unknown) => error);
  } finally {
    await client.close();
  }
}

const proxyError = (message: RegExp, variable: string): object => ({
  code: "PROXY_FAILED",
  message: expect.stringMatching(message) as string,
  details: expect.objectContaining({
    fix: expect.stringContaining(`check ${variable}`) as string,
  }) as object,
  notSent: true,
});

test.each(["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"])(
  "an error names %s if nothing listens at its address",
  async (variable) => {
    const { port, close } = await startProxy(200);
    close();
    const error = await failureOf({ [variable]: `http://me:secret@127.0.0.1:${port}` });
    expect(error).toMatchObject(
      proxyError(
        new RegExp(`the proxy 127\\.0\\.0\\.1:${port} of ${variable} failed: nothing listens`),
        variable,
      ),
    );
    expect(String(error)).not.toContain("secret");
  },
);

test("a proxy without a scheme is an HTTP proxy", async () => {
  expect(await failureOf({ HTTPS_PROXY: "127.0.0.1:1" })).toMatchObject(
    proxyError(/the proxy 127\.0\.0\.1:1 of HTTPS_PROXY failed/, "HTTPS_PROXY"),
  );
});

test("an error names the variable if the proxy's host name is unknown", async () => {
  expect(await failureOf({ HTTPS_PROXY: "http://proxy.invalid:3128" })).toMatchObject(
    proxyError(
      /the proxy proxy\.invalid:3128 of HTTPS_PROXY failed: .*proxy\.invalid/,
      "HTTPS_PROXY",
    ),
  );
});

test.each([
  [407, /requires a valid user and password \(status 407\)$/],
  [502, /responded with status 502/],
  [403, /responded with status 403/],
])("an error names the variable if the proxy returns status %i", async (status, reason) => {
  const { port, close } = await startProxy(status);
  try {
    expect(await failureOf({ HTTPS_PROXY: `http://127.0.0.1:${port}` })).toMatchObject(
      proxyError(reason, "HTTPS_PROXY"),
    );
  } finally {
    close();
  }
});

test("an error names the variable if the proxy returns a page instead of a tunnel", async () => {
  const { port, close } = await startProxy(200, "<html>Sign in</html>");
  try {
    expect(await failureOf({ HTTPS_PROXY: `http://127.0.0.1:${port}` })).toMatchObject(
      proxyError(/it opened no tunnel: it returned a page/, "HTTPS_PROXY"),
    );
  } finally {
    close();
  }
});

test("hosts in NO_PROXY and on this machine are called directly", async () => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:1", HTTP_PROXY: "http://127.0.0.1:1" };
  expect(
    await failureOf({ ...env, NO_PROXY: "workspace.invalid" }, "https://workspace.invalid"),
  ).toMatchObject({ code: "DNS_FAILURE" });
  expect(await failureOf(env, "http://127.0.0.1:2")).toMatchObject({ code: "CONNECTION_REFUSED" });
});

test("the token endpoint is called through the proxy, too", async () => {
  const client = connect({
    host,
    clientId: "c",
    clientSecret: "s",
    env: { HTTPS_PROXY: "http://127.0.0.1:1" },
    retry,
  });
  const error: unknown = await client
    .get("/api/2.0/clusters/list")
    .catch((error: unknown) => error);
  await client.close();
  expect(String(error)).toMatch(/the proxy 127\.0\.0\.1:1 of HTTPS_PROXY failed/);
});
