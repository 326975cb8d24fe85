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

/** Returns a provider's canonical name; undefined for "". @throws 400 for an unknown one */
export function parseProvider(
  name: string,
  providers: readonly string[] = gitProviders,
): string | undefined {
  if (name === "") return undefined;
  const match = providers.find((provider) => provider.toLowerCase() === name.toLowerCase());
  if (match === undefined)
    throw invalid(
      `Invalid Git provider ${name.slice(0, 100)}: it must be one of ${providers.join(", ")}`,
    );
  return match;
}
