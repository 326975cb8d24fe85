import { projectRoot } from "../../../constructs/core/project-root";

describe("the project's root", () => {
  test("is the folder of cdktf.json", () => expect(projectRoot()).toBe(process.cwd()));
  test("is LAKEFORM_PROJECT_ROOT if it is set", () => {
    process.env.LAKEFORM_PROJECT_ROOT = "/elsewhere";
    expect(projectRoot()).toBe("/elsewhere");
    delete process.env.LAKEFORM_PROJECT_ROOT;
  });
});
