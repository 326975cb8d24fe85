import { alert } from "../../../src/resources/kinds/alert";
import { app } from "../../../src/resources/kinds/app";
import { budgetPolicy } from "../../../src/resources/kinds/budget-policy";
import { modelServing } from "../../../src/resources/kinds/model-serving";
import { query } from "../../../src/resources/kinds/query";
import type { Attributes, Kind, Value } from "../../../src/resources/kind";
import { schemaInUse, useSchemaFor } from "../../../src/resources/shape/schema";
import { isZeroValue } from "../../../src/resources/shape/shape";
import { createAndRead, openKindLab, type KindLab } from "../kind-lab";

let lab: KindLab;
let warehouse_id: string;
const schema = schemaInUse();
beforeAll(async () => {
  useSchemaFor("1.132.0");
  lab = await openKindLab();
  const created = await lab.api.post("/api/2.0/sql/warehouses", {
    name: "w",
    cluster_size: "2X-Small",
  });
  warehouse_id = (created as { id: string }).id;
});
afterAll(async () => {
  useSchemaFor(schema);
  await lab.close();
});

const condition = {
  op: "GREATER_THAN",
  operand: [{ column: [{ name: "n" }] }],
  threshold: [{ value: [{ double_value: 1 }] }],
};

interface Case {
  readonly kind: Kind;
  readonly planned: () => Attributes;
  /** The fields that are set in the workspace. */
  readonly added: Readonly<Record<string, Value>>;
}

const cases: Readonly<Record<string, Case>> = {
  query: {
    kind: query,
    planned: () => ({ display_name: "q", query_text: "SELECT 1", warehouse_id }),
    added: { description: "by hand", tags: ["by-hand"] },
  },
  alert: {
    kind: alert,
    planned: () => ({ display_name: "a", query_id: "q1", condition: [condition] }),
    added: { custom_subject: "by hand", seconds_to_retrigger: 60 },
  },
  app: {
    kind: app,
    planned: () => ({ name: "dose-app" }),
    added: { description: "by hand", user_api_scopes: ["sql"] },
  },
  "serving endpoint": {
    kind: modelServing,
    planned: () => ({ name: "dose-endpoint" }),
    added: { tags: [{ key: "team", value: "by hand" }] },
  },
  "budget policy": {
    kind: budgetPolicy,
    planned: () => ({ policy_name: "team" }),
    added: { custom_tags: [{ key: "team", value: "by hand" }] },
  },
};

test.each(Object.entries(cases))(
  "healing clears the fields of a %s that only the workspace sets",
  async (_title, { kind, planned, added }) => {
    const code = planned();
    const { id, attributes } = await createAndRead(lab, kind, code);
    const fieldsOf = async (): Promise<Value[]> => {
      const remote = await kind.read(lab.reader, id, { known: { ...attributes, ...code } });
      return Object.keys(added).map((field) => remote?.attributes[field] ?? null);
    };
    await kind.update?.(lab.api, id, attributes, { ...attributes, ...code, ...added }, lab.context);
    expect(await fieldsOf()).toEqual(Object.values(added));
    const cleared = Object.fromEntries(Object.keys(added).map((field) => [field, null]));
    await kind.restore?.(lab.api, id, code, { ...lab.context, cleared });
    expect((await fieldsOf()).filter((value) => !isZeroValue(value))).toEqual([]);
  },
);
