import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";
import {
  connect,
  isAnswerError,
  isApiError,
  isConnectionError,
  isNotFound,
  isUnauthenticated,
} from "../../../src/api";
import { formatError, LakeformError } from "../../../src/errors";
import { readErrorBody } from "../../../src/api/transport/error-body";
import { failure, json, withServer, type Script } from "../scripted";

const quick = { retry: { attempts: 2, baseMs: 1, capMs: 2 }, env: {}, token: "t" };

/** Returns the error of one GET against a server, as a user sees it. */
async function errorOf(
  script: Script,
): Promise<{ readonly error: Error; readonly text: string; readonly calls: number }> {
  let result: { error: Error; text: string; calls: number } | undefined;
  await withServer(
    script,
    async (client, server) => {
      const error = await failure(client.get("/api/2.1/jobs/list"));
      result = {
        error,
        text: error instanceof LakeformError ? formatError(error) : String(error),
        calls: server.requests.length,
      };
    },
    { retry: quick.retry },
  );
  if (result === undefined) throw new Error("no response");
  return result;
}
const page =
  (status: number, html: string): Script =>
  (_request, response) =>
    response.writeHead(status, { "content-type": "text/html" }).end(html);

describe("the transport reports, with a fix,", () => {
  test("an expired token", async () => {
    const { error, text, calls } = await errorOf((_request, response) =>
      json(response, 401, { error_code: "UNAUTHENTICATED", message: "The token has expired." }),
    );
    expect(isUnauthenticated(error)).toBe(true);
    expect(text).toMatch(
      /API_UNAUTHENTICATED: GET \/api\/2\.1\/jobs\/list: The token has expired\. \(401 UNAUTHENTICATED\)\n {2}fix: .*create a new one/,
    );
    expect(calls).toBe(1);
  });

  test.each([
    ["Invalid access token. [ReqId: 1]", "API_UNAUTHENTICATED"],
    ["ExpiredJwtException: JWT expired at 2026-01-01", "API_UNAUTHENTICATED"],
    ["User does not have permission on token 7.", "API_FORBIDDEN"],
  ])("a 403 by its message: %s", async (message, code) => {
    const { error } = await errorOf((_request, response) =>
      json(response, 403, { error_code: "PERMISSION_DENIED", message }),
    );
    expect(error).toMatchObject({ code });
  });

  test("a wait that is too long for a retry", async () => {
    const { text, calls } = await errorOf((_request, response) => {
      response.setHeader("retry-after", "86400");
      json(response, 429, { error_code: "REQUEST_LIMIT_EXCEEDED", message: "slow down" });
    });
    expect(text).toMatch(/API_RATE_LIMITED: [^]*fix: {5}wait 86400 s \(Retry-After\)/);
    expect(calls).toBe(1);
  });

  test("HTML from a proxy with status 200", async () => {
    const { error, text } = await errorOf(
      page(200, "<!DOCTYPE html><html><head><title>Corporate Proxy</title></head></html>"),
    );
    expect(isAnswerError(error)).toBe(true);
    expect(text).toMatch(
      /ANSWER_IS_WEB_PAGE: .*a web page \("Corporate Proxy"\) instead of JSON[\s\S]*fix: {5}check the host/,
    );
  });

  test("HTML from a proxy with an error status, and from a host that serves a web site", async () => {
    const proxyPage = await errorOf(
      page(407, "<html><title>Proxy Authentication Required</title></html>"),
    );
    expect(proxyPage.text).toMatch(
      /ANSWER_IS_WEB_PAGE: .*\("Proxy Authentication Required"\) instead of JSON \(status 407\)[\s\S]*fix: {5}check the host/,
    );
    const otherPage = await errorOf(page(404, "<html><body><h1>Not Found</h1></body></html>"));
    // A web page with 404 must not be reported as a missing object.
    expect(isNotFound(otherPage.error)).toBe(false);
    expect(otherPage.text).toMatch(/ANSWER_IS_WEB_PAGE[\s\S]*fix: {5}check the host/);
    // The platform's own errors in HTML have the message in <pre>.
    expect(
      (await errorOf(page(403, "<html><pre>Invalid access token.</pre></html>"))).text,
    ).toContain("API_UNAUTHENTICATED");
    const busyPage = await errorOf(page(503, "<html><title>Bad Gateway</title></html>"));
    expect(busyPage).toMatchObject({ calls: 2 });
    expect(busyPage.text).toMatch(/API_UNAVAILABLE[\s\S]*fix: {5}try again later/);
  });

  test("a redirect to a login page", async () => {
    const { text, calls } = await errorOf((_request, response) =>
      response.writeHead(303, { location: "https://accounts.example/login?next=secret" }).end(),
    );
    expect(text).toMatch(
      /ANSWER_REDIRECTED: .*sent to https:\/\/accounts\.example\/login, a login page, instead of a response[\s\S]*fix/,
    );
    expect(text).not.toContain("next=secret");
    expect(calls).toBe(1);
  });

  test("a response that is not JSON", async () => {
    expect(
      (await errorOf((_request, response) => response.writeHead(200).end("Hello from nginx"))).text,
    ).toContain("ANSWER_NOT_JSON");
    expect((await errorOf((_request, response) => json(response, 200, "healthy"))).text).toContain(
      "ANSWER_NOT_JSON",
    );
  });

  test("each error code of the workspace", async () => {
    for (const status of [400, 401, 403, 404, 409, 429, 499, 500, 501, 503, 504]) {
      expect(
        (await errorOf((_request, response) => json(response, status, { message: "no" }))).text,
      ).toMatch(/\n {2}fix: {5}\S/);
    }
  });

  test("an interrupted download", async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("half");
        setTimeout(() => response.destroy(), 5);
      },
      async (client) => {
        const error = await failure(
          client.download("/api/2.0/fs/files/Volumes/c/s/v/f").then((stream) => text(stream)),
        );
        expect(isConnectionError(error)).toBe(true);
        expect(error).toMatchObject({
          code: expect.stringMatching(/ANSWER_TRUNCATED|CONNECTION_LOST/) as string,
        });
      },
    );
  });

  test("truncated JSON, after retries", async () => {
    const { text, calls } = await errorOf((_request, response) =>
      response.writeHead(200).end('{"jobs": [{"job_id": 1'),
    );
    expect(text).toMatch(/ANSWER_TRUNCATED: .*is truncated/);
    expect(calls).toBe(2);
  });

  test("a body shorter than its content length", async () => {
    const { error, calls } = await errorOf((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write('{"jobs"');
      setTimeout(() => response.destroy(), 5);
    });
    expect(isConnectionError(error)).toBe(true);
    expect(calls).toBe(2);
  });

  test("status 200 with an error in the body", async () => {
    const { error } = await errorOf((_request, response) =>
      json(response, 200, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" }),
    );
    expect(isApiError(error)).toBe(true);
    expect(error).toMatchObject({ code: "API_NOT_FOUND", status: 200 });
  });
});

describe("the transport reports, if there is no response,", () => {
  const messageFor = async (host: string, options: { ca?: string } = {}): Promise<string> => {
    const client = connect({ ...quick, ...options, host });
    const error = await failure(client.get("/api/2.0/x"));
    await client.close();
    expect(isConnectionError(error)).toBe(true);
    return error instanceof LakeformError ? formatError(error) : "";
  };

  test("an address on which no server listens", async () => {
    expect(await messageFor("http://127.0.0.1:9")).toMatch(
      /CONNECTION_REFUSED[\s\S]*given: {3}http:\/\/127\.0\.0\.1:9[\s\S]*fix: .*lakeform workspace start/,
    );
  });

  test("a host name that does not resolve", async () => {
    expect(await messageFor("https://no-such-workspace.invalid")).toMatch(
      /DNS_FAILURE[\s\S]*fix: .*typo/,
    );
  });

  test("a host without a scheme that serves plain HTTP", async () => {
    await withServer(
      (_request, response) => json(response, 200, {}),
      async (_client, server) =>
        expect(await messageFor(server.host.replace("http://", ""))).toMatch(
          /TLS_FAILURE[\s\S]*without a scheme and https was assumed: write http:\/\//,
        ),
    );
  });

  test.each([
    ["other.example", {}, /altnames[^]*fix: {5}use the host name in the certificate/],
    [
      "127.0.0.1",
      { notBeforeDate: new Date("2020-01-01"), notAfterDate: new Date("2021-01-01") },
      /certificate has expired[^]*fix: {5}the server or proxy needs a new certificate/,
    ],
  ])("a certificate that is invalid for another reason: %s", async (name, dates, message) => {
    const keys = await generate([{ name: "commonName", value: name }], {
      ...dates,
      extensions: [
        {
          name: "subjectAltName",
          altNames: [name === "127.0.0.1" ? { type: 7, ip: name } : { type: 2, value: name }],
        },
      ],
    });
    const server = https.createServer({ key: keys.private, cert: keys.cert });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await messageFor(host, { ca: keys.cert })).toMatch(message);
    await new Promise((resolve) => server.close(resolve));
  });

  test("an untrusted certificate, which is accepted with its authority", async () => {
    const keys = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    const server = https.createServer(
      { key: keys.private, cert: keys.cert },
      (_request, response) =>
        response.writeHead(200, { "content-type": "application/json" }).end('{"fine":true}'),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const host = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await messageFor(host)).toMatch(/TLS_FAILURE[\s\S]*fix: .*NODE_EXTRA_CA_CERTS/);
    const client = connect({ ...quick, host, ca: keys.cert });
    expect(await client.get("/api/2.0/x")).toEqual({ fine: true });
    await client.close();
    await new Promise((resolve) => {
      server.closeAllConnections();
      server.close(resolve);
    });
  });
});

describe("an error body", () => {
  test.each([
    ['{"error_code":"X","message":"m"}', { errorCode: "X", message: "m" }],
    ['{"error_code":403,"message":"m"}', { errorCode: "403", message: "m" }],
    ['{"error":"old API"}', { message: "old API" }],
    [
      '{"detail":"User with username x already exists.","status":"409","scimType":"uniqueness"}',
      { errorCode: "SCIM_409", message: "uniqueness User with username x already exists." },
    ],
    [
      '{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"null","status":"500"}',
      { errorCode: "SCIM_500", message: "SCIM API internal error" },
    ],
    [
      "MALFORMED_REQUEST: vpc_endpoints malformed parameters: ids",
      { errorCode: "MALFORMED_REQUEST", message: "vpc_endpoints malformed parameters: ids" },
    ],
    [
      "<html><body><pre>INVALID_STATE: a &lt;b&gt;</pre></body></html>",
      { errorCode: "INVALID_STATE", message: "a <b>" },
    ],
    ["<html><body><pre> just words </pre></body></html>", { message: "just words" }],
    ["", { message: "the response has no body" }],
    ['{"error_code":', { message: 'the response is invalid JSON: {"error_code":' }],
    ["plain words", { message: "plain words" }],
  ])("%s", (text, expected) => {
    expect(readErrorBody(text, 400)).toEqual(expected);
  });
});
