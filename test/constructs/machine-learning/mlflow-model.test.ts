import { Group, MlflowModel } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("mlflow model", () => {
  test("has an access list that uses the registry's id", () => {
    const { resourceOf } = synth((stack) => {
      const churn = new MlflowModel(stack, "m", {
        name: "churn",
        description: "d",
        tags: { a: "1" },
      });
      churn.permissions.allow("CAN_MANAGE_STAGING_VERSIONS", Group.users);
      expect(defaultChild(churn)).toBe("databricks_mlflow_model");
    });
    expect(resourceOf("databricks_mlflow_model")).toEqual({
      name: "churn",
      description: "d",
      tags: [{ key: "a", value: "1" }],
    });
    expect(resourceOf("databricks_permissions").registered_model_id).toMatch(
      /\.registered_model_id\}$/,
    );
  });
  test("rejects a three-level name of Unity Catalog", () => {
    expect(codes((stack) => new MlflowModel(stack, "m", { name: "main.ml.churn" }))).toEqual([
      "BAD_NAME",
    ]);
  });
});
