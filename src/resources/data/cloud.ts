/** Which cloud a workspace runs in, by its host name: the official SDK's rule, AWS when nothing else fits. */
export function cloudOf(host: string): "aws" | "azure" | "gcp" {
  const { hostname } = new URL(host);
  if (/\.(azuredatabricks\.net|databricks\.azure\.(us|cn))$/.test(hostname)) return "azure";
  return hostname.endsWith(".gcp.databricks.com") ? "gcp" : "aws";
}

export function isAccountHost(host: string): boolean {
  return new URL(host).hostname.startsWith("accounts.");
}
