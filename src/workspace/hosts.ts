import os from "node:os";

/**
 * The accepted values of the `Host` header. Any other is rejected: with DNS rebinding, a foreign
 * page's requests could look like our own.
 * @param extra further names from a proxy or a forwarded port, with their port
 */
export function hostsOf(
  listen: string,
  port: number,
  tls: boolean,
  extra: readonly string[],
): ReadonlySet<string> {
  const everywhere = listen === "0.0.0.0" || listen === "::";
  const addresses = everywhere
    ? Object.values(os.networkInterfaces()).flatMap((addresses) =>
        (addresses ?? []).map(({ address }) => address),
      )
    : [listen];
  const loopback =
    everywhere || listen === "::1" || listen === "localhost" || listen.startsWith("127.");
  const names = new Set([
    ...addresses.map((address) =>
      address.includes(":") ? `[${address.split("%")[0] ?? ""}]` : address,
    ),
    ...(everywhere ? [os.hostname()] : []),
    ...(loopback ? ["localhost", "127.0.0.1", "[::1]"] : []),
  ]);
  const usual = port === (tls ? 443 : 80);
  const all = [...names].flatMap((name) => [`${name}:${port}`, ...(usual ? [name] : [])]);
  return new Set([...all, ...extra].map((host) => host.toLowerCase()));
}
