import { CurrentUser, Group, NotebookTask, Repo, Serverless, Workflow } from "../../../constructs";
import { codes, defaultChild, problems, synth } from "../support";

describe("repo", () => {
  test("renders its reference and folders, and has an access list", () => {
    const { resourceOf } = synth((stack) => {
      const repo = new Repo(stack, "r", {
        url: "https://github.com/acme/etl",
        gitProvider: "gitHub",
        tag: "v1",
        path: "/Repos/a/b",
        sparseCheckout: ["src"],
      });
      repo.permissions.allow("CAN_READ", Group.users);
      expect([defaultChild(repo), repo.renderPath().includes("Token")]).toEqual([
        "databricks_repo",
        true,
      ]);
    });
    expect(resourceOf("databricks_repo")).toEqual({
      url: "https://github.com/acme/etl",
      git_provider: "gitHub",
      tag: "v1",
      path: "/Repos/a/b",
      sparse_checkout: { patterns: ["src"] },
    });
  });
  test("has notebooks to run if it belongs to the stack or is given by its path", () => {
    const { resourcesOf } = synth((stack) => {
      const ours = new Repo(stack, "ours", {
        url: "https://github.com/a/b",
        gitProvider: "gitHub",
      });
      const theirs = Repo.fromPath("/Repos/prod/etl");
      const job = new Workflow(stack, "j", { name: "j" });
      job.addTask("ours", {
        run: NotebookTask.of(ours.notebook("jobs/a")),
        on: Serverless.compute,
      });
      job.addTask("theirs", {
        run: NotebookTask.of(theirs.notebook("jobs/a")),
        on: Serverless.compute,
      });
    });
    expect(resourcesOf("databricks_job")[0]?.task).toMatchObject([
      {
        notebook_task: {
          notebook_path: expect.stringMatching(
            /^\$\{databricks_repo\..*\.path\}\/jobs\/a$/,
          ) as unknown,
        },
      },
      { notebook_task: { notebook_path: "/Repos/prod/etl/jobs/a" } },
    ]);
  });
  test("rejects an invalid id, folder path or notebook path", () => {
    expect(() => Repo.fromId("/Repos/a/b")).toThrow("not a valid id of a Git folder");
    expect(() => Repo.fromPath("Repos/a/b")).toThrow("starts with /");
    expect(() => Repo.fromPath("/Repos/a/b").notebook("")).toThrow("does not end with /");
  });
  test("rejects credentials in the URL without showing them, and an invalid path", () => {
    const [problem] = problems(
      (stack) =>
        new Repo(stack, "r", { url: "https://me:hunter22@github.com/a/b", gitProvider: "gitHub" }),
    );
    expect(problem?.code).toBe("BAD_URL");
    expect(problem?.format()).not.toContain("hunter22");
    expect(
      codes(
        (stack) =>
          new Repo(stack, "r", {
            url: "https://github.com/a/b",
            gitProvider: "gitHub",
            path: "/Repos/a",
          }),
      ),
    ).toEqual(["BAD_PATH"]);
  });
  test("can be in the Git folders of the deploying identity", () => {
    const { resourceOf } = synth((stack) => {
      const { repos } = new CurrentUser(stack, "me");
      new Repo(stack, "r", {
        url: "https://github.com/a/b",
        gitProvider: "gitHub",
        path: `${repos}/b`,
      });
    });
    expect(resourceOf("databricks_repo").path).toBe("${data.databricks_current_user.me.repos}/b");
  });
});
