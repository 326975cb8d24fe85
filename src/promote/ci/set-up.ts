/**
 * Describes the set-up that the pipelines require: principals, secret stores, and permissions to
 * use them. Printed by `lakeform ci SYSTEM --setup`.
 */
import {
  defaults,
  deployerVariableNames,
  isHostVariable,
  promotions,
  readerVariableNames,
  type CiProject,
} from "./plan";

/** A secret store, for example a GitHub environment or an Azure variable group. */
interface SecretStore {
  readonly name: string;
  /** What the pipelines use it for. */
  readonly purpose: string;
  readonly protection: string;
  /** One line for each principal: its variables, its name and its environment. */
  readonly variables: readonly string[];
}

function secretStores(
  project: CiProject,
  tagProtection: string,
  approvalProtection: string,
  reviewProtection: string,
): readonly SecretStore[] {
  const [first = ""] = project.environments;
  const branch = project.branch ?? defaults.branch;
  const describeReaderVariables = (environments: readonly string[]): string =>
    `${readerVariableNames(project, environments).join(", ")}: the reader of ${environments.join(", ")}`;
  const describeDeployerVariables = (environment: string): string =>
    `${deployerVariableNames(project, [environment]).join(", ")}: the deployer of ${environment}`;
  return [
    {
      name: "review",
      purpose: "reviews of pull requests, nightly verify",
      protection: reviewProtection,
      variables: [describeReaderVariables(project.environments)],
    },
    {
      name: first,
      purpose: `deploys of ${branch}`,
      protection: `only the branch ${branch}`,
      variables: [describeDeployerVariables(first)],
    },
    ...promotions(project).flatMap(({ from, to }): SecretStore[] => [
      {
        name: `${to}-review`,
        purpose: `the review of ${to} whose digest is approved`,
        protection: tagProtection,
        variables: [
          `${deployerVariableNames(project, [to]).join(", ")}: the reader of ${to}, with the real values of secrets`,
        ],
      },
      {
        name: to,
        purpose: `the promotion to ${to}`,
        protection: `${tagProtection}; ${approvalProtection}`,
        variables: [describeDeployerVariables(to), describeReaderVariables([from])],
      },
    ]),
  ];
}

function renderPrincipals(project: CiProject): string {
  const folders = [
    ...new Set(
      (project.recordFolders ?? []).map((folder) => folder.slice(0, folder.lastIndexOf("/"))),
    ),
  ];
  return `1. In the workspace of each environment (${project.environments.join(", ")}), create two service principals, each with an OAuth secret:
   - the deployer: can create the objects of the stacks.
   - the reader: can only read them. Add it to a group "readers", and grant that group its permissions in the code (verify reports any other grant):
       workflow.permissions.allow("CAN_VIEW", Group.named("readers"));
     jobs CAN_VIEW, compute CAN_USE or CAN_ATTACH_TO, notebooks and folders CAN_READ, secret scopes READ, Unity Catalog BROWSE.
     An administrator must once grant the group CAN_READ on the folder that holds the records and states${folders.length === 0 ? "" : ` (${folders.join(", ")})`}:
       lakeform api GET 2.0/workspace/get-status --query path=FOLDER --on ENV          (object_id)
       lakeform api PATCH 2.0/permissions/directories/OBJECT_ID --on ENV --json '{"access_control_list": [{"group_name": "readers", "permission_level": "CAN_READ"}]}'
     All users of the workspace, including the reader, can write to folders below /Workspace/Shared. If that matters, give the stacks a recordFolder elsewhere.
     A principal that can read a state can read its secrets, unless the state is encrypted. To review plans of encrypted states, the reader also needs the key.
`;
}

function renderStores(stores: readonly SecretStore[], kind: string): string {
  return stores
    .map(
      ({ name, purpose, protection, variables }) => `   ${kind} "${name}": ${purpose}
     protection: ${protection}
${variables.map((line) => `     ${line}`).join("\n")}`,
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
  return `${renderPrincipals(project)}
2. Create these GitHub environments (Settings, Environments), each with its own secrets. Store ${project.environments.flatMap((name) => readerVariableNames(project, [name]).filter(isHostVariable)).join(", ")} as variables, not secrets.
   Do not store secrets in the repository itself: every branch could read them.
${renderStores(stores, "environment")}

3. Create a ruleset for ${project.branch ?? defaults.branch} that allows only pull requests and requires the check "review".
`;
}

/** Returns the set-up instructions for Azure DevOps. */
export function setUpAzureDevOps(project: CiProject): string {
  const stores = secretStores(
    project,
    "a branch control check: refs/tags/v*",
    "an approval check on the variable group and on the Azure DevOps environment with the same name",
    "none: its principals cannot write",
  );
  return `${renderPrincipals(project)}
2. Create these variable groups (Pipelines, Library), named lakeform-<name>, each with its own checks. Mark all values as secret, except the hosts.
${renderStores(stores, "variable group")}

3. Install the extension "Terraform" from the Azure DevOps marketplace (task TerraformInstaller@1). Add a build validation policy to ${project.branch ?? defaults.branch} that runs this pipeline.
`;
}

/** Returns the set-up instructions for Jenkins. */
export function setUpJenkins(project: CiProject): string {
  const { environments } = project;
  return `${renderPrincipals(project)}
2. Create credentials (kind "secret text"): for the readers ${readerVariableNames(
    project,
    environments,
  )
    .map((name) => `REVIEW_${name}`)
    .join(", ")};
   for the deployers ${deployerVariableNames(project, environments).join(", ")}.
   Any branch's Jenkinsfile can use every credential in the job's folder. Put this job in its own folder, and only build branches and tags from people who may deploy
   (branch source, forks not trusted). To review other people's branches, create a second job in a folder that has only the REVIEW_ credentials.

3. Install Node ${project.nodeVersion ?? defaults.nodeVersion}, curl and unzip on the agents. The pipeline installs a pinned version of Terraform and checks its checksum.
`;
}
