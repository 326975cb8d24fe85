import { connect } from "../../../src/api";
import { secret, splitScoped } from "../../../src/resources/kinds/secret";
import { secretAcl } from "../../../src/resources/kinds/secret-acl";
import { secretScope } from "../../../src/resources/kinds/secret-scope";
import { token } from "../../../src/resources/kinds/token";
import { listAll, createAndRead, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
beforeAll(async () => {
  lab = await openKindLab();
  await createAndRead(lab, secretScope, { name: "app" });
});
afterAll(() => lab.close());

describe("secret scope", () => {
  test("is found by its name, case-insensitively", async () => {
    const remote = await secretScope.read(lab.reader, "APP", { known: {} });
    expect(remote).toMatchObject({
      id: "app",
      attributes: { name: "app", backend_type: "DATABRICKS" },
    });
    expect((await listAll(lab, secretScope)).map(({ id }) => id)).toEqual(["app"]);
  });

  test("that the caller may not read is not missing", async () => {
    const { token_value } = (await lab.api.post("/_lakeform/tokens", { user: "reader" })) as {
      readonly token_value: string;
    };
    const reader = connect({ host: lab.workspace.host, token: token_value, env: {} });
    await expect(secretScope.read(reader, "app", { known: {} })).rejects.toMatchObject({
      kind: "forbidden",
    });
    expect(await secretScope.read(reader, "unknown", { known: {} })).toBeUndefined();
    await reader.close();
  });

  test.each(["a b!", "x".repeat(129), ""])("rejects the name %p", (name) => {
    expect(secretScope.validate?.({ name })).toHaveLength(1);
  });

  test("accepts a name that is not known yet", () => {
    expect(secretScope.validate?.({})).toEqual([]);
  });
});

describe("secret", () => {
  test("is read with its value by a caller with permission", async () => {
    const remote = await createAndRead(lab, secret, {
      scope: "app",
      key: "password",
      string_value: "hunter2",
    });
    expect(remote).toMatchObject({
      id: "app|||password",
      attributes: { string_value: "hunter2", config_reference: "{{secrets/app/password}}" },
    });
  });

  test("is read without its value by default, with the official provider's one call", async () => {
    const callsBefore = lab.workspace.journal().length;
    const remote = await secret.read(lab.reader, "app|||password", { known: {}, deep: false });
    expect(remote?.attributes.string_value).toBeUndefined();
    expect(remote?.omitted).toEqual(["string_value"]);
    expect(lab.workspace.journal().length - callsBefore).toBe(1);
  });

  test("is listed with its scope, and restore writes the value again", async () => {
    const desired = { scope: "app", key: "password", string_value: "hunter2" };
    await lab.api.post("/api/2.0/secrets/put", { ...desired, string_value: "changed" });
    await secret.restore?.(lab.api, "app|||password", desired, lab.context);
    expect(
      (await secret.read(lab.reader, "app|||password", { known: {} }))?.attributes.string_value,
    ).toBe("hunter2");
    expect((await listAll(lab, secret, "app")).map(({ id }) => id)).toEqual(["app|||password"]);
    expect((await listAll(lab, secret)).map(({ id }) => id)).toEqual(["app|||password"]);
  });

  test("is missing if its scope was deleted", async () => {
    expect(await secret.read(lab.reader, "nope|||key", { known: {} })).toBeUndefined();
  });

  test.each(["app/password", "app|||", "|||key", "a|||b|||c"])("rejects the id %p", (id) => {
    expect(() => splitScoped(id, "secret")).toThrow("not the id of a secret");
  });
});

describe("secret ACL", () => {
  test("is created, listed, restored and removed", async () => {
    await lab.api.post("/api/2.0/preview/scim/v2/Groups", { displayName: "data-team" });
    const desired = { scope: "app", principal: "data-team", permission: "READ" };
    const remote = await createAndRead(lab, secretAcl, desired);
    expect(remote).toEqual({ id: "app|||data-team", attributes: desired });
    await lab.api.post("/api/2.0/secrets/acls/put", { ...desired, permission: "MANAGE" });
    await secretAcl.restore?.(lab.api, remote.id, desired, lab.context);
    expect(await secretAcl.read(lab.reader, remote.id, { known: {} })).toEqual(remote);
    expect(await listAll(lab, secretAcl, "app")).toContainEqual(remote);
    await secretAcl.delete(lab.api, remote.id, desired, lab.context);
    expect(await secretAcl.read(lab.reader, remote.id, { known: {} })).toBeUndefined();
  });
});

describe("token", () => {
  test("returns its value only when it is created, and its expiry", async () => {
    const { id, attributes } = await token.create(
      lab.api,
      { comment: "ci", lifetime_seconds: 3600 },
      lab.context,
    );
    expect(attributes?.token_value).toMatch(/^dapi/);
    const remote = await token.read(lab.reader, id, { known: {} });
    expect(remote?.attributes.comment).toBe("ci");
    expect(remote?.attributes.token_value).toBeUndefined();
    expect(Number(remote?.attributes.expiry_time) - Number(remote?.attributes.creation_time)).toBe(
      3_600_000,
    );
    await token.delete(lab.api, id, {}, lab.context);
    expect(await token.read(lab.reader, id, { known: {} })).toBeUndefined();
  });
});
