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
  test("is rendered with a notebook task in Git", () => {
    const { resourceOf } = synth((stack) => {
      const workflow = new Workflow(stack, "j", {
        name: "j",
        gitSource: GitSource.tag("https://github.com/a/b", "gitHub", "v1"),
      });
      workflow.addTask("a", { run: NotebookTask.inGit("n/a"), on: Serverless.compute });
    });
    expect(resourceOf("databricks_job")).toMatchObject({
      git_source: { tag: "v1", provider: "gitHub" },
      task: [{ notebook_task: { source: "GIT", notebook_path: "n/a" } }],
    });
  });
  test("rejects an invalid branch name, a short commit hash and an ssh URL", () => {
    expect(() => GitSource.branch("https://github.com/a/b", "gitHub", "a b")).toThrow(
      "not a valid branch or tag",
    );
    expect(() => GitSource.commit("https://github.com/a/b", "gitHub", "abc")).toThrow("full hash");
    expect(() => GitSource.tag("git@github.com:a/b", "gitHub", "v1")).toThrow("needs an https URL");
  });
  test.each(["hunter22", "hunter22/+x=", "ab@hunter22"])(
    "rejects a URL with the password %s, and hides it in the error",
    (password) => {
      let error: unknown;
      try {
        GitSource.tag(`https://me:${password}@github.com/a/b`, "gitHub", "v1");
      } catch (caught) {
        error = caught;
      }
      expect(error).toBeInstanceOf(Error);
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("hunter22");
    },
  );
});
