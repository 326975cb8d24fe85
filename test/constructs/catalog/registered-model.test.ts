import { Group, RegisteredModel, RegisteredModelGrants, Schema } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const schema = Schema.fromName("main.ml");

describe("registered model", () => {
  test("is in a schema, and has grants", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const churn = new RegisteredModel(stack, "m", { schema, name: "churn", comment: "c" });
      churn.grants.execute(Group.named("analysts"));
      RegisteredModelGrants.on(stack, "on", RegisteredModel.fromName("main.ml.old")).execute(
        Group.named("analysts"),
      );
      expect([defaultChild(churn), churn.fullName]).toEqual([
        "databricks_registered_model",
        "main.ml.churn",
      ]);
    });
    expect(resourceOf("databricks_registered_model")).toEqual({
      catalog_name: "main",
      schema_name: "ml",
      name: "churn",
      comment: "c",
    });
    expect(resourcesOf("databricks_grant").map(({ model }) => model)).toEqual([
      expect.stringMatching(/^\$\{databricks_registered_model\./),
      "main.ml.old",
    ]);
  });
  test("rejects a name without its schema", () => {
    expect(() => RegisteredModel.fromName("churn")).toThrow("includes its catalog and schema");
    expect(codes((stack) => new RegisteredModel(stack, "m", { schema, name: "a.b" }))).toEqual([
      "BAD_NAME",
    ]);
  });
});
