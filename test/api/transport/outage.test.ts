/** A workspace that stays down: hundreds of calls end together, after a bounded time. */
import {
  noteAnswer,
  noteFailure,
  isDown,
  outageLimit,
  refuseWhileDown,
} from "../../../src/api/transport/outage";
import { failure, json, withServer, type Script } from "../scripted";

const unavailable: Script = (_seen, response) =>
  json(response, 502, { error_code: "X", message: "bad gateway" });

test("during an outage, every call fails after the limit without retries, with a separate error", async () => {
  const options = {
    env: { LAKEFORM_OUTAGE_SECONDS: "0.3" },
    // Slow enough for 40 calls to stay below the retry budget of 500 until the limit.
    retry: { attempts: 1000, baseMs: 80, capMs: 160 },
  };
  await withServer(
    unavailable,
    async (client, server) => {
      const started = Date.now();
      await Promise.all(Array.from({ length: 40 }, () => failure(client.get("/api/2.0/x"))));
      expect(Date.now() - started).toBeLessThan(5000);
      const requestCount = server.requests.length;
      expect(await failure(client.get("/api/2.0/y"))).toMatchObject({
        code: "WORKSPACE_DOWN",
        notSent: true,
      });
      expect(server.requests.length).toBe(requestCount);
    },
    options,
  );
});

describe("an outage", () => {
  const facts = { method: "GET", path: "/x", history: [] };

  test("ends with a response, and does not include a pause without calls", () => {
    noteFailure("a", 0);
    noteFailure("a", 90_000);
    expect([isDown("a", 90_000, 60_000), isDown("a", 90_000, 300_000)]).toEqual([true, false]);
    noteAnswer("a");
    expect(isDown("a", 90_000, 60_000)).toBe(false);
    noteFailure("a", 100_000);
    noteFailure("a", 1_000_000);
    expect(isDown("a", 1_000_000, 60_000)).toBe(false);
  });

  test("occasionally sends a call to detect its end", () => {
    for (let time = 0; time <= 400_000; time += 50_000) noteFailure("b", time);
    const makeCall = (now: number) => (): void =>
      refuseWhileDown({ ...facts, host: "b" }, now, 300_000);
    expect(makeCall(400_000)).not.toThrow();
    expect(makeCall(401_000)).toThrow("only failures for 401 s");
    expect(makeCall(411_000)).not.toThrow();
  });
});

test("has a limit of five minutes, unless the environment sets another one", () => {
  expect([
    outageLimit({}),
    outageLimit({ LAKEFORM_OUTAGE_SECONDS: "20" }),
    outageLimit({ LAKEFORM_OUTAGE_SECONDS: "soon" }),
  ]).toEqual([300_000, 20_000, 300_000]);
});
