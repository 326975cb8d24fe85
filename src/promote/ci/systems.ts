import { renderAzureDevOps } from "./azure-devops";
import { renderGithubActions } from "./github-actions";
import { renderJenkins } from "./jenkins";
import type { CiProject } from "./plan";
import { setUpAzureDevOps, setUpGithubActions, setUpJenkins } from "./set-up";

export interface CiSystem {
  /** The path of the system's pipeline file, from the project root. */
  readonly file: string;
  readonly render: (project: CiProject) => string;
  /** Returns instructions for the one-time set-up. */
  readonly setUp: (project: CiProject) => string;
}

export const ciSystems: Readonly<Record<string, CiSystem>> = {
  "github-actions": {
    file: ".github/workflows/lakeform.yml",
    render: renderGithubActions,
    setUp: setUpGithubActions,
  },
  "azure-devops": {
    file: "azure-pipelines.yml",
    render: renderAzureDevOps,
    setUp: setUpAzureDevOps,
  },
  jenkins: { file: "Jenkinsfile", render: renderJenkins, setUp: setUpJenkins },
};
