import { WorkspaceConf } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("workspace configuration", () => {
  test("writes its settings as strings", () => {
    const { resourceOf } = synth((stack) => {
      const conf = new WorkspaceConf(stack, "c", {
        customConfig: { maxTokenLifetimeDays: 90, enableIpAccessLists: true },
      });
      expect(defaultChild(conf)).toBe("databricks_workspace_conf");
    });
    expect(resourceOf("databricks_workspace_conf").custom_config).toEqual({
      enableIpAccessLists: "true",
      maxTokenLifetimeDays: "90",
    });
  });
  test("rejects a configuration without settings", () => {
    expect(codes((stack) => new WorkspaceConf(stack, "c", { customConfig: {} }))).toEqual([
      "EMPTY_CONF",
    ]);
  });
});
