import { AllPurposeCluster, SqlTask, SqlWarehouse, type TaskProps } from "../../../constructs";
import { taskOf } from "../support";

const warehouse = SqlWarehouse.fromId("w");

describe("SQL task", () => {
  test.each([
    [
      "a query",
      SqlTask.query("q", { warehouse, parameters: { a: "b" } }),
      { query: { query_id: "q" }, parameters: { a: "b" } },
    ],
    [
      "a file",
      SqlTask.file("/a.sql", { warehouse }),
      { file: { path: "/a.sql", source: "WORKSPACE" } },
    ],
    [
      "an alert",
      SqlTask.alert("a", { warehouse, pauseSubscriptions: true }),
      { alert: { alert_id: "a", pause_subscriptions: true } },
    ],
    [
      "a dashboard",
      SqlTask.dashboard("d", { warehouse, customSubject: "s" }),
      { dashboard: { dashboard_id: "d", custom_subject: "s" } },
    ],
  ])("renders %s", (_, run, expected) => {
    expect(taskOf({ run }).sql_task).toEqual({ warehouse_id: "w", ...expected });
  });
  test("does not compile with compute other than its warehouse", () => {
    // @ts-expect-error SQL runs on its warehouse
    const props: TaskProps = {
      run: SqlTask.query("q", { warehouse }),
      on: AllPurposeCluster.fromId("c"),
    };
    expect(props.run).toBeInstanceOf(SqlTask);
  });
});
