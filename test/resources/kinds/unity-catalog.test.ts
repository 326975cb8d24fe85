import { connect } from "../../../src/api";
import { catalog } from "../../../src/resources/kinds/catalog";
import { file } from "../../../src/resources/kinds/file";
import { grant } from "../../../src/resources/kinds/grant";
import { grants } from "../../../src/resources/kinds/grants";
import {
  difference,
  normalPrivilege,
  securableProblems,
} from "../../../src/resources/families/privileges";
import { ucSchema } from "../../../src/resources/kinds/uc-schema";
import type { Attributes } from "../../../src/resources/kind";
import { volume } from "../../../src/resources/kinds/volume";
import { Stub } from "../../support/replay-stub";
import { listAll, createAndRead, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
beforeAll(async () => {
  lab = await openKindLab();
  await createAndRead(lab, catalog, { name: "sales", comment: "c" });
  await createAndRead(lab, ucSchema, { catalog_name: "sales", name: "bronze" });
  await createAndRead(lab, volume, {
    catalog_name: "sales",
    schema_name: "bronze",
    name: "in",
    volume_type: "MANAGED",
  });
  for (const displayName of ["data-team", "analysts"])
    await lab.api.post("/api/2.0/preview/scim/v2/Groups", { displayName });
});
afterAll(() => lab.close());

describe("catalog", () => {
  test("is created without the default schema", async () => {
    const found = await catalog.read(lab.reader, "sales", { known: {} });
    expect(found).toMatchObject({
      id: "sales",
      attributes: { name: "sales", comment: "c", isolation_mode: "OPEN" },
    });
    expect((await listAll(lab, ucSchema, "sales")).map(({ id }) => id)).not.toContain(
      "sales.default",
    );
    expect((await listAll(lab, catalog)).map(({ id }) => id)).toContain("sales");
  });

  test("is renamed by an update with the new name", async () => {
    const stub = new Stub();
    await stub.start();
    const assignment = { metastore_id: "m1", workspace_id: 1 };
    stub.expect([
      {
        during: "apply",
        method: "GET",
        path: "/api/2.1/unity-catalog/current-metastore-assignment",
        status: 200,
        response: assignment,
      },
      {
        during: "apply",
        method: "PATCH",
        path: "/api/2.1/unity-catalog/catalogs/old_name",
        status: 200,
        response: {},
      },
    ]);
    const api = connect({ host: stub.host, token: "dapi-test", env: {} });
    const prior = { name: "old_name", comment: "c", metastore_id: "m1" };
    const written = await catalog.update?.(
      api,
      "old_name",
      prior,
      { ...prior, name: "new_name" },
      lab.context,
    );
    expect(written?.id).toBe("new_name");
    expect(stub.requests.at(-1)?.body).toEqual({ comment: "c", new_name: "new_name" });
    await api.close();
    await stub.stop();
  });

  test("is not changed if it belongs to another metastore", async () => {
    const update = catalog.update?.(
      lab.api,
      "sales",
      {},
      { name: "sales", metastore_id: "another" },
      lab.context,
    );
    await expect(update).rejects.toMatchObject({ code: "OTHER_METASTORE" });
  });

  test("is bound to the workspace if it is isolated", async () => {
    const found = await createAndRead(lab, catalog, { name: "iso", isolation_mode: "ISOLATED" });
    expect(found.attributes.isolation_mode).toBe("ISOLATED");
    await catalog.delete(lab.api, "iso", { ...found.attributes, force_destroy: true }, lab.context);
    expect(await catalog.read(lab.reader, "iso", { known: {} })).toBeUndefined();
  });
});

describe("schema and volume", () => {
  test("are restored after a changed comment", async () => {
    await ucSchema.restore?.(lab.api, "sales.bronze", { comment: "back" }, lab.context);
    expect(
      (await ucSchema.read(lab.reader, "sales.bronze", { known: {} }))?.attributes.comment,
    ).toBe("back");
  });

  test("include a volume with a path, which can be renamed", async () => {
    const found = await createAndRead(lab, volume, {
      catalog_name: "sales",
      schema_name: "bronze",
      name: "tmp",
      volume_type: "MANAGED",
    });
    expect(found.attributes.volume_path).toBe("/Volumes/sales/bronze/tmp");
    const written = await volume.update?.(
      lab.api,
      found.id,
      found.attributes,
      { ...found.attributes, name: "tmp2" },
      lab.context,
    );
    expect(written?.id).toBe("sales.bronze.tmp2");
    expect((await listAll(lab, volume, "sales.bronze")).map(({ id }) => id)).toEqual(
      expect.arrayContaining(["sales.bronze.in", "sales.bronze.tmp2"]),
    );
  });
});

describe("file on a volume", () => {
  test("is read with its bytes, and outside changes are detected in both read modes", async () => {
    const id = "/Volumes/sales/bronze/in/a b.csv";
    const desired = { path: id, content_base64: Buffer.from("a,b\n").toString("base64") };
    const { attributes } = await file.create(lab.api, desired, lab.context);
    const found = await file.read(lab.reader, id, { known: desired });
    expect(found?.content).toEqual(await file.desiredContent?.(desired, "."));
    expect((await listAll(lab, file, "/Volumes/sales/bronze/in")).map((item) => item.id)).toEqual([
      id,
    ]);

    const state: Attributes = { ...desired, ...attributes };
    if (found === undefined) throw new Error("not there");
    expect(file.toState?.(found, state, "refresh", false).remote_file_modified).toBe(false);
    const later = {
      ...found,
      attributes: { ...found.attributes, modification_time: "Thu, 03 Dec 2099 16:53:24 GMT" },
    };
    expect(file.toState?.(later, state, "refresh", false)).toMatchObject({
      remote_file_modified: true,
      modification_time: state.modification_time,
    });
    await file.delete(lab.api, id, {}, lab.context);
    expect(await file.read(lab.reader, id, { known: {} })).toBeUndefined();
  });
});

describe("grants", () => {
  const grantOf = (principal: string, ...privileges: string[]) => ({ principal, privileges });

  test("are set completely: other grants are removed, and the code's spelling stays in the state", async () => {
    const desired = {
      schema: "sales.bronze",
      grant: [grantOf("data-team", "use schema", "SELECT")],
    };
    const found = await createAndRead(lab, grants, desired);
    expect(found.id).toBe("schema/sales.bronze");
    expect(grants.toState?.(found, { ...desired, id: found.id }, "write", false).grant).toEqual(
      desired.grant,
    );

    const changes = [{ principal: "analysts", add: ["SELECT"] }];
    await lab.api.patch("/api/2.1/unity-catalog/permissions/schema/sales.bronze", { changes });
    const drifted = await grants.read(lab.reader, found.id, { known: desired });
    expect(drifted?.attributes.grant).toHaveLength(2);
    await grants.restore?.(lab.api, found.id, desired, lab.context);
    expect(
      (await grants.read(lab.reader, found.id, { known: desired }))?.attributes.grant,
    ).toHaveLength(1);
    await grants.delete(lab.api, found.id, {}, lab.context);
    expect(await grants.read(lab.reader, found.id, { known: desired })).toBeUndefined();
  });

  test("of one principal do not change those of others", async () => {
    await createAndRead(lab, grants, {
      catalog: "sales",
      grant: [grantOf("analysts", "USE_CATALOG")],
    });
    const found = await createAndRead(lab, grant, {
      catalog: "sales",
      principal: "data-team",
      privileges: ["USE_CATALOG", "SELECT"],
    });
    expect(found.id).toBe("catalog/sales/data-team");
    await grant.delete(lab.api, found.id, {}, lab.context);
    expect(await grant.read(lab.reader, found.id, { known: {} })).toBeUndefined();
    const remainingGrants = await grants.read(lab.reader, "catalog/sales", { known: {} });
    expect(remainingGrants?.attributes.grant).toEqual([
      { principal: "analysts", privileges: ["USE_CATALOG"] },
    ]);
  });

  test("have an id that starts with the argument, as in the official provider, and can be parsed", async () => {
    await lab.api.post("/api/2.1/unity-catalog/models", {
      catalog_name: "sales",
      schema_name: "bronze",
      name: "forecast",
    });
    const options = { host: "db", port: "5432", user: "u", password: "p" };
    await lab.api.post("/api/2.1/unity-catalog/connections", {
      name: "warehouse",
      connection_type: "POSTGRESQL",
      options,
    });
    for (const [argument, name, privilege] of [
      ["model", "sales.bronze.forecast", "EXECUTE"],
      ["foreign_connection", "warehouse", "USE_CONNECTION"],
    ] as const) {
      const whole = await createAndRead(lab, grants, {
        [argument]: name,
        grant: [grantOf("analysts", privilege)],
      });
      const single = await createAndRead(lab, grant, {
        [argument]: name,
        principal: "data-team",
        privileges: [privilege],
      });
      expect([whole.id, single.id]).toEqual([
        `${argument}/${name}`,
        `${argument}/${name}/data-team`,
      ]);
      expect(grants.importId?.(whole.id).attributes).toEqual({ [argument]: name });
      expect(grant.importId?.(single.id).attributes).toEqual({
        [argument]: name,
        principal: "data-team",
      });
      expect(await grants.read(lab.reader, whole.id, { known: {} })).toMatchObject({
        attributes: { [argument]: name },
      });
    }
    // Earlier builds wrote the type in the REST path.
    for (const id of ["connection/warehouse", "function/sales.bronze.forecast"])
      expect((await grants.read(lab.reader, id, { known: {} }))?.attributes.grant).toHaveLength(2);
  });

  test("have differences listed by principal, with privileges to add and to remove", () => {
    const from = new Map([
      ["a", ["SELECT", "MODIFY"]],
      ["b", ["SELECT"]],
    ] as const);
    const to = new Map([
      ["a", ["SELECT", "USE_SCHEMA"]],
      ["c", ["SELECT"]],
    ] as const);
    expect(difference(from, to)).toEqual([
      { principal: "a", add: ["USE_SCHEMA"], remove: ["MODIFY"] },
      { principal: "b", remove: ["SELECT"] },
      { principal: "c", add: ["SELECT"] },
    ]);
    expect(normalPrivilege("use catalog")).toBe("USE_CATALOG");
  });

  test("are rejected with two securables", () => {
    expect(securableProblems({ schema: "a.b", catalog: "a" })).toHaveLength(1);
    expect(securableProblems({ schema: "a.b" })).toEqual([]);
  });
});
