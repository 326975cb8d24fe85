import { GitCredential, SecretValue } from "../../../constructs";
import { defaultChild, synth } from "../support";

describe("Git credential", () => {
  test("takes its token from the environment", () => {
    const { resourceOf, metadata } = synth((stack) => {
      expect(
        defaultChild(
          new GitCredential(stack, "g", {
            gitProvider: "gitHub",
            gitUsername: "bot",
            personalAccessToken: SecretValue.fromEnvironment("GIT_TOKEN"),
          }),
        ),
      ).toBe("databricks_git_credential");
    });
    expect(resourceOf("databricks_git_credential")).toEqual({
      git_provider: "gitHub",
      git_username: "bot",
      personal_access_token: "${var.GIT_TOKEN}",
    });
    expect(metadata.variables).toEqual({ GIT_TOKEN: { environment: "GIT_TOKEN" } });
  });
});
