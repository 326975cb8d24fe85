import { NotebookTask, Permissions, Serverless, User, Workflow } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("user", () => {
  test("can be used as a principal by reference", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const ada = new User(stack, "ada", { userName: "ada@example.com", workspaceAccess: true });
      expect([defaultChild(ada), ada.kind, ada.name]).toEqual([
        "databricks_user",
        "user",
        "ada@example.com",
      ]);
      const job = new Workflow(stack, "job", { name: "j", runAs: ada });
      job.addTask("a", { run: NotebookTask.at("/a"), on: Serverless.compute });
      job.permissions.allow("CAN_MANAGE", ada);
      Permissions.onDirectory(stack, "home", ada.home).allow(
        "CAN_READ",
        User.named("grace@example.com"),
      );
    });
    expect(resourceOf("databricks_user")).toMatchObject({
      user_name: "ada@example.com",
      workspace_access: true,
    });
    const name = expect.stringMatching(/^\$\{databricks_user\..*\.user_name\}$/) as unknown;
    expect(resourceOf("databricks_job").run_as).toEqual({ user_name: name });
    expect(JSON.stringify(resourcesOf("databricks_permissions"))).toMatch(
      /\$\{databricks_user\.[^}]*\.user_name\}/,
    );
    expect(JSON.stringify(resourcesOf("databricks_permissions"))).toMatch(
      /\$\{databricks_user\.[^}]*\.home\}/,
    );
  });
  test("rejects a name that is not an e-mail address", () => {
    expect(codes((stack) => new User(stack, "ada", { userName: "ada" }))).toEqual([
      "BAD_PRINCIPAL",
    ]);
  });
});
