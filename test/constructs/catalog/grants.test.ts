import {
  Catalog,
  CatalogGrants,
  Group,
  Recipient,
  Schema,
  SchemaGrants,
  Share,
  ShareGrants,
  Table,
  TableGrants,
  User,
  Volume,
  VolumeGrants,
  WorkspaceStack,
} from "../../../constructs";
import { codes, problems, synth } from "../support";

const group = Group.named("analysts");
const catalog = (act: (catalog: Catalog) => void) => (stack: WorkspaceStack) =>
  act(new Catalog(stack, "catalog", { name: "main" }));

describe("grants", () => {
  test("add up for a principal, sorted, in one resource", () => {
    const { resourceOf } = synth(
      catalog(({ grants }) => grants.use(group).give(group, "SELECT", "BROWSE").use(group)),
    );
    expect(resourceOf("databricks_grant").privileges).toEqual(["BROWSE", "SELECT", "USE_CATALOG"]);
  });
  test("have methods for use, reading and writing, which give the privileges that the object type supports", () => {
    const { resourcesOf } = synth((stack) => {
      const schema = new Schema(stack, "schema", { catalog: Catalog.fromName("main"), name: "s" });
      schema.grants.use(User.named("a@b")).read(group).write(Group.named("engineers"));
      new Volume(stack, "volume", { schema, name: "v" }).grants
        .read(group)
        .write(Group.named("engineers"));
      new Catalog(stack, "catalog", { name: "c" }).grants
        .read(group)
        .write(Group.named("engineers"));
    });
    const lines = resourcesOf("databricks_grant").map(
      ({ principal, privileges, ...securable }) =>
        `${Object.keys(securable).join()} ${String(principal)}: ${(privileges as string[]).join(" ")}`,
    );
    expect(lines).toEqual([
      "catalog analysts: READ_VOLUME SELECT USE_CATALOG USE_SCHEMA",
      "catalog engineers: CREATE_SCHEMA CREATE_TABLE CREATE_VOLUME MODIFY READ_VOLUME SELECT USE_CATALOG USE_SCHEMA WRITE_VOLUME",
      "schema a@b: USE_SCHEMA",
      "schema analysts: READ_VOLUME SELECT USE_SCHEMA",
      "schema engineers: CREATE_TABLE CREATE_VOLUME MODIFY READ_VOLUME SELECT USE_SCHEMA WRITE_VOLUME",
      "volume analysts: READ_VOLUME",
      "volume engineers: READ_VOLUME WRITE_VOLUME",
    ]);
  });
  test("can be given by name on an object that is managed elsewhere", () => {
    const { resourcesOf } = synth((stack) => {
      CatalogGrants.on(stack, "main", Catalog.fromName("main")).use(group);
      SchemaGrants.on(stack, "etl", Schema.fromName("main.etl")).read(group);
      const existing = VolumeGrants.on(stack, "landing", Volume.fromName("main.etl.landing")).write(
        group,
      );
      expect(existing).toBeInstanceOf(VolumeGrants);
    });
    expect(resourcesOf("databricks_grant").map(({ privileges: _, ...grant }) => grant)).toEqual(
      expect.arrayContaining([
        { catalog: "main", principal: "analysts" },
        { schema: "main.etl", principal: "analysts" },
        { volume: "main.etl.landing", principal: "analysts" },
      ]),
    );
  });
  test("are given to principals for tables, and to recipients for shares", () => {
    const { resourcesOf } = synth((stack) => {
      const share = new Share(stack, "share", {
        name: "sales",
        objects: [{ object: "main.shop.orders" }],
      });
      share.grants.read(
        new Recipient(stack, "partner", { name: "partner", authenticationType: "TOKEN" }),
        Recipient.fromName("old"),
      );
      ShareGrants.on(stack, "theirs", Share.fromName("theirs")).read(Recipient.fromName("old"));
      TableGrants.on(stack, "orders", Table.fromName("main.shop.orders"))
        .read(group)
        .write(User.named("a@b"));
    });
    expect(resourcesOf("databricks_grant")).toEqual(
      expect.arrayContaining([
        {
          share: "${databricks_share.share_A11498C5.name}",
          principal: "${databricks_recipient.partner_FFAA9D4A.name}",
          privileges: ["SELECT"],
        },
        {
          share: "${databricks_share.share_A11498C5.name}",
          principal: "old",
          privileges: ["SELECT"],
        },
        { share: "theirs", principal: "old", privileges: ["SELECT"] },
        { table: "main.shop.orders", principal: "analysts", privileges: ["SELECT"] },
        { table: "main.shop.orders", principal: "a@b", privileges: ["MODIFY", "SELECT"] },
      ]),
    );
  });
  test("reject an invalid name of a share", () => {
    expect(() => Share.fromName("a.b")).toThrow("the name of the share");
  });
  test("are separate resources when given by name: their scope has no default child", () => {
    synth((stack) => {
      CatalogGrants.on(stack, "main", Catalog.fromName("main")).use(group);
      const main = stack.node.findChild("main");
      expect([main.node.defaultChild, main.node.children.map((child) => child.node.id)]).toEqual([
        undefined,
        ["Grant-analysts"],
      ]);
    });
  });
  test("can combine MANAGE with ALL_PRIVILEGES, which does not include it", () => {
    expect(codes(catalog(({ grants }) => grants.give(group, "ALL_PRIVILEGES", "MANAGE")))).toEqual(
      [],
    );
  });
  test("reject privileges that ALL_PRIVILEGES includes", () => {
    const [problem] = problems(
      catalog(({ grants }) => grants.give(group, "ALL_PRIVILEGES", "SELECT")),
    );
    expect(problem).toMatchObject({
      code: "REDUNDANT_PRIVILEGE",
      details: { path: "test-local/catalog", value: "SELECT" },
    });
  });
});
