/**
 * Reads the proxies of the environment, and determines whether one of them caused a failed
 * connection.
 */
import { defined } from "../../defined";

export interface Proxy {
  /** HTTPS_PROXY, http_proxy, … */
  readonly variable: string;
  /** The URI in undici's format. May contain a password. */
  readonly uri: string;
  /** The host without user and password, for messages. */
  readonly displayHost: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * Returns the proxies for https and for http hosts. As in curl, a value without a scheme is an HTTP
 * proxy.
 */
export function proxiesOf(env: NodeJS.ProcessEnv): {
  readonly https?: Proxy;
  readonly http?: Proxy;
} {
  const [https, http] = [proxyIn(env, "HTTPS_PROXY"), proxyIn(env, "HTTP_PROXY")];
  return defined({ https, http });
}

function proxyIn(env: NodeJS.ProcessEnv, name: string): Proxy | undefined {
  const variable = [name, name.toLowerCase()].find((candidate) => (env[candidate] ?? "") !== "");
  if (variable === undefined) return undefined;
  const setting = env[variable] ?? "";
  const uri = setting.includes("://") ? setting : `http://${setting}`;
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const port = url?.port === "" ? (url.protocol === "https:" ? "443" : "80") : (url?.port ?? "");
  return {
    variable,
    uri,
    displayHost: url?.host ?? "(not a URL)",
    hostname: url?.hostname ?? "",
    port,
  };
}

/** The address that a failed connection tried to reach. */
interface AttemptedAddress {
  readonly address?: unknown;
  readonly hostname?: unknown;
  readonly port?: unknown;
}

export interface FailedProxy {
  readonly proxy: Proxy;
  /** The reason. */
  readonly why: string;
  /** True if another attempt fails, too. */
  readonly isFinal?: boolean;
}

/**
 * Returns the proxy at which a connection failed, with the reason.
 * @param cause the error below HTTP
 * @param host of the workspace
 */
export function findFailedProxy(
  cause: unknown,
  proxies: readonly Proxy[],
  host: string,
): FailedProxy | undefined {
  const [first] = proxies;
  if (first === undefined || typeof cause !== "object" || cause === null || !("message" in cause))
    return undefined;
  const { code, message } = cause as NodeJS.ErrnoException;
  const status = /^Proxy response \((\d+)\)/.exec(message)?.[1];
  if (status === "407")
    return {
      proxy: first,
      why: "it requires a valid user and password (status 407)",
      isFinal: true,
    };
  if (status !== undefined) return { proxy: first, why: `it responded with status ${status}` };
  // Behind a tunnel, every workspace speaks TLS.
  if (host.startsWith("https:") && /wrong version number|packet length too long/i.test(message))
    return {
      proxy: first,
      why: "it opened no tunnel: it returned a page (a login page, or one that blocks the host)",
      isFinal: true,
    };
  const { address, hostname, port } = cause as AttemptedAddress;
  const workspace = new URL(host);
  // The error can contain the resolved address of the proxy instead of its name. Then only the port
  // identifies the proxy, if the workspace has a different one.
  const proxy = proxies.find(
    (proxy) =>
      hostname === proxy.hostname ||
      message.includes(`${proxy.hostname}:${proxy.port}`) ||
      (String(port) === proxy.port &&
        (address === proxy.hostname || workspace.port !== proxy.port)),
  );
  if (proxy === undefined || proxy.hostname === workspace.hostname) return undefined;
  return { proxy, why: code === "ECONNREFUSED" ? "nothing listens at its address" : message };
}
