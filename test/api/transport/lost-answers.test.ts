/** A call that must not take effect twice, and every way in which its response can be lost. */
import type http from "node:http";
import { isCallError, mayHaveTakenEffect } from "../../../src/api/transport/errors";
import { clockDifference } from "../../../src/api/transport/clock";
import { failure, json, withServer, type Script } from "../scripted";

type Lose = (response: http.ServerResponse) => void;
const status =
  (code: number): Lose =>
  (response) =>
    json(response, code, { error_code: "X", message: "a gateway says so" });
const page =
  (code: number): Lose =>
  (response) => {
    response.writeHead(code, { "content-type": "text/html" });
    response.end("<html><title>Bad Gateway</title></html>");
  };

const waysToLose: readonly (readonly [string, Lose])[] = [
  ...[500, 502, 503, 504, 408].map((code): [string, Lose] => [String(code), status(code)]),
  ...[502, 503, 504].map((code): [string, Lose] => [`a page with ${code}`, page(code)]),
  ["a reset", (response) => response.destroy()],
  [
    "half a response",
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "20" });
      response.write('{"job_id":');
      setTimeout(() => response.destroy(), 20);
    },
  ],
  [
    "half a response that appears complete",
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"job_id":');
    },
  ],
];

describe.each(waysToLose)("a response lost by %s", (_name, lose) => {
  /**
   * A workspace that creates an object for each POST it receives; the response to the first call is
   * lost.
   */
  const workspaceScript = (
    effect: "before" | "after",
  ): { readonly script: Script; readonly created: number[] } => {
    const created: number[] = [];
    return {
      created,
      script: (_received, response, _request, index) => {
        if (index > 0 || effect === "after") created.push(created.length + 1);
        if (index === 0) lose(response);
        else json(response, 200, { job_id: created.length });
      },
    };
  };

  test.each(["before", "after"] as const)(
    "%s the call took effect: the call takes effect exactly once",
    async (effect) => {
      const { script, created } = workspaceScript(effect);
      await withServer(script, async (client) => {
        const recover = (): Promise<unknown> =>
          Promise.resolve(created.length > 0 ? { job_id: created[0] } : undefined);
        expect(await client.post("/api/2.2/jobs/create", {}, { recover })).toEqual({ job_id: 1 });
        expect(created).toEqual([1]);
      });
    },
  );

  test("without a lookup: the call is not repeated, and the error states that it may have taken effect", async () => {
    const { script, created } = workspaceScript("after");
    await withServer(script, async (client) => {
      expect(mayHaveTakenEffect(await failure(client.post("/api/2.2/jobs/create", {})))).toBe(true);
      expect(created).toEqual([1]);
    });
  });

  test("with a failing lookup: the call is not repeated", async () => {
    const { script } = workspaceScript("after");
    const withFailingLookup: Script = (received, response, request, index) =>
      received.method === "GET"
        ? status(500)(response)
        : script(received, response, request, index);
    await withServer(withFailingLookup, async (client, server) => {
      const recover = (): Promise<unknown> => client.get("/api/2.2/jobs/list");
      const error = await failure(client.post("/api/2.2/jobs/create", {}, { recover }));
      expect(mayHaveTakenEffect(error)).toBe(true);
      expect(isCallError(error) && error.path).toBe("/api/2.2/jobs/create");
      expect(server.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    });
  });
});

test("a rejected call is reported as without effect", async () => {
  const refuse: Script = (_seen, response) =>
    json(response, 400, { error_code: "INVALID_PARAMETER_VALUE", message: "no" });
  await withServer(refuse, async (client) => {
    let lookupCount = 0;
    const recover = (): Promise<unknown> => Promise.resolve((lookupCount += 1));
    expect(
      mayHaveTakenEffect(await failure(client.post("/api/2.2/jobs/create", {}, { recover }))),
    ).toBe(false);
    expect(lookupCount).toBe(0);
  });
});

test("a page instead of JSON leads to a lookup, and is reported if nothing is found", async () => {
  await withServer(
    (_seen, response) => page(200)(response),
    async (client) => {
      expect(await client.post("/x", {}, { recover: () => Promise.resolve({ id: 1 }) })).toEqual({
        id: 1,
      });
      expect(
        await failure(client.post("/x", {}, { recover: () => Promise.resolve(undefined) })),
      ).toMatchObject({
        code: "ANSWER_IS_WEB_PAGE",
      });
    },
  );
});

test("the workspace's clock is derived from its responses", async () => {
  const anHourAhead: Script = (_seen, response) =>
    json(response, 200, {}, { date: new Date(Date.now() + 3_600_000).toUTCString() });
  await withServer(anHourAhead, async (client) => {
    expect(clockDifference(client.host)).toBeUndefined();
    await client.get("/x");
    expect(Math.abs((clockDifference(client.host) ?? 0) - 3_600_000)).toBeLessThan(5000);
  });
});

test.each([
  [429, "REQUEST_LIMIT_EXCEEDED"],
  [400, "RESOURCE_EXHAUSTED"],
])(
  "%i %s is a refusal: the call is made again, and nothing is looked up",
  async (code, error_code) => {
    const script: Script = (_seen, response, _request, index) =>
      index < 2
        ? json(response, code, { error_code, message: "slow down" })
        : json(response, 200, { job_id: 1 });
    await withServer(script, async (client) => {
      const recover = jest.fn(() => Promise.resolve(undefined));
      expect(await client.post("/api/2.2/jobs/create", {}, { recover })).toEqual({ job_id: 1 });
      expect(recover).not.toHaveBeenCalled();
    });
  },
);
