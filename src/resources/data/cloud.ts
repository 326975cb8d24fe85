/**
 * Determines the cloud of a workspace by its host name, as the official SDK does. An unknown host
 * counts as AWS.
 */
export function cloudOf(host: string): "aws" | "azure" | "gcp" {
  const { hostname } = new URL(host);
  if (/\.(azuredatabricks\.net|databricks\.azure\.(us|cn))$/.test(hostname)) return "azure";
  return hostname.endsWith(".gcp.databricks.com") ? "gcp" : "aws";
}

/** Whether a host is an account console. */
export function isAccountHost(host: string): boolean {
  return new URL(host).hostname.startsWith("accounts.");
}
