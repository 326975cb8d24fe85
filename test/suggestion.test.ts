import { didYouMean, suggestion } from "../src/suggestion";

test.each([
  ["etl-prdo", ["etl-dev", "etl-prod"], "etl-prod"],
  ["dayly-etl", ["daily-etl", "weekly-etl"], "daily-etl"],
  ["Prod", ["dev", "prod"], "prod"],
  ["qa", ["dev", "prod"], undefined],
  ["reports", [], undefined],
])("suggests for %s of %j: %s", (word, names, expected) => {
  expect(suggestion(word, names)).toBe(expected);
});

test("the suggestion is a question before the fix, or empty", () => {
  expect([didYouMean("stagin", ["staging"]), didYouMean("x", ["staging"])]).toEqual([
    "did you mean staging? ",
    "",
  ]);
});
