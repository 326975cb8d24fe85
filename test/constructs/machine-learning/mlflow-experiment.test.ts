import { Group, MlflowExperiment } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("mlflow experiment", () => {
  test("has a path as name, sorted tags and an access list", () => {
    const { resourceOf } = synth((stack) => {
      const churn = new MlflowExperiment(stack, "e", {
        name: "/Shared/churn",
        tags: { b: "2", a: "1" },
      });
      churn.permissions.allow("CAN_EDIT", Group.users);
      expect(defaultChild(churn)).toBe("databricks_mlflow_experiment");
    });
    expect(resourceOf("databricks_mlflow_experiment").tags).toEqual([
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]);
    expect(resourceOf("databricks_permissions").experiment_id).toMatch(
      /^\$\{databricks_mlflow_experiment\..*\.id\}$/,
    );
  });
  test("rejects a name that is not a path", () => {
    expect(codes((stack) => new MlflowExperiment(stack, "e", { name: "churn" }))).toEqual([
      "BAD_PATH",
    ]);
  });
});
