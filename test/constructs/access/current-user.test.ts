import { Content, CurrentUser, Notebook } from "../../../constructs";
import { synth } from "../support";

test("the current user is looked up when Terraform runs, and has a home folder", () => {
  const { json, resourceOf } = synth((stack) => {
    const me = new CurrentUser(stack, "me");
    new Notebook(stack, "draft", {
      path: `${me.home}/draft-${me.alphanumeric}`,
      language: "SQL",
      content: Content.text("select 1"),
    });
  });
  expect(json.data).toEqual({ databricks_current_user: { me: expect.anything() as unknown } });
  expect(resourceOf("databricks_notebook").path).toBe(
    "${data.databricks_current_user.me.home}/draft-${data.databricks_current_user.me.alphanumeric}",
  );
});
