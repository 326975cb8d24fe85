import { alert } from "../../../src/resources/kinds/alert";
import { query } from "../../../src/resources/kinds/query";
import { listAll, createAndRead, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
beforeAll(async () => (lab = await openKindLab()));
afterAll(() => lab.close());

test("a list of queries or alerts reports the fields that it omits, without values for them", async () => {
  const warehouse = { name: "w", cluster_size: "2X-Small" };
  const { id: warehouse_id } = (await lab.api.post("/api/2.0/sql/warehouses", warehouse)) as {
    id: string;
  };
  const createdQuery = await createAndRead(lab, query, {
    display_name: "q",
    query_text: "SELECT 1",
    warehouse_id,
    parent_path: "/Shared",
  });
  const condition = {
    op: "GREATER_THAN",
    operand: [{ column: [{ name: "n" }] }],
    threshold: [{ value: [{ double_value: 1 }] }],
  };
  await createAndRead(lab, alert, {
    display_name: "a",
    query_id: createdQuery.id,
    parent_path: "/Shared",
    condition: [condition],
  });
  const [[listedQuery], [listedAlert]] = [await listAll(lab, query), await listAll(lab, alert)];
  expect(createdQuery.attributes).toMatchObject({
    parent_path: "/Workspace/Shared",
    apply_auto_limit: false,
  });
  expect(listedQuery).toMatchObject({
    id: createdQuery.id,
    omitted: ["parent_path", "apply_auto_limit"],
  });
  expect(listedAlert).toMatchObject({
    omitted: ["parent_path"],
    attributes: { condition: [{ op: "GREATER_THAN" }] },
  });
  for (const item of [listedQuery, listedAlert])
    for (const field of item?.omitted ?? [])
      expect([null, []]).toContainEqual(item?.attributes[field]);
});
