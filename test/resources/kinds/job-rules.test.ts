import { jobRules } from "../../../src/resources/kinds/job-rules";

test("Git URLs are equivalent with and without .git and a slash at the end", () => {
  const isSame = jobRules.equivalent?.["git_source.url"];
  const url = "https://github.com/org/repo";
  for (const other of [url, `${url}/`, `${url}.git`, `${url}.git/`])
    expect([other, isSame?.(other, url)]).toEqual([other, true]);
  expect(isSame?.(`${url}2`, url)).toBe(false);
});
