import { Group, Repo } from "../../../constructs";
import { codes, defaultChild, problems, synth } from "../support";

describe("repo", () => {
  test("renders, with an access list", () => {
    const { only } = synth((stack) => {
      const repo = new Repo(stack, "r", {
        url: "https://github.com/acme/etl",
        gitProvider: "gitHub",
        tag: "v1",
        path: "/Repos/a/b",
        sparseCheckout: ["src"],
      });
      repo.permissions.allow("CAN_READ", Group.users);
      expect([defaultChild(repo), repo.renderPath().includes("Token")]).toEqual(["databricks_repo", true]);
    });
    expect(only("databricks_repo")).toEqual({
      url: "https://github.com/acme/etl",
      git_provider: "gitHub",
      tag: "v1",
      path: "/Repos/a/b",
      sparse_checkout: { patterns: ["src"] },
    });
  });
  test("rejects credentials in the address (without showing them), and a bad path", () => {
    const [problem] = problems((stack) => new Repo(stack, "r", { url: "https://me:hunter22@github.com/a/b", gitProvider: "gitHub" }));
    expect(problem?.code).toBe("BAD_URL");
    expect(problem?.format()).not.toContain("hunter22");
    expect(codes((stack) => new Repo(stack, "r", { url: "https://github.com/a/b", gitProvider: "gitHub", path: "/Repos/a" }))).toEqual([
      "BAD_PATH",
    ]);
  });
});
