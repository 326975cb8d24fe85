import { sourceOf } from "../../../constructs/jobs/task-run";

describe("source of a file", () => {
  test("uses Git only for a relative path in a job with a Git source", () => {
    expect([
      sourceOf("a", { hasGitSource: true }),
      sourceOf("/a", { hasGitSource: true }),
      sourceOf("a", { hasGitSource: false }),
    ]).toEqual(["GIT", "WORKSPACE", "WORKSPACE"]);
    expect(sourceOf("a", { hasGitSource: true }, "WORKSPACE")).toBe("WORKSPACE");
  });
});
