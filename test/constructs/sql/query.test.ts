import {
  Directory,
  Group,
  Query,
  SqlTask,
  SqlWarehouse,
  User,
  Workflow,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const warehouse = SqlWarehouse.fromId("abc");

describe("query", () => {
  test("has a folder, an owner, parameters and an access list, and is run by a task", () => {
    const { resourceOf } = synth((stack) => {
      const query = new Query(stack, "q", {
        displayName: "q",
        warehouse,
        queryText: "SELECT 1",
        parentPath: new Directory(stack, "d", { path: "/Shared/queries" }),
        owner: User.named("ada@example.com"),
        parameters: [
          { name: "n", numericValue: { value: 0 } },
          {
            name: "e",
            enumValue: {
              enumOptions: ["a", "b"],
              values: ["a"],
              multiValuesOptions: { separator: "," },
            },
          },
          { name: "b", queryBackedValue: { query: Query.fromId("q1"), values: ["x"] } },
        ],
      });
      query.permissions.allow("CAN_RUN", Group.users);
      new Workflow(stack, "j", { name: "j" }).addTask("a", {
        run: SqlTask.query(query, { warehouse }),
      });
      expect(defaultChild(query)).toBe("databricks_query");
    });
    expect(resourceOf("databricks_query")).toMatchObject({
      parent_path: expect.stringMatching(/^\$\{databricks_directory\./) as unknown,
      owner_user_name: "ada@example.com",
      parameter: [
        { name: "n", numeric_value: { value: 0 } },
        {
          name: "e",
          enum_value: {
            enum_options: "a\nb",
            values: ["a"],
            multi_values_options: { separator: "," },
          },
        },
        { name: "b", query_backed_value: { query_id: "q1", values: ["x"] } },
      ],
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [
        {
          sql_task: {
            query: { query_id: expect.stringMatching(/^\$\{databricks_query\./) as unknown },
          },
        },
      ],
    });
    expect(resourceOf("databricks_permissions").sql_query_id).toMatch(/^\$\{databricks_query\./);
  });
  test("rejects a parameter without a value", () => {
    const props = {
      displayName: "q",
      warehouse,
      queryText: "SELECT 1",
      parameters: [{ name: "p" }],
    };
    expect(codes((stack) => new Query(stack, "q", props))).toEqual(["ONE_OF"]);
  });
});
