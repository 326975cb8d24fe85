import { invalid } from "../errors";

/** The Git providers of repos, credentials and jobs. */
export const gitProviders = [
  "gitHub",
  "bitbucketCloud",
  "gitLab",
  "azureDevOpsServices",
  "gitHubEnterprise",
  "bitbucketServer",
  "gitLabEnterpriseEdition",
  "awsCodeCommit",
] as const;
/** Credentials also support Microsoft Entra ID. */
export const credentialProviders = [...gitProviders, "azureDevOpsServicesAad"] as const;

/** Returns a provider's canonical name. @throws 400 for an unknown one */
export function providerNamed(
  name: string,
  known: readonly string[] = gitProviders,
): string | undefined {
  if (name === "") return undefined;
  const found = known.find((each) => each.toLowerCase() === name.toLowerCase());
  if (found === undefined)
    throw invalid(
      `Invalid Git provider ${name.slice(0, 100)}: it must be one of ${known.join(", ")}`,
    );
  return found;
}
