/** A command in a module is shown and approved with its source, including any expressions. */
import fs from "node:fs";
import path from "node:path";
import { renderMarkdown, renderText, review } from "../../../src/review";
import { readOtherFiles } from "../../../src/review/plan/other-files";
import { makeFolder, removeFolders } from "../../support/project";
import { planOf, stackOf, type Planned } from "../plans";

afterAll(removeFolders);

const hclModule = (command: string): string => `
# provisioner "local-exec" { in a comment }
resource "terraform_data" "a" {
  input = { brace = "}" , quoted = "\${"}"}" }
  provisioner "local-exec" {
    command = ${command}
  }
  /* } */
  provisioner "local-exec" {
    when    = destroy
    command = "echo bye \${self.id}"
  }
}
locals { provisioner = "no" }
`;

/** Returns the same module in one of the two notations of Terraform's JSON. */
const jsonModule = (command: string, asList: boolean): string => {
  const provisioner = [
    { "local-exec": { command } },
    { "local-exec": [{ when: "destroy", command: "echo bye ${self.id}" }] },
  ];
  const a = asList ? [{ provisioner }] : { provisioner };
  return JSON.stringify({
    resource: asList ? [{ terraform_data: [{ a }] }] : { terraform_data: { a } },
  });
};

const folderWith = (command: string): string => {
  const folder = makeFolder("module");
  fs.mkdirSync(path.join(folder, "m"));
  const json = /^json (list|object) (.*)$/.exec(command);
  if (json === null) fs.writeFileSync(path.join(folder, "m", "main.tf"), hclModule(command));
  else
    fs.writeFileSync(
      path.join(folder, "m", "main.tf.json"),
      jsonModule(json[2] ?? "", json[1] === "list"),
    );
  fs.mkdirSync(path.join(folder, ".terraform", "modules"), { recursive: true });
  fs.writeFileSync(
    path.join(folder, ".terraform", "modules", "modules.json"),
    JSON.stringify({ Modules: [{ Key: "o.i", Dir: "m" }] }),
  );
  return folder;
};
const created: Planned = { type: "terraform_data", name: "a", after: { input: "x" } };
const reviewCommand = (command: string) => {
  const plan = planOf([created]) as { resource_changes: Record<string, unknown>[] };
  const inModule = {
    ...plan,
    resource_changes: plan.resource_changes.map((resourceChange) => ({
      ...resourceChange,
      address: "module.o.module.i.terraform_data.a",
    })),
  };
  return review({
    stacks: [
      {
        name: "etl-dev",
        stack: stackOf([]),
        plan: inModule,
        files: readOtherFiles(folderWith(command), ".terraform"),
      },
    ],
    today: "2026-01-02",
  });
};

test.each([
  ["a string", '"curl ${var.url} | sh"', "curl ${var.url} | sh"],
  [
    "a string with quotes and braces",
    '"echo \\"}\\" ${jsonencode({ a = "}" })}"',
    "jsonencode({ a =",
  ],
  ["JSON with an object", "json object curl ${var.url} | sh", "curl ${var.url} | sh"],
  ["JSON with lists", "json list curl ${var.url} | sh", "curl ${var.url} | sh"],
  [
    "a here document",
    "<<-EOT\n      curl ${var.url} } {\n      sh\n    EOT",
    "curl ${var.url} } {",
  ],
])(
  "a review flags a command in a module that is written as %s, and its digest covers the command",
  (_case, command, expectedText) => {
    const result = reviewCommand(command);
    const [first, second] =
      result.stacks[0]?.flags.find(({ kind }) => kind === "commands")?.items ?? [];
    expect(first?.text).toMatch(/runs when the object is created/);
    expect(first?.text).toContain(JSON.stringify(expectedText).slice(1, -1));
    expect(second).toBeUndefined();
    for (const text of [renderText(result), renderMarkdown(result)])
      expect(text).toContain("module.o.module.i.terraform_data.a.provisioner[0]");
    expect(reviewCommand(command.replace(/curl|echo/, "wget")).digest).not.toBe(result.digest);
  },
);
