import { redundantPrivileges } from "../../../constructs/catalog/privileges";

describe("privileges", () => {
  test("beside ALL_PRIVILEGES only those that it leaves out make sense", () => {
    expect(
      redundantPrivileges([
        "ALL_PRIVILEGES",
        "MANAGE",
        "READ_METADATA",
        "EXTERNAL_USE_SCHEMA",
        "EXTERNAL_USE_LOCATION",
        "SELECT",
        "MODIFY",
      ]),
    ).toEqual(["SELECT", "MODIFY"]);
    expect(redundantPrivileges(["SELECT", "MODIFY"])).toEqual([]);
  });
});
