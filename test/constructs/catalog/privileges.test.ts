import { redundantPrivileges } from "../../../constructs/catalog/privileges";

describe("privileges", () => {
  test("ALL_PRIVILEGES can be combined only with privileges that it does not include", () => {
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
