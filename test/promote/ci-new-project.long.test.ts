import fs from "node:fs";
import path from "node:path";
import { linkPackages } from "../support/app";
import { expectExit, lakeform } from "../support/cli";
import { makeFolder, removeFolders } from "../support/project";

describe("CI pipelines", () => {
  afterAll(removeFolders);

  test.each([
    ["github-actions", ".github/workflows/lakeform.yml"],
    ["azure-devops", "azure-pipelines.yml"],
    ["jenkins", "Jenkinsfile"],
  ])("are the same from lakeform init --ci and from lakeform ci: %s", async (system, file) => {
    const root = makeFolder("etl");
    expectExit(await lakeform(root, ["init", "--ci", system]), 0);
    linkPackages(root);
    const initialPipeline = fs.readFileSync(path.join(root, file), "utf8");
    expectExit(await lakeform(root, ["ci", system]), 0);
    expect(fs.readFileSync(path.join(root, file), "utf8")).toBe(initialPipeline);
  });
});
