// eslint-disable-next-line @typescript-eslint/unbound-method -- it has no use for `this`
export const captureStackTrace = Error.captureStackTrace;

/**
 * Runs a build while cdktf cannot record a full stack trace for each token.
 *
 * cdktf sets `Error.stackTraceLimit` to its maximum and reads the trace of every token; under
 * ts-node each frame goes through source maps, which is nearly all of the time of a synth. While
 * {@link withoutStackTraces} runs, `Error.stackTraceLimit` is an accessor, and V8 captures no stack
 * if the limit is not a data property, regardless of cdktf's setting; `Error.captureStackTrace`,
 * which would still cost time, does nothing. The drawback: errors thrown during that time have no
 * stack trace, so `buildAndSynth` builds an app that throws again, with stack traces.
 */
export function withoutStackTraces<T>(build: () => T): T {
  const original = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  if (original?.get !== undefined) return build();
  let limit: unknown = original?.value;
  Error.captureStackTrace = () => undefined;
  Object.defineProperty(Error, "stackTraceLimit", {
    configurable: true,
    enumerable: true,
    get: () => limit,
    set: (value: unknown) => {
      limit = value;
    },
  });
  try {
    return build();
  } finally {
    Error.captureStackTrace = captureStackTrace;
    Object.defineProperty(
      Error,
      "stackTraceLimit",
      original ?? { configurable: true, enumerable: true, writable: true, value: 10 },
    );
  }
}
