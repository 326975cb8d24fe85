import {
  AllPurposeCluster,
  SqlTask,
  SqlWarehouse,
  type TaskProps,
  Workflow,
} from "../../../constructs";
import { synth, type Json } from "../support";

const taskOf = (props: TaskProps): Json => {
  const { resourceOf } = synth((stack) =>
    new Workflow(stack, "j", { name: "j" }).addTask("a", props),
  );
  return (resourceOf("databricks_job").task as Json[])[0] ?? {};
};

const warehouse = SqlWarehouse.fromId("w");

describe("SQL task", () => {
  test.each([
    [
      SqlTask.query("q", { warehouse, parameters: { a: "b" } }),
      { query: { query_id: "q" }, parameters: { a: "b" } },
    ],
    [SqlTask.file("/a.sql", { warehouse }), { file: { path: "/a.sql", source: "WORKSPACE" } }],
    [
      SqlTask.alert("a", { warehouse, pauseSubscriptions: true }),
      { alert: { alert_id: "a", pause_subscriptions: true } },
    ],
    [
      SqlTask.dashboard("d", { warehouse, customSubject: "s" }),
      { dashboard: { dashboard_id: "d", custom_subject: "s" } },
    ],
  ])("renders each kind of SQL (%#)", (run, expected) => {
    expect(taskOf({ run }).sql_task).toEqual({ warehouse_id: "w", ...expected });
  });
  test("does not compile with compute of its own", () => {
    // @ts-expect-error SQL runs on its warehouse
    const props: TaskProps = {
      run: SqlTask.query("q", { warehouse }),
      on: AllPurposeCluster.fromId("c"),
    };
    expect(props.run).toBeInstanceOf(SqlTask);
  });
});
