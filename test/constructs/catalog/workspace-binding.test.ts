import { Catalog, ExternalLocation, WorkspaceBinding } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("workspace binding", () => {
  test("can bind each kind of securable", () => {
    const { resourcesOf } = synth((stack) => {
      const securable = new Catalog(stack, "c", { name: "c", isolationMode: "ISOLATED" });
      const binding = new WorkspaceBinding(stack, "b", {
        securable,
        workspaceId: 42,
        bindingType: "BINDING_TYPE_READ_ONLY",
      });
      new WorkspaceBinding(stack, "l", {
        securable: ExternalLocation.fromName("lake"),
        workspaceId: 42,
      });
      expect(defaultChild(binding)).toBe("databricks_workspace_binding");
    });
    expect(resourcesOf("databricks_workspace_binding")).toEqual([
      {
        binding_type: "BINDING_TYPE_READ_ONLY",
        securable_name: expect.stringMatching(/^\$\{databricks_catalog\..*\.name\}$/) as unknown,
        securable_type: "catalog",
        workspace_id: 42,
      },
      { securable_name: "lake", securable_type: "external_location", workspace_id: 42 },
    ]);
  });
  test("rejects a number that is not a workspace id", () => {
    const securable = Catalog.fromName("main");
    expect(
      codes((stack) => new WorkspaceBinding(stack, "b", { securable, workspaceId: 1.5 })),
    ).toEqual(["BAD_WORKSPACE_ID"]);
  });
});
