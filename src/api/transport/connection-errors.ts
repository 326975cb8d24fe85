import { ConnectionError, type CallFacts } from "./errors";
import type { Http } from "./http";
import { findFailedProxy, type FailedProxy } from "./proxies";

/** A cause of failures below HTTP, identified by error codes of Node and undici. */
interface ConnectionProblem {
  readonly code: string;
  readonly what: string;
  readonly fix: string;
  readonly notSent: boolean;
  /** Whether another attempt can succeed. */
  readonly isTransient: boolean;
  /** Whether nothing responds at the address: the call gets only a few attempts. */
  readonly refused?: boolean;
}

export interface ConnectionFailure extends ConnectionProblem {
  readonly cause: unknown;
}

const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_OSSL_|EPROTO$)/;

/** The destination of calls. */
export interface Route {
  readonly host: string;
  /** Whether the host was given without `http://` or `https://`. */
  readonly schemeAssumed: boolean;
  readonly http: Pick<Http, "proxies">;
}

/** Finds out why a request got no complete response, from the error of Node or undici. */
export function classifyConnection(
  error: unknown,
  { host, schemeAssumed, http }: Route,
): ConnectionFailure {
  const cause = rootCause(error);
  const proxyFailure = findFailedProxy(cause, http.proxies, host);
  if (proxyFailure !== undefined) return { ...proxyFailed(proxyFailure, host), cause: error };
  const code = codeOf(cause) ?? codeOf(error) ?? "";
  const text = cause instanceof Error ? cause.message : String(cause);
  const schemeAdvice = schemeAssumed
    ? "; the host was given without a scheme and https was assumed: write http:// in front if it serves plain HTTP"
    : "";
  return { ...problemOf(code, text, schemeAdvice), cause: error };
}

function proxyFailed({ proxy, why, isFinal }: FailedProxy, host: string): ConnectionProblem {
  const { variable, displayHost } = proxy;
  return {
    code: "PROXY_FAILED",
    what: `the proxy ${displayHost} of ${variable} failed: ${why}`,
    fix: `check ${variable}, or connect directly: add ${new URL(host).hostname} to NO_PROXY`,
    notSent: true,
    isTransient: isFinal !== true,
    refused: true,
  };
}

/**
 * @param text the error's message
 * @param schemeAdvice appended to the fix if the host was given without a scheme; otherwise empty
 */
function problemOf(code: string, text: string, schemeAdvice: string): ConnectionProblem {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_FAIL") {
    const fix = `check the host for a typo${code === "EAI_AGAIN" ? ", and the network and its DNS server" : ""}: the address of the workspace is the one in your browser`;
    return {
      code: "DNS_FAILURE",
      what: "the host name cannot be resolved",
      fix,
      notSent: true,
      isTransient: true,
      refused: true,
    };
  }
  if (code === "ECONNREFUSED" || code === "EHOSTUNREACH" || code === "ENETUNREACH") {
    const fix = `check host and port; a local workspace is started with: lakeform workspace start${schemeAdvice}`;
    return {
      code: "CONNECTION_REFUSED",
      what:
        code === "ECONNREFUSED"
          ? "nothing listens at this address"
          : "there is no network route to this address",
      fix,
      notSent: true,
      isTransient: true,
      refused: true,
    };
  }
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") {
    return {
      code: "CONNECT_TIMEOUT",
      what: "could not connect before the timeout",
      fix: `check host, firewall, VPN and proxy settings (HTTPS_PROXY)${schemeAdvice}`,
      notSent: true,
      isTransient: true,
      refused: true,
    };
  }
  if (
    tlsCode.test(code) ||
    /self.signed|certificate|wrong version number|packet length too long/i.test(text)
  ) {
    return {
      code: "TLS_FAILURE",
      notSent: true,
      isTransient: false,
      ...tlsProblem(code, text, schemeAdvice),
    };
  }
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return {
      code: "ANSWER_TIMEOUT",
      what: "the workspace did not respond before the timeout",
      fix: "try again; if it persists, check the status page of your cloud region",
      notSent: false,
      isTransient: true,
    };
  }
  if (
    code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH" ||
    code === "UND_ERR_ABORTED" ||
    /terminated|aborted/i.test(text)
  ) {
    return {
      code: "ANSWER_TRUNCATED",
      what: "the response was truncated",
      fix: "try again; a proxy may truncate long responses",
      notSent: false,
      isTransient: true,
    };
  }
  if (code === "UND_ERR_INVALID_ARG") {
    return {
      code: "BAD_REQUEST_GIVEN",
      what: `the call cannot be sent: ${text}`,
      fix: "check the path, headers and token for line breaks and control characters",
      notSent: true,
      isTransient: false,
    };
  }
  return {
    code: "CONNECTION_LOST",
    what: `the connection was lost: ${text}`,
    fix: "try again; if it persists, check the network and any proxies",
    notSent: false,
    isTransient: true,
  };
}

function tlsProblem(
  code: string,
  text: string,
  schemeAdvice: string,
): Pick<ConnectionProblem, "what" | "fix"> {
  if (/wrong version|packet length|EPROTO|ERR_SSL_/.test(`${code} ${text}`))
    return {
      what: `no TLS connection: ${text.trim()}`,
      fix: `the server does not speak TLS here: write http:// if it serves plain HTTP${schemeAdvice}`,
    };
  return { what: `no trusted TLS connection: ${text}`, fix: tlsFixes[code] ?? untrustedFix };
}

const untrustedFix =
  "if a company proxy or the local workspace signs with its own certificate authority, set NODE_EXTRA_CA_CERTS to its certificate";
const tlsFixes: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED:
    "the server or proxy needs a new certificate; check the clock of this machine, too",
  CERT_NOT_YET_VALID: "check the clock of this machine: the certificate is valid only later",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "use the host name in the certificate; the address of the workspace is the one in your browser",
};

export function connectionError(facts: CallFacts, failure: ConnectionFailure): ConnectionError {
  return new ConnectionError(facts, failure);
}

function rootCause(error: unknown): unknown {
  let current = error;
  // The depth is limited, because causes can form a cycle.
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause instanceof Error) current = current.cause;
    else return current;
  }
  return current;
}

function codeOf(error: unknown): string | undefined {
  const code =
    typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}
