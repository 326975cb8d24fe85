import { secret, splitScoped } from "../../../src/resources/kinds/secret";
import { secretAcl } from "../../../src/resources/kinds/secret-acl";
import { secretScope } from "../../../src/resources/kinds/secret-scope";
import { token } from "../../../src/resources/kinds/token";
import { listAll, make, openPlace, type Place } from "../against-workspace";

let place: Place;
beforeAll(async () => {
  place = await openPlace();
  await make(place, secretScope, { name: "app" });
});
afterAll(() => place.close());

describe("secret scope", () => {
  test("is found by its name, case-insensitively", async () => {
    const found = await secretScope.read(place.reader, "APP", { known: {} });
    expect(found).toMatchObject({
      id: "app",
      attributes: { name: "app", backend_type: "DATABRICKS" },
    });
    expect((await listAll(place, secretScope)).map(({ id }) => id)).toEqual(["app"]);
  });

  test.each(["a b!", "x".repeat(129), ""])("rejects the name %p", (name) => {
    expect(secretScope.validate?.({ name })).toHaveLength(1);
  });

  test("accepts a name that is not known yet", () => {
    expect(secretScope.validate?.({})).toEqual([]);
  });
});

describe("secret", () => {
  test("is read with its value by a token that may", async () => {
    const found = await make(place, secret, {
      scope: "app",
      key: "password",
      string_value: "hunter2",
    });
    expect(found).toMatchObject({
      id: "app|||password",
      attributes: { string_value: "hunter2", config_reference: "{{secrets/app/password}}" },
    });
  });

  test("is read without its value by default, with the official provider's one call", async () => {
    const calls = place.workspace.journal().length;
    const found = await secret.read(place.reader, "app|||password", { known: {}, deep: false });
    expect(found?.attributes.string_value).toBeUndefined();
    expect(found?.omitted).toEqual(["string_value"]);
    expect(place.workspace.journal().length - calls).toBe(1);
  });

  test("is listed with its scope, and restore writes the value again", async () => {
    const desired = { scope: "app", key: "password", string_value: "hunter2" };
    await place.api.post("/api/2.0/secrets/put", { ...desired, string_value: "changed" });
    await secret.restore?.(place.api, "app|||password", desired, place.context);
    expect(
      (await secret.read(place.reader, "app|||password", { known: {} }))?.attributes.string_value,
    ).toBe("hunter2");
    expect((await listAll(place, secret, "app")).map(({ id }) => id)).toEqual(["app|||password"]);
    expect((await listAll(place, secret)).map(({ id }) => id)).toEqual(["app|||password"]);
  });

  test("is missing if its scope was deleted", async () => {
    expect(await secret.read(place.reader, "nope|||key", { known: {} })).toBeUndefined();
  });

  test.each(["app/password", "app|||", "|||key", "a|||b|||c"])("rejects the id %p", (id) => {
    expect(() => splitScoped(id, "secret")).toThrow("not the id of a secret");
  });
});

describe("secret ACL", () => {
  test("is created, listed, restored and removed", async () => {
    await place.api.post("/api/2.0/preview/scim/v2/Groups", { displayName: "data-team" });
    const desired = { scope: "app", principal: "data-team", permission: "READ" };
    const found = await make(place, secretAcl, desired);
    expect(found).toEqual({ id: "app|||data-team", attributes: desired });
    await place.api.post("/api/2.0/secrets/acls/put", { ...desired, permission: "MANAGE" });
    await secretAcl.restore?.(place.api, found.id, desired, place.context);
    expect(await secretAcl.read(place.reader, found.id, { known: {} })).toEqual(found);
    expect(await listAll(place, secretAcl, "app")).toContainEqual(found);
    await secretAcl.delete(place.api, found.id, desired, place.context);
    expect(await secretAcl.read(place.reader, found.id, { known: {} })).toBeUndefined();
  });
});

describe("token", () => {
  test("returns its value once, and its expiry", async () => {
    const { id, attributes } = await token.create(
      place.api,
      { comment: "ci", lifetime_seconds: 3600 },
      place.context,
    );
    expect(attributes?.token_value).toMatch(/^dapi/);
    const found = await token.read(place.reader, id, { known: {} });
    expect(found?.attributes.comment).toBe("ci");
    expect(found?.attributes.token_value).toBeUndefined();
    await token.delete(place.api, id, {}, place.context);
    expect(await token.read(place.reader, id, { known: {} })).toBeUndefined();
  });
});
