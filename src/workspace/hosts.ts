import os from "node:os";

/**
 * Returns the accepted values of the `Host` header. All others are rejected: with DNS rebinding,
 * another site's page could send requests that look like our own.
 * @param extra additional values, for a proxy or a forwarded port
 */
export function hostsOf(
  listen: string,
  port: number,
  tls: boolean,
  extra: readonly string[],
): ReadonlySet<string> {
  const isWildcard = listen === "0.0.0.0" || listen === "::";
  const addresses = isWildcard
    ? Object.values(os.networkInterfaces()).flatMap((addresses) =>
        (addresses ?? []).map(({ address }) => address),
      )
    : [listen];
  const loopback =
    isWildcard || listen === "::1" || listen === "localhost" || listen.startsWith("127.");
  const names = new Set([
    ...addresses.map((address) =>
      address.includes(":") ? `[${address.split("%")[0] ?? ""}]` : address,
    ),
    ...(isWildcard ? [os.hostname()] : []),
    ...(loopback ? ["localhost", "127.0.0.1", "[::1]"] : []),
  ]);
  const isDefaultPort = port === (tls ? 443 : 80);
  const ownHosts = [...names].flatMap((name) => [
    `${name}:${port}`,
    ...(isDefaultPort ? [name] : []),
  ]);
  return new Set([...ownHosts, ...extra].map((host) => host.toLowerCase()));
}
