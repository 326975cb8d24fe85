import { alert } from "../../../src/resources/kinds/alert";
import { query } from "../../../src/resources/kinds/query";
import { listAll, make, openPlace, type Place } from "../against-workspace";

let place: Place;
beforeAll(async () => (place = await openPlace()));
afterAll(() => place.close());

test("a list of queries or alerts reports the folder as omitted", async () => {
  const warehouse = { name: "w", cluster_size: "2X-Small" };
  const { id: warehouse_id } = (await place.api.post("/api/2.0/sql/warehouses", warehouse)) as {
    id: string;
  };
  const made = await make(place, query, {
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
  await make(place, alert, {
    display_name: "a",
    query_id: made.id,
    parent_path: "/Shared",
    condition: [condition],
  });
  const [[listedQuery], [listedAlert]] = [await listAll(place, query), await listAll(place, alert)];
  expect(made.attributes).toMatchObject({
    parent_path: "/Workspace/Shared",
    apply_auto_limit: false,
  });
  expect(listedQuery).toMatchObject({ id: made.id, omitted: ["parent_path", "apply_auto_limit"] });
  expect(listedAlert).toMatchObject({
    omitted: ["parent_path"],
    attributes: { condition: [{ op: "GREATER_THAN" }] },
  });
  for (const found of [listedQuery, listedAlert])
    for (const field of found?.omitted ?? [])
      expect([null, []]).toContainEqual(found?.attributes[field]);
});
