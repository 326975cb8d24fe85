import {
  Content,
  Dashboard,
  DashboardTask,
  Directory,
  Group,
  SqlWarehouse,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const warehouse = SqlWarehouse.fromId("abc");

describe("dashboard", () => {
  test("writes its content to the output, has an access list, and is refreshed by a task", () => {
    const { resourceOf } = synth((stack) => {
      const parentPath = new Directory(stack, "d", { path: "/Shared/boards" });
      const sales = new Dashboard(stack, "s", {
        displayName: "Sales",
        warehouse,
        content: Content.text('{"pages":[]}'),
        parentPath,
      });
      sales.permissions.allow("CAN_READ", Group.users);
      new Workflow(stack, "j", { name: "j" }).addTask("a", { run: DashboardTask.of(sales) });
      expect([defaultChild(sales), Dashboard.fromId("d1").renderId()]).toEqual([
        "databricks_dashboard",
        "d1",
      ]);
    });
    expect(resourceOf("databricks_dashboard")).toEqual({
      display_name: "Sales",
      warehouse_id: "abc",
      parent_path: expect.stringMatching(/^\$\{databricks_directory\./) as unknown,
      serialized_dashboard: '{"pages":[]}',
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          dashboard_task: {
            dashboard_id: expect.stringMatching(/^\$\{databricks_dashboard\./) as unknown,
          },
        },
      ],
    });
    expect(resourceOf("databricks_permissions").dashboard_id).toMatch(
      /^\$\{databricks_dashboard\./,
    );
  });
  test("rejects content that is not JSON, and a file that does not exist", () => {
    const build = (content: Content): string[] =>
      codes(
        (stack) =>
          new Dashboard(stack, "s", {
            displayName: "s",
            warehouse,
            content,
            parentPath: "/Shared",
          }),
      );
    expect([build(Content.text("no")), build(Content.file("none.lvdash.json"))]).toEqual([
      ["BAD_DASHBOARD"],
      ["FILE_NOT_FOUND"],
    ]);
  });
});
