import { Library } from "../../../constructs";

describe("library", () => {
  test("has an identity that excludes its version", () => {
    expect(
      [
        Library.pypi("Scikit_Learn[all]>=1.0"),
        Library.maven("g:a:1.0"),
        Library.cran("c"),
        Library.whl("/x/etl-1.0-py3-none-any.whl"),
        Library.jar("/a.jar"),
        Library.requirements("/r.txt"),
      ].map(String),
    ).toEqual([
      "pypi:scikit-learn",
      "maven:g:a",
      "cran:c",
      "whl:etl",
      "jar:/a.jar",
      "requirements:/r.txt",
    ]);
  });
  test("rejects invalid libraries", () => {
    expect(() => Library.pypi("==1")).toThrow("not a PyPI package");
    expect(() => Library.maven("g:a")).toThrow("not Maven coordinates");
  });
});
