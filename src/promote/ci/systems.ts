import { renderAzureDevOps } from "./azure-devops";
import { renderGithubActions } from "./github-actions";
import { renderJenkins } from "./jenkins";
import type { CiProject } from "./plan";

export interface CiSystem {
  /** The path of the system's pipeline file, from the project root. */
  readonly file: string;
  readonly render: (project: CiProject) => string;
}

export const ciSystems: Readonly<Record<string, CiSystem>> = {
  "github-actions": { file: ".github/workflows/lakeform.yml", render: renderGithubActions },
  "azure-devops": { file: "azure-pipelines.yml", render: renderAzureDevOps },
  jenkins: { file: "Jenkinsfile", render: renderJenkins },
};
