import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { renderGithubActions } from "../../src/promote/ci/github-actions";
import { renderJenkins } from "../../src/promote/ci/jenkins";
import type { CiProject } from "../../src/promote/ci/plan";
import { isInstalled } from "../support/installed";
import { makeFolder, removeFolders } from "../support/project";

const project: CiProject = {
  name: "etl",
  environments: ["dev", "staging", "prod"],
  secrets: ["API_KEY"],
  smokeJobs: ["daily"],
};

/**
 * Runs the linters of the CI systems, installed with their package managers. If a package manager is
 * missing, the test reports that it did not run.
 */
describe("the generated pipelines pass", () => {
  afterAll(removeFolders);

  test("actionlint, for GitHub Actions", () => {
    if (!isInstalled("go")) {
      console.warn("NOT RUN: actionlint needs go to be installed");
      return;
    }
    const bin = makeFolder("gobin");
    const env = { ...process.env, GOBIN: bin };
    const installation = spawnSync(
      "go",
      ["install", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"],
      { env, encoding: "utf8" },
    );
    expect(`${installation.stderr}${installation.status ?? ""}`).toMatch(/0$/);
    const file = path.join(makeFolder("workflow"), "lakeform.yml");
    fs.writeFileSync(file, renderGithubActions(project));
    const lintResult = spawnSync(path.join(bin, "actionlint"), [file], { encoding: "utf8" });
    expect(lintResult.stdout).toBe("");
    expect(lintResult.status).toBe(0);
    fs.writeFileSync(
      file,
      renderGithubActions(project).replace("runs-on: ubuntu-latest", "runs-onn: ubuntu-latest"),
    );
    expect(spawnSync(path.join(bin, "actionlint"), [file]).status).toBe(1);
  });

  test("Groovy's parser, for Jenkins", () => {
    if (!isInstalled("mvn", "java")) {
      console.warn("NOT RUN: Groovy's parser needs java and mvn to be installed");
      return;
    }
    const folder = makeFolder("groovy");
    const download = spawnSync(
      "mvn",
      [
        "-q",
        "-B",
        "dependency:copy",
        "-Dartifact=org.apache.groovy:groovy:4.0.24",
        `-DoutputDirectory=${folder}`,
      ],
      { encoding: "utf8" },
    );
    expect(`${download.stdout}${download.status ?? ""}`).toMatch(/0$/);
    fs.writeFileSync(
      path.join(folder, "parse.groovy"),
      "def unit = new org.codehaus.groovy.control.CompilationUnit()\nunit.addSource('Jenkinsfile', new File(args[0]).text)\nunit.compile(org.codehaus.groovy.control.Phases.CONVERSION)\n",
    );
    const parse = (text: string): number | null => {
      fs.writeFileSync(path.join(folder, "Jenkinsfile"), text);
      return spawnSync("java", [
        "-cp",
        path.join(folder, "groovy-4.0.24.jar"),
        "groovy.ui.GroovyMain",
        path.join(folder, "parse.groovy"),
        path.join(folder, "Jenkinsfile"),
      ]).status;
    };
    expect(parse(renderJenkins(project))).toBe(0);
    expect(parse(renderJenkins(project).replace("stages {", "stages {{"))).not.toBe(0);
  });
});
