import { getEventListeners } from "node:events";
import { connect } from "../../../src/api";
import { limiterOf } from "../../../src/api/auth/connect";
import { RateLimiter } from "../../../src/api/transport/rate-limiter";
import { json, startScripted } from "../scripted";

describe("the token bucket", () => {
  test("allows one second's calls at once, then the configured rate", () => {
    let now = 0;
    const bucket = new RateLimiter(10, () => now);
    const countTaken = (): number =>
      Array.from({ length: 30 }, () => bucket.tryTake()).filter(Boolean).length;
    expect(countTaken()).toBe(10);
    now = 500;
    expect(countTaken()).toBe(5);
    now = 60_000;
    expect(countTaken()).toBe(10);
  });

  test("halves the rate on a 429, and recovers by a tenth per second", () => {
    let now = 0;
    const bucket = new RateLimiter(10, () => now);
    bucket.slowDown();
    expect(bucket.rate).toBe(5);
    bucket.slowDown();
    bucket.slowDown();
    bucket.slowDown();
    expect(bucket.rate).toBe(1);
    now = 3000;
    bucket.tryTake();
    expect(bucket.rate).toBe(4);
    now = 60_000;
    bucket.tryTake();
    expect(bucket.rate).toBe(10);
  });

  test("leaves no listeners and causes no warning if many calls wait with one signal", async () => {
    const warnings: Error[] = [];
    const noteWarning = (warning: Error): number => warnings.push(warning);
    process.on("warning", noteWarning);
    const { signal } = new AbortController();
    const bucket = new RateLimiter(1000);
    await Promise.all(Array.from({ length: 30 }, () => bucket.wait(signal)));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", noteWarning);
    expect(warnings).toEqual([]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("removes an aborted call from the queue without using a token", async () => {
    const bucket = new RateLimiter(1);
    expect(bucket.tryTake()).toBe(true);
    const controller = new AbortController();
    const abortedWait = bucket.wait(controller.signal);
    const nextWait = bucket.wait();
    controller.abort();
    await abortedWait;
    await nextWait;
    expect(bucket.tryTake()).toBe(false);
  });

  test("is shared by all clients of a workspace in a process", async () => {
    const server = await startScripted((_seen, response) => json(response, 200, {}));
    const options = { host: server.host, token: "t", env: {}, rateLimit: 20 };
    const clients = [connect(options), connect(options)] as const;
    const started = Date.now();
    await Promise.all(
      Array.from({ length: 40 }, (_unused, index) =>
        clients[index % 2 === 0 ? 0 : 1].get("/api/2.0/x"),
      ),
    );
    const durationMs = Date.now() - started;
    expect(durationMs).toBeGreaterThanOrEqual(900);
    expect(durationMs).toBeLessThan(3000);
    await Promise.all(clients.map((client) => client.close()));
    await server.close();
  });

  test("allows 15 calls a second or DATABRICKS_RATE_LIMIT, and does not limit calls to this machine", () => {
    expect(limiterOf("https://adb-1.2.azuredatabricks.net", { env: {} })?.perSecond).toBe(15);
    expect(
      limiterOf("https://adb-1.2.azuredatabricks.net", { env: { DATABRICKS_RATE_LIMIT: "3" } })
        ?.perSecond,
    ).toBe(3);
    expect(limiterOf("http://127.0.0.1:8080", { env: {} })).toBeUndefined();
    expect(limiterOf("http://127.0.0.1:8080", { env: {}, rateLimit: 15 })?.perSecond).toBe(15);
  });
});
