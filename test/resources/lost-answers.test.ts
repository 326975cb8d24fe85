/** The answer of a create is lost on the way: nothing is made twice, and nothing is forgotten. */
import { catalog } from "../../src/resources/catalog";
import { dbfsFile } from "../../src/resources/dbfs-file";
import { secretScope } from "../../src/resources/secret-scope";
import { token } from "../../src/resources/token";
import { ucSchema } from "../../src/resources/uc-schema";
import { volume } from "../../src/resources/volume";
import { listed, openPlace, type Place } from "./against-workspace";

let place: Place;
beforeAll(async () => {
  place = await openPlace();
  await place.api.post("/api/2.1/unity-catalog/catalogs", { name: "lake" });
  await place.api.post("/api/2.1/unity-catalog/schemas", { catalog_name: "lake", name: "raw" });
});
afterEach(() => place.workspace.faults.clear());
afterAll(() => place.close());

/** The next call takes effect, and its answer never arrives. */
function loseAnswer(path: string): void {
  place.workspace.faults.add({ method: "POST", path, nth: 1, when: "after", drop: true });
}

test.each([
  ["secret scope", secretScope, "/api/2.0/secrets/scopes/create", { name: "app" }, "app"],
  ["catalog", catalog, "/api/2.1/unity-catalog/catalogs", { name: "sales" }, "sales"],
  ["schema", ucSchema, "/api/2.1/unity-catalog/schemas", { catalog_name: "lake", name: "silver" }, "lake.silver"],
  [
    "volume",
    volume,
    "/api/2.1/unity-catalog/volumes",
    { catalog_name: "lake", schema_name: "raw", name: "in", volume_type: "MANAGED" },
    "lake.raw.in",
  ],
])("a %s is found and taken over", async (_title, kind, path, planned, id) => {
  loseAnswer(path);
  expect(await kind.create(place.api, planned, place.context)).toMatchObject({ id });
  expect(await kind.read(place.reader, id, { known: planned })).toBeDefined();
});

test("a DBFS file whose block was lost on the way is begun again, and is whole", async () => {
  const content = Buffer.alloc(2_100_000, "0123456789abcdef");
  const planned = { path: "/tmp/lost.bin", content_base64: content.toString("base64") };
  place.workspace.faults.add({ method: "POST", path: "/api/2.0/dbfs/add-block", nth: 2, when: "after", drop: true });
  await dbfsFile.create(place.api, planned, place.context);
  const found = await dbfsFile.read(place.reader, "/tmp/lost.bin", { known: planned });
  expect(found?.content).toEqual(await dbfsFile.desiredContent?.(planned, "."));
});

test("a secret scope with secrets is somebody else's", async () => {
  await place.api.post("/api/2.0/secrets/scopes/create", { scope: "theirs" });
  await place.api.post("/api/2.0/secrets/put", { scope: "theirs", key: "k", string_value: "v" });
  place.workspace.faults.add({ method: "POST", path: "/api/2.0/secrets/scopes/create", nth: 1, when: "before", drop: true });
  await expect(secretScope.create(place.api, { name: "theirs" }, place.context)).rejects.toThrow();
});

test("a token whose value nobody got is revoked", async () => {
  loseAnswer("/api/2.0/token/create");
  await expect(token.create(place.api, { comment: "lost" }, place.context)).rejects.toThrow();
  expect((await listed(place, token)).filter((one) => one.attributes.comment === "lost")).toEqual([]);
});
