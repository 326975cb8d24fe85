import { GitSource, NotebookTask, Serverless, Workflow } from "../../../constructs";
import { synth } from "../support";

describe("Git source", () => {
  test("has one branch, tag or commit, and its provider", () => {
    expect(GitSource.branch("https://github.com/a/b", "gitHub", "main").render()).toEqual({
      url: "https://github.com/a/b",
      provider: "gitHub",
      branch: "main",
    });
    expect(
      GitSource.commit("https://github.com/a/b", "gitHub", "a".repeat(40)).render(),
    ).toMatchObject({ commit: "a".repeat(40) });
  });
  test("makes notebook tasks use Git", () => {
    const { resourceOf } = synth((stack) => {
      const git = new Workflow(stack, "j", {
        name: "j",
        gitSource: GitSource.tag("https://github.com/a/b", "gitHub", "v1"),
      });
      git.addTask("a", { run: NotebookTask.inGit("n/a"), on: Serverless.compute });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      git_source: { tag: "v1", provider: "gitHub" },
      task: [{ notebook_task: { source: "GIT", notebook_path: "n/a" } }],
    });
  });
  test("rejects branch and tag names that Git would reject, and hides credentials", () => {
    expect(() => GitSource.branch("https://github.com/a/b", "gitHub", "a b")).toThrow(
      "not a valid branch or tag",
    );
    expect(() => GitSource.commit("https://github.com/a/b", "gitHub", "abc")).toThrow("full hash");
    expect(() => GitSource.tag("git@github.com:a/b", "gitHub", "v1")).toThrow("needs an https URL");
    try {
      GitSource.tag("https://me:hunter22@github.com/a/b", "gitHub", "v1");
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain("hunter22");
    }
  });
});
