import { isApiError, isNotFound, readOnly } from "../../../src/api";
import { failure, json, withServer } from "../scripted";

describe("connect", () => {
  test("sends token, query and body, and parses the response", async () => {
    await withServer(
      (request, response) => json(response, 200, { method: request.method, url: request.url }),
      async (client, server) => {
        expect(
          await client.get("/api/2.1/jobs/list", {
            query: { limit: 5, "filter_by.is_pinned": true, name: undefined, page_token: "a b&" },
          }),
        ).toEqual({
          method: "GET",
          url: "/api/2.1/jobs/list?limit=5&filter_by.is_pinned=true&page_token=a%20b%26",
        });
        await client.post("/api/2.1/jobs/delete", { job_id: 1 });
        await client.upload("/api/2.0/fs/files/Volumes/a", () => Buffer.from("xyz"));
        expect(server.requests.map((request) => [request.method, request.body])).toEqual([
          ["GET", ""],
          ["POST", '{"job_id":1}'],
          ["PUT", "xyz"],
        ]);
        expect(server.requests[0]?.headers.authorization).toBe("Bearer dapi-test-token");
      },
    );
  });

  test("returns the headers of a HEAD call and the bytes of a download", async () => {
    await withServer(
      (request, response) => {
        response.writeHead(200, {
          "content-type": "application/octet-stream",
          "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT",
        });
        response.end(request.method === "HEAD" ? undefined : "bytes");
      },
      async (client) => {
        expect((await client.head("/api/2.0/fs/files/x"))["last-modified"]).toBe(
          "Mon, 01 Jan 2024 00:00:00 GMT",
        );
        const parts: Buffer[] = [];
        for await (const part of await client.download("/api/2.0/fs/files/x"))
          parts.push(part as Buffer);
        expect(Buffer.concat(parts).toString()).toBe("bytes");
      },
    );
  });

  test("classifies an error by its code before its status, and three kinds of 400 as not found", async () => {
    const responses: Record<string, [number, unknown]> = {
      "/api/2.0/a": [400, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" }],
      "/api/2.0/b": [404, { error_code: "INVALID_PARAMETER_VALUE", message: "bad" }],
      "/api/2.1/jobs/get": [
        400,
        { error_code: "INVALID_PARAMETER_VALUE", message: "Job 5 does not exist." },
      ],
      "/api/2.1/clusters/get": [
        400,
        { error_code: "INVALID_PARAMETER_VALUE", message: "Cluster x does not exist" },
      ],
      "/api/2.2/jobs/runs/get": [
        400,
        { error_code: "INVALID_PARAMETER_VALUE", message: "Run 7 does not exist." },
      ],
      "/api/2.1/pools/get": [
        400,
        { error_code: "INVALID_PARAMETER_VALUE", message: "Job 5 does not exist." },
      ],
    };
    await withServer(
      (request, response) => json(response, ...(responses[request.url] ?? [500, {}])),
      async (client) => {
        const foundByPath: Record<string, boolean> = {};
        for (const path of Object.keys(responses))
          foundByPath[path] = isNotFound(await failure(client.get(path)));
        expect(foundByPath).toEqual({
          "/api/2.0/a": true,
          "/api/2.0/b": false,
          "/api/2.1/jobs/get": true,
          "/api/2.1/clusters/get": true,
          "/api/2.2/jobs/runs/get": true,
          "/api/2.1/pools/get": false,
        });
      },
    );
  });

  test("includes the call, code, status and request id in an error, and no secret", async () => {
    await withServer(
      (_seen, response) =>
        json(
          response,
          403,
          {
            error_code: "PERMISSION_DENIED",
            message: "no right for dapi-test-token with hunter22",
          },
          { "x-request-id": "r-1" },
        ),
      async (client) => {
        const error = await failure(
          client.post("/api/2.0/secrets/put", { scope: "s", key: "k", string_value: "hunter22" }),
        );
        expect(isApiError(error)).toBe(true);
        expect(error).toMatchObject({
          code: "API_FORBIDDEN",
          errorCode: "PERMISSION_DENIED",
          status: 403,
          method: "POST",
          path: "/api/2.0/secrets/put",
          requestId: "r-1",
          history: [],
        });
        expect(`${error.message}${error.stack ?? ""}${JSON.stringify(error)}`).not.toMatch(
          /dapi-test-token|hunter22/,
        );
      },
    );
  });

  test("returns a read-only client without writing methods", async () => {
    await withServer(
      (_seen, response) => json(response, 200, {}),
      async (client, server) => {
        const reader = readOnly(client);
        await reader.get("/api/2.0/x");
        for (const method of ["post", "put", "patch", "delete", "upload", "exchange"])
          expect((reader as unknown as Record<string, unknown>)[method]).toBeUndefined();
        expect(server.requests.map((request) => request.method)).toEqual(["GET"]);
      },
    );
  });
});
