import { checkTemplates } from "../../../constructs/checks/templates";
import { NotebookTask, Serverless, Workflow } from "../../../constructs";
import { problems, synth } from "../support";

const check = (value: string): string[] => {
  const body = { spark_conf: { key: value } };
  const resource = { path: "p", type: "databricks_cluster", body, json: JSON.stringify(body) };
  return checkTemplates(resource).map((finding) => finding.value ?? "");
};

describe("template markers that Terraform would reject", () => {
  test.each([
    ["${HOME}/bin", "${HOME}"],
    ["${spark.app.name}", "${spark"],
    ["100 %{ of it", "%{"],
    ["%{if} x", "%{"],
    ["a ${databricks_job.x.id} ${ USER }", "${ USER }"],
  ])("are reported: %s", (text, template) => expect(check(text)).toEqual([template]));

  test.each([
    "$${HOME} %%{ of it",
    "${databricks_job.x.id}",
    "${data.databricks_current_user.me.id} ${var.x} ${local.y[0]} ${each.key}",
    '${join("-", [databricks_job.x.id])}',
    '${[for x in var.names : "${x.id}"]}',
    "%{ if var.x }a%{ else }b%{ endif }",
    "$HOME and 100 % {x}",
    "{{job.parameters.day}}",
  ])("are not found in %s", (text) => expect(check(text)).toEqual([]));

  test("are reported by synth with the construct's path and the escaped spelling", () => {
    const add = (value: string) => (stack: Parameters<Parameters<typeof synth>[0]>[0]) =>
      void new Workflow(stack, "etl", { name: "etl" }).addTask("a", {
        run: NotebookTask.at("/Shared/a", { folder: value }),
        on: Serverless.compute,
      });
    expect(problems(add("${HOME}/x"))).toMatchObject([
      {
        code: "NOT_AN_EXPRESSION",
        details: {
          path: "test-local/etl",
          fix: "for literal text, double the first character: $${HOME}",
        },
      },
    ]);
    const { resourceOf } = synth(add("$${HOME}/x"));
    expect(resourceOf("databricks_job")).toMatchObject({
      task: [{ notebook_task: { base_parameters: { folder: "$${HOME}/x" } } }],
    });
  });
});
