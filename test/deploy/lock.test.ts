/** The lock next to the deployment record, with several owners and faulty responses. */
import { spawnSync } from "node:child_process";
import os from "node:os";
import { connect, type Connection } from "../../src/api";
import { lockHolder, withLock } from "../../src/deploy/lock";
import { RecordStore } from "../../src/deploy/record";
import { LakeformError } from "../../src/errors";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";

const folder = "/Workspace/Shared/.lakeform/test/lock";
let workspace: RunningWorkspace;
let client: Connection;
let store: RecordStore;
beforeAll(async () => {
  workspace = await startWorkspace();
  client = connect({
    host: workspace.host,
    token: workspace.token,
    env: {},
    retry: { baseMs: 1, capMs: 5 },
  });
  store = new RecordStore(client, folder);
});
afterEach(async () => {
  workspace.faults.clear();
  for (const name of await listFileNames()) await store.remove(name);
});
afterAll(async () => {
  await client.close();
  await workspace.close();
});

async function listFileNames(): Promise<string[]> {
  const { objects = [] } = (await client.get("/api/2.0/workspace/list", {
    query: { path: folder },
  })) as { objects?: { path: string }[] };
  return objects.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
}

const endedPid = (): number => spawnSync("true").pid;
const writeDeadLock = (fields: object = {}): Promise<void> =>
  store.writeFile(
    "lock.json",
    Buffer.from(
      JSON.stringify({
        id: "dead",
        by: "x",
        since: "2026-01-01T00:00:00Z",
        host: os.hostname(),
        pid: endedPid(),
        ...fields,
      }),
    ),
  );

/**
 * Starts several deploys at once.
 * @returns how many held the lock, the max number at the same time, and the codes of the refused
 * ones
 */
async function lockConcurrently(
  count: number,
  breakLock?: string,
): Promise<{ held: number; most: number; refused: string[]; tookOver: number }> {
  const counts = { held: 0, most: 0, refused: [] as string[], tookOver: 0 };
  let holders = 0;
  const takeLock = async (): Promise<void> => {
    try {
      const options = {
        onStale: () => (counts.tookOver += 1),
        onLeft: (warning: string) => expect(warning).toBe(""),
        ...(breakLock !== undefined && { breakLock }),
      };
      await withLock(store, "me", options, async () => {
        counts.held += 1;
        counts.most = Math.max(counts.most, (holders += 1));
        await new Promise((resolve) => setTimeout(resolve, 100));
        holders -= 1;
      });
    } catch (error) {
      if (!(error instanceof LakeformError)) throw error;
      counts.refused.push(error.code);
    }
  };
  await Promise.all(Array.from({ length: count }, takeLock));
  return counts;
}

test.each([
  ["a slow deletion", { method: "POST", path: "/api/2.0/workspace/delete", delay_ms: 200 }],
  [
    "slow writes",
    { method: "POST", path: "/api/2.0/workspace/import", delay_ms: 50, when: "after" },
  ],
  ["slow reads", { method: "GET", path: "/api/2.0/workspace/export", delay_ms: 50, when: "after" }],
  [
    "some lost responses",
    {
      method: "POST",
      path: "/api/2.0/workspace/import",
      probability: 0.4,
      when: "after",
      status: 503,
      seed: 3,
    },
  ],
])("a dead lock is taken over by exactly one of several, with %s", async (_name, fault) => {
  await writeDeadLock();
  workspace.faults.add(fault);
  const result = await lockConcurrently(4);
  expect(result).toMatchObject({ most: 1, tookOver: 1 });
  expect(result.held).toBeGreaterThanOrEqual(1);
  expect(result.held + result.refused.length).toBe(4);
  expect(new Set(result.refused)).toEqual(new Set(["LOCKED"]));
  workspace.faults.clear();
  expect(await listFileNames()).toEqual([]);
});

test("a claim on a dead lock is taken over if the claiming process has died, too", async () => {
  await writeDeadLock();
  const claims: string[] = [];
  // The first claimant dies after it has made its claim.
  workspace.faults.add({
    method: "POST",
    path: "/api/2.0/workspace/import",
    nth: 2,
    when: "after",
    status: 400,
  });
  await expect(
    withLock(store, "me", { onLeft: (warning) => claims.push(warning) }, () => Promise.resolve()),
  ).rejects.toThrow();
  const [claim] = (await listFileNames()).filter((name) => name.startsWith("lock-claim-"));
  expect(claim).toBeDefined();
  await store.writeFile(
    claim ?? "",
    Buffer.from(
      JSON.stringify({ id: "c", by: "x", since: "", host: os.hostname(), pid: endedPid() }),
    ),
  );
  expect(await lockConcurrently(3)).toMatchObject({ most: 1, tookOver: 1 });
});

test.each(
  ["before", "after"].flatMap((when) =>
    [500, 502, 503, 504, 408, 0].map((status) => [when, status] as const),
  ),
)(
  "a lock whose create loses its response %s it takes effect (status %d; 0: a reset) is held, and removed at the end",
  async (when, status) => {
    workspace.faults.add({
      method: "POST",
      path: "/api/2.0/workspace/import",
      nth: 1,
      when,
      ...(status === 0 ? { drop: true } : { status }),
    });
    await withLock(store, "me", { onLeft: (warning) => expect(warning).toBe("") }, async () => {
      expect(await lockHolder(store)).toMatchObject({ pid: process.pid });
    });
    expect(await listFileNames()).toEqual([]);
  },
);

test("a lock that cannot be removed causes a warning with the fix; the deploy still succeeds", async () => {
  const warnings: string[] = [];
  const result = await withLock(
    store,
    "me",
    { onLeft: (warning) => warnings.push(warning) },
    () => {
      workspace.faults.add({ method: "POST", path: "/api/2.0/workspace/delete", status: 403 });
      return Promise.resolve("done");
    },
  );
  expect(result).toBe("done");
  expect(warnings).toEqual([
    expect.stringMatching(/could not be removed .* --break-lock [0-9a-f-]{36}$/),
  ]);
});

test("the error of the deploy is reported even if releasing the lock fails, too", async () => {
  const work = (): Promise<never> => {
    workspace.faults.add({ path: "/api/2.0/workspace/*", status: 403 });
    return Promise.reject(new LakeformError("OF_THE_WORK", "it failed"));
  };
  await expect(withLock(store, "me", { onLeft: () => undefined }, work)).rejects.toMatchObject({
    code: "OF_THE_WORK",
  });
});

test.each(['{"version":1,"id', "", "null", "[]", '{"id":7}'])(
  "an invalid lock (%j) is reported, and can be broken",
  async (content) => {
    await store.writeFile("lock.json", Buffer.from(content));
    const options = { onLeft: (warning: string) => expect(warning).toBe("") };
    const error = await withLock(store, "me", options, () => Promise.resolve()).catch(
      (error: unknown) => error as LakeformError,
    );
    expect(error).toMatchObject({ code: "LOCKED", details: { value: `${folder}/lock.json` } });
    const breakLock =
      /--break-lock (\S+)$/.exec((error as LakeformError).details.fix ?? "")?.[1] ?? "";
    expect(await lockConcurrently(2, breakLock)).toMatchObject({ most: 1, tookOver: 1 });
  },
);

test("a process on another machine, or a later one with the same pid, is distinguished", async () => {
  await writeDeadLock({ host: "another" });
  expect(await lockConcurrently(1)).toMatchObject({ held: 0, refused: ["LOCKED"] });
  await writeDeadLock({ pid: process.pid, started: "1" });
  expect(await lockConcurrently(1)).toMatchObject({ held: 1, tookOver: 1 });
});
