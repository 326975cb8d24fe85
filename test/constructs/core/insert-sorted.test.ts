import { insertSorted } from "../../../constructs/core/insert-sorted";

test("inserts by key, in any order of the calls, with upper case first", () => {
  const list: { readonly key: string }[] = [];
  for (const key of ["b", "a", "C", "c", "aa"]) insertSorted(list, { key }, (item) => item.key);
  expect(list.map(({ key }) => key)).toEqual(["C", "a", "aa", "b", "c"]);
});
