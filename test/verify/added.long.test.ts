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

const nothing: TerraformState = { version: 4, serial: 1, lineage: "lab", resources: [] };
const nobody: Deployed = { stack: { resource: {} }, state: nothing };
const asIfNew: CheckOptions = { state: () => Promise.resolve(nothing) };
const kinds = matrixKinds.map((kind) => [kind.type, kind] as const);

let lab: Lab;
beforeAll(async () => {
  lab = await openMatrixLab();
});
afterAll(() => lab.close());

/**
 * Kinds that are not tested here: access lists exist with their object, and an existing folder is
 * adopted.
 */
const takenOver = [
  "databricks_permissions",
  "databricks_grants",
  "databricks_grant",
  "databricks_directory",
];

test.each(kinds)(
  "%s is found under the name of an object that is not deployed yet, and anywhere with --unmanaged all",
  async (type, kind) => {
    const deployed = await deployDirect(lab, { [type]: { d: await configOf(lab, kind, "added") } });
    const ours = new RegExp(`^unmanaged ${type} `);
    const [pending, ...others] = summary(await check(lab, deployed, asIfNew));
    expect(pending).toBe(`pending ${type}.d`);
    expect(others).toEqual(takenOver.includes(type) ? [] : [expect.stringMatching(ours)]);
    // An object in a state is never unmanaged.
    expect(
      summary(await check(lab, deployed)).filter((line) => line.startsWith("unmanaged")),
    ).toEqual([]);

    const found = summary(await check(lab, nobody, { unmanaged: "all" })).filter((line) =>
      ours.test(line),
    );
    const left = summary(await check(lab, deployed, { unmanaged: "all" })).filter((line) =>
      ours.test(line),
    );
    // Permissions are created and deleted with their object, which is reported instead.
    expect(found.filter((line) => !left.includes(line))).toHaveLength(
      /grant|permissions/.test(type) ? 0 : 1,
    );
  },
);
