import { checkAccess } from "../../../constructs/checks/access";
import type { Block } from "../../../constructs/checks/rendered";

const check = (body: Block): string[] =>
  checkAccess({ path: "p", type: "databricks_permissions", body, json: JSON.stringify(body) }).map(
    ({ code }) => code,
  );

const entry = (group_name: string, permission_level: string): Block => ({
  group_name,
  permission_level,
});

describe("access", () => {
  test("accepts one level per principal", () => {
    expect(check({ access_control: [entry("a", "CAN_VIEW"), entry("b", "CAN_MANAGE")] })).toEqual(
      [],
    );
  });
  test("rejects two levels, two owners, a group as owner, and entries for admins", () => {
    expect(check({ access_control: [entry("a", "CAN_VIEW"), entry("a", "CAN_MANAGE")] })).toEqual([
      "TWO_LEVELS",
    ]);
    expect(
      check({
        access_control: [
          { user_name: "a", permission_level: "IS_OWNER" },
          { user_name: "b", permission_level: "IS_OWNER" },
        ],
      }),
    ).toEqual(["TWO_OWNERS"]);
    expect(check({ access_control: [entry("a", "IS_OWNER")] })).toEqual(["GROUP_OWNER"]);
    expect(check({ access_control: [entry("admins", "CAN_VIEW")] })).toEqual(["ADMIN_PERMISSIONS"]);
  });
  test("rejects privileges that ALL_PRIVILEGES includes", () => {
    const grant = { principal: "p", privileges: ["ALL_PRIVILEGES", "SELECT"] };
    for (const [type, body] of [
      ["databricks_grant", grant],
      ["databricks_grants", { grant: [grant] }],
    ] as const)
      expect(checkAccess({ path: "p", type, body, json: "" })).toMatchObject([
        { code: "REDUNDANT_PRIVILEGE", value: "SELECT" },
      ]);
  });
});
