import { connect, type Connection } from "../../src/api";
import { startStateServer, type StateServer } from "../../src/state/server";
import { StateStore } from "../../src/state/store";
import { startWorkspace, type RunningWorkspace } from "../../src/workspace/server";

const makeState = (serial: number): Buffer =>
  Buffer.from(
    `${JSON.stringify({ version: 4, terraform_version: "1.11.4", serial, lineage: "l", resources: [] }, undefined, 2)}\n`,
  );

describe("the server for Terraform", () => {
  let workspace: RunningWorkspace;
  let client: Connection;
  let server: StateServer;
  const problems: string[] = [];
  beforeAll(async () => {
    workspace = await startWorkspace();
    client = connect({ host: workspace.host, token: workspace.token, env: {} });
    const recordFolder = "/Workspace/Shared/.lakeform/test/s";
    const store = new StateStore(client, {
      stack: "s",
      recordFolder,
      keys: [],
      warn: () => undefined,
    });
    server = await startStateServer({
      storeOf: (stack) => (stack === "s" ? store : undefined),
      onProblem: ({ code }) => problems.push(code),
      onLockRefused: (stack, { code }) => problems.push(`${stack} ${code}`),
    });
  });
  afterAll(async () => {
    await server.close();
    await client.close();
    await workspace.close();
  });

  const request = async (
    method: string,
    {
      user = "s",
      password = server.secret,
      query = "",
      body,
    }: { user?: string; password?: string; query?: string; body?: string },
  ): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    const response = await fetch(`${server.environment.TF_HTTP_ADDRESS ?? ""}${query}`, {
      method,
      headers: { authorization },
      ...(body !== undefined && { body }),
    });
    await response.text();
    return response.status;
  };

  test("listens on loopback, and rejects requests without its secret", async () => {
    expect(server.environment.TF_HTTP_ADDRESS).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/state$/);
    for (const method of ["GET", "POST", "LOCK", "UNLOCK", "DELETE"])
      expect(await request(method, { password: "guess" })).toBe(401);
    expect((await fetch(server.environment.TF_HTTP_ADDRESS ?? "")).status).toBe(401);
    expect(await request("GET", {})).toBe(204);
    expect(await request("GET", { user: "other" })).toBe(403);
    expect(await request("DELETE", {})).toBe(405);
  });

  test("writes only with the acquired lock", async () => {
    const lock = JSON.stringify({ ID: "x", Operation: "OperationTypeApply" });
    expect(await request("POST", { body: makeState(1).toString() })).toBe(409);
    expect(await request("LOCK", { body: lock })).toBe(200);
    expect(await request("LOCK", { body: JSON.stringify({ ID: "y" }) })).toBe(423);
    expect(await request("POST", { query: "?ID=y", body: makeState(1).toString() })).toBe(409);
    expect(await request("POST", { query: "?ID=x", body: makeState(1).toString() })).toBe(200);
    expect(await request("UNLOCK", { body: "" })).toBe(409);
    expect(await request("UNLOCK", { body: lock })).toBe(200);
    expect(await request("GET", {})).toBe(200);
    expect(problems.splice(0)).toEqual([
      "UNKNOWN_STACK",
      "STATE_NOT_LOCKED",
      "s STATE_LOCKED",
      "STATE_NOT_LOCKED",
      "STATE_NOT_LOCKED",
    ]);
  });

  test("rejects an expired token at once, and reports why the lock was refused", async () => {
    workspace.faults.add({ path: "/api/*", status: 401 });
    try {
      const lock = JSON.stringify({ ID: "z", Operation: "OperationTypeApply" });
      expect(await request("LOCK", { body: lock })).toBe(403);
      expect(await request("GET", {})).toBe(403);
      expect(problems.splice(0)).toEqual([
        "s API_UNAUTHENTICATED",
        "API_UNAUTHENTICATED",
        "API_UNAUTHENTICATED",
      ]);
    } finally {
      workspace.faults.clear();
    }
  });
});
