import { redundantPrivileges } from "../../../constructs/catalog/privileges";

describe("privileges", () => {
  test("beside ALL_PRIVILEGES only those that it leaves out make sense", () => {
    expect(redundantPrivileges(["ALL_PRIVILEGES", "MANAGE", "EXTERNAL_USE_SCHEMA", "SELECT", "MODIFY"])).toEqual(["SELECT", "MODIFY"]);
    expect(redundantPrivileges(["SELECT", "MODIFY"])).toEqual([]);
  });
});
