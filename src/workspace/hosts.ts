import os from "node:os";

/**
 * The values of the header `Host` under which a server is addressed. Any other is refused: a name that somebody else's DNS points to this machine would
 * make a foreign page's requests look like our own.
 * @param extra names that a proxy or a forwarded port gives it, with their port
 */
export function hostsOf(listen: string, port: number, tls: boolean, extra: readonly string[]): ReadonlySet<string> {
  const everywhere = listen === "0.0.0.0" || listen === "::";
  const addresses = everywhere
    ? Object.values(os.networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address))
    : [listen];
  const loopback = everywhere || listen === "::1" || listen === "localhost" || listen.startsWith("127.");
  const names = new Set([
    ...addresses.map((address) => (address.includes(":") ? `[${address.split("%")[0] ?? ""}]` : address)),
    ...(everywhere ? [os.hostname()] : []),
    ...(loopback ? ["localhost", "127.0.0.1", "[::1]"] : []),
  ]);
  const usual = port === (tls ? 443 : 80);
  const all = [...names].flatMap((name) => [`${name}:${port}`, ...(usual ? [name] : [])]);
  return new Set([...all, ...extra].map((host) => host.toLowerCase()));
}
