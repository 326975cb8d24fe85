import type { TerraformState } from "../../src/verify/input";
import {
  check,
  deployDirect,
  summary,
  type CheckOptions,
  type Deployed,
  type Lab,
} from "./harness";
import { matrixKinds } from "./matrix/kinds";
import { configOf, openMatrixLab } from "./matrix/run";

const emptyState: TerraformState = { version: 4, serial: 1, lineage: "lab", resources: [] };
const emptyDeployment: Deployed = { stack: { resource: {} }, state: emptyState };
const withEmptyState: CheckOptions = { state: () => Promise.resolve(emptyState) };
const kinds = matrixKinds.map((kind) => [kind.type, kind] as const);

let lab: Lab;
beforeAll(async () => {
  lab = await openMatrixLab();
});
afterAll(() => lab.close());

/**
 * Kinds that are not reported as unmanaged: an access list always exists with its object, and a
 * deploy adopts an existing folder.
 */
const neverUnmanaged = [
  "databricks_permissions",
  "databricks_grants",
  "databricks_grant",
  "databricks_directory",
];

test.each(kinds)(
  "an added %s is unmanaged under the name of a pending object, and with --unmanaged all, unless it belongs to another object or is adopted",
  async (type, kind) => {
    const deployed = await deployDirect(lab, { [type]: { d: await configOf(lab, kind, "added") } });
    const unmanagedLine = new RegExp(`^unmanaged ${type} `);
    const [pending, ...others] = summary(await check(lab, deployed, withEmptyState));
    expect(pending).toBe(`pending ${type}.d`);
    expect(others).toEqual(
      neverUnmanaged.includes(type) ? [] : [expect.stringMatching(unmanagedLine)],
    );
    // An object in a state is never unmanaged.
    expect(
      summary(await check(lab, deployed)).filter((line) => line.startsWith("unmanaged")),
    ).toEqual([]);

    const withoutState = summary(await check(lab, emptyDeployment, { unmanaged: "all" })).filter(
      (line) => unmanagedLine.test(line),
    );
    const withState = summary(await check(lab, deployed, { unmanaged: "all" })).filter((line) =>
      unmanagedLine.test(line),
    );
    // Permissions are created and deleted with their object, which is reported instead.
    expect(withoutState.filter((line) => !withState.includes(line))).toHaveLength(
      /grant|permissions/.test(type) ? 0 : 1,
    );
  },
);
