import { adoptedProjectFiles } from "../../../src/cli/template/adopted";
import { toolkits } from "../../../src/terraform/toolkit";

test.each(toolkits)("an adopted project with %s names the command of its toolkit", (toolkit) => {
  const files = adoptedProjectFiles({
    name: "etl",
    version: "1.0.0",
    toolkit,
    environment: "prod",
    stack: "adopted",
    jobs: [],
  });
  expect(files["stacks/main.ts"]).toContain(`npx ${toolkit} synth`);
});
