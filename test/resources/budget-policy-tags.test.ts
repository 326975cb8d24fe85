import { reservedTags as ofConstruct } from "../../constructs/workspace/budget-policy";
import { reservedTags as ofKind } from "../../src/resources/kinds/budget-policy";
import { reservedTags as ofWorkspace } from "../../src/workspace/identity/budget-policies";

/** Construct, provider and local workspace share no code: each has a list of its own. */
test("construct, provider and local workspace reserve the same tags of a budget policy", () => {
  const expected = ["budget-policy-id", "budget-policy-name", "budget-policy-resolution-result"];
  expect([...ofConstruct].sort()).toEqual(expected);
  expect([...ofKind].sort()).toEqual(expected);
  expect([...ofWorkspace].sort()).toEqual(expected);
});
