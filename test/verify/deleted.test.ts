import { findKind } from "../../src/resources";
import { check, deployDirect, summary, type Lab } from "./harness";
import { matrixKinds } from "./matrix/kinds";
import { configOf, openMatrixLab } from "./matrix/run";

/**
 * Expected findings of kinds whose deleted access list may be reported as empty instead of missing.
 */
const emptied: Readonly<Record<string, RegExp>> = {
  databricks_grants: /^(missing databricks_grants\.d|drift databricks_grants\.d grant)/,
  databricks_permissions:
    /^(missing databricks_permissions\.d|drift databricks_permissions\.d access_control)/,
};

describe("a deleted object is missing", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openMatrixLab();
  });
  afterAll(() => lab.close());

  test.each(matrixKinds.map((kind) => [kind.type, kind] as const))("%s", async (type, kind) => {
    const config = await configOf(lab, kind, "deleted");
    const deployed = await deployDirect(lab, { [type]: { d: config } });
    const { id, ...attributes } = deployed.state.resources[0]?.instances[0]?.attributes as {
      id: string;
    };
    expect(
      summary(await check(lab, deployed, { unmanaged: "none" })).filter(
        (line) => !line.startsWith("unverifiable"),
      ),
    ).toEqual([]);
    await findKind(type)?.delete(
      lab.client,
      id,
      { ...attributes, ...config, id },
      { directory: "/nowhere" },
    );
    const report = await check(lab, deployed, { unmanaged: "none" });
    expect(report.exitCode).toBe(2);
    const [missingLine = "", ...others] = summary(report).filter(
      (line) => !line.startsWith("unverifiable"),
    );
    expect(others).toEqual([]);
    expect(missingLine).toMatch(emptied[type] ?? new RegExp(`^missing ${type}\\.d$`));
  });
});
