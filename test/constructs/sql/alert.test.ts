import {
  Alert,
  Group,
  NotificationDestination,
  Query,
  SqlTask,
  SqlWarehouse,
  Workflow,
} from "../../../constructs";
import { defined } from "../../../src/defined";
import { codes, defaultChild, synth } from "../support";

const query = Query.fromId("q1");
const warehouse = SqlWarehouse.fromId("abc");

describe("alert", () => {
  test("compares with strings, numbers and booleans, and is evaluated by a task", () => {
    const { resourcesOf, resourceOf } = synth((stack) => {
      const alerts = ["late", 0, false].map(
        (threshold, index) =>
          new Alert(stack, `a${index}`, {
            displayName: `a${index}`,
            query,
            condition: { column: "c", op: "EQUAL", threshold },
          }),
      );
      new Alert(stack, "null", {
        displayName: "null",
        query,
        condition: { column: "c", op: "IS_NULL" },
      }).permissions.allow("CAN_VIEW", Group.users);
      expect(alerts.map(defaultChild)).toEqual([
        "databricks_alert",
        "databricks_alert",
        "databricks_alert",
      ]);
      const [first] = alerts;
      if (first === undefined) throw new Error("no alert");
      const subscriptions = [NotificationDestination.fromId("d1")];
      new Workflow(stack, "j", { name: "j" }).addTask("a", {
        run: SqlTask.alert(first, { warehouse, subscriptions }),
      });
    });
    expect(
      resourcesOf("databricks_alert").map(
        ({ condition }) => (condition as { threshold?: unknown }).threshold,
      ),
    ).toEqual([
      { value: { string_value: "late" } },
      { value: { double_value: 0 } },
      { value: { bool_value: false } },
      undefined,
    ]);
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          sql_task: {
            alert: {
              alert_id: expect.stringMatching(/^\$\{databricks_alert\./) as unknown,
              subscriptions: [{ destination_id: "d1" }],
            },
          },
        },
      ],
    });
  });
  test("rejects a comparison without a threshold, and IS_NULL with a threshold", () => {
    const build = (op: "EQUAL" | "IS_NULL", threshold?: number) =>
      codes(
        (stack) =>
          new Alert(stack, "a", {
            displayName: "a",
            query,
            condition: { column: "c", op, ...defined({ threshold }) },
          }),
      );
    expect([build("EQUAL"), build("IS_NULL", 1)]).toEqual([
      ["BAD_ALERT_CONDITION"],
      ["BAD_ALERT_CONDITION"],
    ]);
  });
});
