import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  attemptChannelName,
  isApiError,
  isConnectionError,
  isNotFound,
  RetryBudget,
  type AttemptReport,
} from "../../../src/api";
import { backoffMs, defaultRetry, retryAfterMs } from "../../../src/api/transport/retry";
import { failure, json, withServer, type Script } from "../scripted";

const busy = { error_code: "TEMPORARILY_UNAVAILABLE", message: "busy" };

/** Fails the first calls in the given way, then responds. */
const failing =
  (times: number, fail: Script): Script =>
  (received, response, request, index) => {
    if (index < times) fail(received, response, request, index);
    else json(response, 200, { ok: true });
  };
const reset: Script = (_seen, response) => response.destroy();

describe("repeated calls", () => {
  const status =
    (code: number): Script =>
    (_seen, response) =>
      json(response, code, busy);
  test.each([
    ["GET after 429", "get", status(429), true],
    ["GET after a reset", "get", reset, true],
    ["PUT after a reset", "put", reset, true],
    ["DELETE after a reset", "delete", reset, true],
    ["POST after 429", "post", status(429), true],
    ["POST after a reset", "post", reset, false],
    ...([500, 502, 503, 504, 408] as const).flatMap(
      (code): [string, "get" | "post" | "put", Script, boolean][] => [
        [`GET after ${code}`, "get", status(code), true],
        [`PUT after ${code}`, "put", status(code), true],
        [`POST after ${code}: it may have taken effect`, "post", status(code), false],
      ],
    ),
    ["PATCH after a reset", "patch", reset, false],
    [
      "GET after 400",
      "get",
      (_s, r) => json(r, 400, { error_code: "INVALID_PARAMETER_VALUE", message: "no" }),
      false,
    ],
    [
      "GET after 501",
      "get",
      (_s, r) => json(r, 501, { error_code: "NOT_IMPLEMENTED", message: "no" }),
      false,
    ],
    [
      "POST after a temporary 400",
      "post",
      (_s, r) => json(r, 400, { error_code: "X", message: "ClusterNotReadyException: wait" }),
      true,
    ],
    [
      "POST after a 400 that means 429",
      "post",
      (_s, r) => json(r, 400, { error_code: "REQUEST_LIMIT_EXCEEDED", message: "wait" }),
      true,
    ],
  ] satisfies [string, "get" | "put" | "delete" | "post" | "patch", Script, boolean][])(
    "%s",
    async (_name, verb, fail, isRepeated) => {
      await withServer(failing(2, fail), async (client, server) => {
        if (isRepeated) expect(await client[verb]("/api/2.0/x")).toEqual({ ok: true });
        else await failure(client[verb]("/api/2.0/x"));
        expect(server.requests.length).toBe(isRepeated ? 3 : 1);
      });
    },
  );

  test("include a POST with an idempotency token after a connection reset", async () => {
    await withServer(failing(2, reset), async (client, server) => {
      expect(
        await client.post("/api/2.0/x", { idempotency_token: "t" }, { idempotent: true }),
      ).toEqual({ ok: true });
      expect(server.requests.length).toBe(3);
    });
  });

  test("are preceded by recover, which can return a result instead", async () => {
    await withServer(failing(9, reset), async (client, server) => {
      let lookupCount = 0;
      const recover = () => Promise.resolve((lookupCount += 1) === 2 ? { found: 7 } : undefined);
      expect(await client.post("/api/2.0/x", {}, { recover })).toEqual({ found: 7 });
      expect(server.requests.length).toBe(2);
    });
  });

  test("treat a delete that finds nothing as successful after a lost response, and as not found otherwise", async () => {
    const notFoundLater: Script = (_seen, response, _request, index) =>
      index === 0
        ? response.destroy()
        : json(response, 404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "gone" });
    await withServer(notFoundLater, async (client) => {
      expect(await client.delete("/api/2.0/repos/1")).toEqual({});
      expect(isNotFound(await failure(client.delete("/api/2.0/repos/1")))).toBe(true);
    });
  });

  test("send a stream from its start", async () => {
    await withServer(failing(1, reset), async (client, server) => {
      await client.upload("/api/2.0/fs/files/x", () => Buffer.from("all of it"));
      expect(server.requests.map((request) => request.body)).toEqual(["all of it", "all of it"]);
    });
  });
});

describe("waits between attempts", () => {
  test("have full jitter: between zero and the doubled step, capped", () => {
    const policy = { ...defaultRetry, baseMs: 100, capMs: 1000 };
    expect([0, 1, 2, 9].map((retry) => backoffMs(policy, retry, () => 0.5))).toEqual([
      50, 100, 200, 500,
    ]);
    expect(backoffMs(policy, 3, () => 0)).toBe(0);
  });

  test("parse Retry-After in seconds and as a date", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(retryAfterMs("3", now)).toBe(3000);
    expect(retryAfterMs("Thu, 01 Jan 2026 00:00:07 GMT", now)).toBe(7000);
    expect(retryAfterMs("Thu, 01 Jan 2020 00:00:07 GMT", now)).toBeUndefined();
    for (const invalid of ["-5", "+5", "5,", "2026-01-01"])
      expect(retryAfterMs(invalid, now)).toBeUndefined();
    expect(retryAfterMs("soon", now)).toBeUndefined();
    expect(retryAfterMs(undefined, now)).toBeUndefined();
  });

  test("a date in Retry-After counts from the Date of the response: clocks differ", async () => {
    const [sent, until] = ["Thu, 01 Jan 2026 09:00:00 GMT", "Thu, 01 Jan 2026 09:00:01 GMT"];
    expect(retryAfterMs(until, Date.parse("2026-01-01T00:00:00Z"), sent)).toBe(1000);
    const headers = { "retry-after": until, date: sent };
    await withServer(
      failing(1, (_seen, response) => json(response, 429, busy, headers)),
      async (client) => {
        const started = performance.now();
        await client.get("/api/2.0/x");
        const waited = performance.now() - started;
        expect(waited).toBeGreaterThanOrEqual(990);
        expect(waited).toBeLessThan(5000);
      },
    );
  });

  test("follow Retry-After", async () => {
    await withServer(
      failing(1, (_seen, response) => json(response, 429, busy, { "retry-after": "1" })),
      async (client) => {
        const started = Date.now();
        await client.get("/api/2.0/x");
        expect(Date.now() - started).toBeGreaterThanOrEqual(1000);
      },
    );
  });

  test("follow google.rpc.RetryInfo", async () => {
    const body = {
      error_code: "RESOURCE_EXHAUSTED",
      message: "wait",
      details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retry_delay: "0.3s" }],
    };
    await withServer(
      failing(1, (_seen, response) => json(response, 400, body)),
      async (client) => {
        const started = Date.now();
        await client.get("/api/2.0/x");
        expect(Date.now() - started).toBeGreaterThanOrEqual(300);
      },
    );
  });

  test("are not started if they are longer than the remaining time", async () => {
    await withServer(
      failing(1, (_seen, response) => json(response, 429, busy, { "retry-after": "3600" })),
      async (client) => {
        const started = Date.now();
        expect(isApiError(await failure(client.get("/api/2.0/x")))).toBe(true);
        expect(Date.now() - started).toBeLessThan(1000);
      },
    );
  });
});

describe("the end of retries", () => {
  const alwaysBusy: Script = (_seen, response) => json(response, 503, busy);

  test("comes after the maximum number of attempts, with their history", async () => {
    await withServer(
      alwaysBusy,
      async (client, server) => {
        const error = await failure(client.get("/api/2.0/x"));
        expect(server.requests.length).toBe(4);
        expect(error.message).toContain("after 4 attempts: 503, 503, 503 before");
        expect(error).toMatchObject({
          history: [{ status: 503, code: "TEMPORARILY_UNAVAILABLE" }, {}, {}],
        });
      },
      { retry: { attempts: 4, baseMs: 1, capMs: 2 } },
    );
  });

  test("comes when the process has used all of its retries", async () => {
    const budget = new RetryBudget(3);
    await withServer(
      alwaysBusy,
      async (client, server) => {
        await failure(client.get("/api/2.0/x"));
        await failure(client.get("/api/2.0/x"));
        expect(server.requests.length).toBe(2 + 3);
        expect(budget.left).toBe(0);
      },
      { budget },
    );
  });

  test("comes at the deadline of a call or the client, and at an abort", async () => {
    const neverResponds: Script = () => undefined;
    const clientAbort = new AbortController();
    await withServer(
      neverResponds,
      async (client) => {
        expect(await failure(client.get("/api/2.0/x", { timeoutMs: 50 }))).toMatchObject({
          code: "DEADLINE_EXCEEDED",
        });
        const abort = new AbortController();
        setTimeout(() => abort.abort(), 20);
        expect(await failure(client.get("/api/2.0/x", { signal: abort.signal }))).toMatchObject({
          code: "CALL_ABORTED",
        });
        setTimeout(() => clientAbort.abort(), 20);
        expect(isConnectionError(await failure(client.get("/api/2.0/x")))).toBe(true);
      },
      { signal: clientAbort.signal },
    );
  });

  test("does not come at an abort for a call that must be completed, whose waits are skipped", async () => {
    const lateResponse: Script = (_seen, response) =>
      setTimeout(() => json(response, 200, { ok: true }), 200);
    await withServer(lateResponse, async (client) => {
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 50);
      expect(await client.post("/api/2.0/x", {}, { signal: abort.signal, finish: true })).toEqual({
        ok: true,
      });
      // A call that starts after the abort still makes its first attempt.
      expect(await client.get("/api/2.0/x", { signal: abort.signal, finish: true })).toEqual({
        ok: true,
      });
    });
    await withServer(
      (_seen, response) => json(response, 503, busy),
      async (client, server) => {
        const abort = new AbortController();
        setTimeout(() => abort.abort(), 100);
        expect(
          await failure(client.get("/api/2.0/x", { signal: abort.signal, finish: true })),
        ).toMatchObject({ status: 503 });
        expect(server.requests).toHaveLength(1);
      },
      { retry: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.5 },
    );
  });

  test("comes at an abort during a wait", async () => {
    await withServer(
      alwaysBusy,
      async (client) => {
        const started = Date.now();
        expect(await failure(client.get("/api/2.0/x", { timeoutMs: 100 }))).toMatchObject({
          name: "LakeformError",
        });
        expect(Date.now() - started).toBeLessThan(2000);
      },
      { retry: { baseMs: 60_000, capMs: 60_000 }, random: () => 0.001 },
    );
  });
});

describe("diagnostics", () => {
  test("publish each attempt, with redacted bodies", async () => {
    const reports: AttemptReport[] = [];
    const listener = (message: unknown): void => void reports.push(message as AttemptReport);
    subscribe(attemptChannelName, listener);
    try {
      await withServer(
        failing(1, (_seen, response) => json(response, 503, busy, { "x-request-id": "r-9" })),
        async (client) => {
          await client.post(
            "/api/2.0/secrets/put?x=1",
            { scope: "s", string_value: "hunter22" },
            { idempotent: true },
          );
        },
      );
    } finally {
      unsubscribe(attemptChannelName, listener);
    }
    expect(
      reports.map((report) => ({
        ...report,
        durationMs: 0,
        retryInMs: report.retryInMs === undefined,
      })),
    ).toMatchObject([
      {
        method: "POST",
        path: "/api/2.0/secrets/put?x=1",
        attempt: 0,
        status: 503,
        error: "TEMPORARILY_UNAVAILABLE",
        requestId: "r-9",
        retryInMs: false,
      },
      { attempt: 1, status: 200, retryInMs: true },
    ]);
    expect(reports[0]?.requestBody()).toBe('{"scope":"s","string_value":"***"}');
    expect(reports[1]?.responseBody()).toBe('{"ok":true}');
  });
});
