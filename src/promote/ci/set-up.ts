/**
 * Describes the set-up that the pipelines require: principals, secret stores, and permissions to
 * use them. Printed by `lakeform ci SYSTEM --setup`.
 */
import { deployingVariables, promotions, readingVariables, type CiProject } from "./plan";

/** A secret store: the job that uses it, its protection and its content. */
interface SecretStore {
  readonly name: string;
  readonly use: string;
  readonly protection: string;
  /** The variables it contains, and the principal and environment of each group of variables. */
  readonly contents: readonly string[];
}

const isHost = (name: string): boolean => name.endsWith("_HOST");

function secretStores(
  project: CiProject,
  tags: string,
  approval: string,
  reviewProtection: string,
): readonly SecretStore[] {
  const [first = ""] = project.environments;
  const branch = project.branch ?? "main";
  const readerVariables = (environments: readonly string[]): string =>
    `${readingVariables(project, environments).join(", ")}: the reader of ${environments.join(", ")}`;
  const deployerVariables = (environment: string): string =>
    `${deployingVariables(project, [environment]).join(", ")}: the deployer of ${environment}`;
  return [
    {
      name: "review",
      use: "reviews of pull requests, nightly verify",
      protection: reviewProtection,
      contents: [readerVariables(project.environments)],
    },
    {
      name: first,
      use: `deploys of ${branch}`,
      protection: `only the branch ${branch}`,
      contents: [deployerVariables(first)],
    },
    ...promotions(project).flatMap(({ from, to }): SecretStore[] => [
      {
        name: `${to}-review`,
        use: `the review of ${to} whose digest is approved`,
        protection: tags,
        contents: [
          `${deployingVariables(project, [to]).join(", ")}: the reader of ${to}, with the real values of secrets`,
        ],
      },
      {
        name: to,
        use: `the promotion to ${to}`,
        protection: `${tags}; ${approval}`,
        contents: [deployerVariables(to), readerVariables([from])],
      },
    ]),
  ];
}

function principals(project: CiProject): string {
  const folders = [
    ...new Set(
      (project.recordFolders ?? []).map((folder) => folder.slice(0, folder.lastIndexOf("/"))),
    ),
  ];
  return `1. Principals. In the workspace of each environment (${project.environments.join(", ")}) two service principals, each with an OAuth secret:
   - the deployer: can create the objects of the stacks.
   - the reader: can only read them. Put it into a group "readers", and give that group its grants in the code (verify reports other grants):
       workflow.permissions.allow("CAN_VIEW", Group.named("readers"));
     jobs CAN_VIEW, compute CAN_USE or CAN_ATTACH_TO, notebooks and folders CAN_READ, secret scopes READ, Unity Catalog BROWSE. Once, by an administrator: CAN_READ on the folder
     of records and states${folders.length === 0 ? "" : ` (${folders.join(", ")})`}:
       lakeform api GET 2.0/workspace/get-status --query path=FOLDER --on ENV          (object_id)
       lakeform api PATCH 2.0/permissions/directories/OBJECT_ID --on ENV --json '{"access_control_list": [{"group_name": "readers", "permission_level": "CAN_READ"}]}'
     A folder below /Workspace/Shared can be written by all users of the workspace, the reader among them: give the stacks a recordFolder elsewhere if that matters.
     A reader that may read states reads the secrets in them, unless they are encrypted with a key that it does not have. Without that key it cannot review plans.
`;
}

function renderStores(stores: readonly SecretStore[], kind: string): string {
  return stores
    .map(
      ({ name, use, protection, contents: holds }) => `   ${kind} "${name}": ${use}
     protection: ${protection}
${holds.map((line) => `     ${line}`).join("\n")}`,
    )
    .join("\n");
}

/** Returns the set-up instructions for GitHub Actions. */
export function setUpGithubActions(project: CiProject): string {
  const stores = secretStores(
    project,
    "deployment tags v* (protect the tags with a ruleset)",
    "required reviewers",
    "none: its principals cannot write",
  );
  return `${principals(project)}
2. GitHub environments (Settings, Environments), each with secrets of its own; ${project.environments.flatMap((name) => readingVariables(project, [name]).filter(isHost)).join(", ")} as variables.
   No secret belongs to the repository itself: every branch could read it.
${renderStores(stores, "environment")}

3. A ruleset for ${project.branch ?? "main"}: pull requests only, with the check "review" required.
`;
}

/** Returns the set-up instructions for Azure DevOps. */
export function setUpAzureDevOps(project: CiProject): string {
  const stores = secretStores(
    project,
    "a branch control check: refs/tags/v*",
    "an approval check, also on the environment of that name",
    "none: its principals cannot write",
  );
  return `${principals(project)}
2. Variable groups (Pipelines, Library), named lakeform-<name>, each with checks of its own; all values but the hosts are secret.
${renderStores(stores, "variable group")}

3. The extension "Terraform" of the Azure DevOps marketplace (task TerraformInstaller@1), and a build validation policy of ${project.branch ?? "main"} that runs this pipeline.
`;
}

/** Returns the set-up instructions for Jenkins. */
export function setUpJenkins(project: CiProject): string {
  const { environments } = project;
  return `${principals(project)}
2. Credentials (kind "secret text"): for the readers ${readingVariables(project, environments)
    .map((name) => `REVIEW_${name}`)
    .join(", ")};
   for the deployers ${deployingVariables(project, environments).join(", ")}.
   A Jenkinsfile of a branch can name every credential of its folder: put this job in a folder of its own, and build only branches and tags of people who may deploy
   (branch source, forks not trusted). For reviews of others' branches a second job, in a folder that has the REVIEW_ credentials alone.

3. Agents have Node ${project.nodeVersion ?? "20"}, curl and unzip. The pipeline installs Terraform in the workspace, pinned, with its checksum.
`;
}
