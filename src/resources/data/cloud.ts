/**
 * Determines the cloud of a workspace by its host name like the official SDK. The default is AWS.
 */
export function cloudOf(host: string): "aws" | "azure" | "gcp" {
  const { hostname } = new URL(host);
  if (/\.(azuredatabricks\.net|databricks\.azure\.(us|cn))$/.test(hostname)) return "azure";
  return hostname.endsWith(".gcp.databricks.com") ? "gcp" : "aws";
}

export function isAccountHost(host: string): boolean {
  return new URL(host).hostname.startsWith("accounts.");
}
