/** A workspace that stays down: many calls end together, after a bounded time. */
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

test("calls in an outage fail at the limit, and later calls fail with WORKSPACE_DOWN without being sent", async () => {
  const options = {
    env: { LAKEFORM_OUTAGE_SECONDS: "0.3" },
    // With these delays, 40 calls reach the time limit before they use up the client's budget of
    // 500 retries.
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

describe("a workspace that is down", () => {
  const facts = { method: "GET", path: "/x", history: [] };

  test("is available again after a response, or after a pause without calls", () => {
    noteFailure("a", 0);
    noteFailure("a", 90_000);
    expect([isDown("a", 90_000, 60_000), isDown("a", 90_000, 300_000)]).toEqual([true, false]);
    noteAnswer("a");
    expect(isDown("a", 90_000, 60_000)).toBe(false);
    noteFailure("a", 100_000);
    noteFailure("a", 1_000_000);
    expect(isDown("a", 1_000_000, 60_000)).toBe(false);
  });

  test("gets an occasional call, which detects the end of the outage", () => {
    for (let time = 0; time <= 400_000; time += 50_000) noteFailure("b", time);
    const checkAt = (now: number) => (): void =>
      refuseWhileDown({ ...facts, host: "b" }, now, 300_000);
    expect(checkAt(400_000)).not.toThrow();
    expect(checkAt(401_000)).toThrow("only failures for 401 s");
    expect(checkAt(411_000)).not.toThrow();
  });
});

test("the limit of an outage is five minutes, unless LAKEFORM_OUTAGE_SECONDS is a positive number", () => {
  expect([
    outageLimit({}),
    outageLimit({ LAKEFORM_OUTAGE_SECONDS: "20" }),
    outageLimit({ LAKEFORM_OUTAGE_SECONDS: "soon" }),
  ]).toEqual([300_000, 20_000, 300_000]);
});
