import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Runs a build while cdktf cannot record a full stack trace for each token.
 *
 * cdktf sets `Error.stackTraceLimit` to its maximum and reads the trace of every token; under
 * ts-node each frame goes through source maps, which is nearly all of the time of a synth. While
 * {@link withoutStackTraces} runs, `Error.stackTraceLimit` is an accessor, and V8 captures no stack
 * if the limit is not a data property, regardless of cdktf's setting; `Error.captureStackTrace`,
 * which would still cost time, does nothing. The drawback: errors thrown during that time have no
 * stack trace, so an app that throws is built again with stack traces.
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

/**
 * The numbers of captured frames. Most constructs are created by the user's code directly, so a few
 * frames are enough; the larger number is for constructs nested a few levels deep in this library.
 */
const frameLimits = [5, 16] as const;
// eslint-disable-next-line @typescript-eslint/unbound-method -- it has no use for `this`
const captureStackTrace = Error.captureStackTrace;
const library = path.join(__dirname, "..") + path.sep;

/**
 * `stacks/daily-etl.ts:31`, relative to the project, of the nearest caller outside this library;
 * undefined if that caller is outside the project.
 */
export function callerPosition(): string | undefined {
  const frame = nearestUserFrame();
  return frame === undefined ? undefined : mappedPosition(frame);
}

function nearestUserFrame(): NodeJS.CallSite | undefined {
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  const originalFormatter: unknown = Reflect.get(Error, "prepareStackTrace");
  try {
    Error.prepareStackTrace = (_, frames) => frames;
    for (const frameLimit of frameLimits) {
      Object.defineProperty(Error, "stackTraceLimit", {
        configurable: true,
        enumerable: true,
        writable: true,
        value: frameLimit,
      });
      const holder: { stack?: readonly NodeJS.CallSite[] } = {};
      captureStackTrace(holder, nearestUserFrame);
      const frames = holder.stack ?? [];
      // The bundle of this library can have another name than its file: V8 keeps the name of the
      // file that it compiled for the code cache, which may be in another folder.
      const ownFile = frames[0]?.getFileName() ?? "";
      const userFrame = frames.find((frame) => {
        const file = frame.getFileName() ?? "";
        return file !== ownFile && isUserFile(file);
      });
      if (userFrame !== undefined || frames.length < frameLimit) return userFrame;
    }
    return undefined;
  } finally {
    Reflect.set(Error, "prepareStackTrace", originalFormatter);
    if (limit !== undefined) Object.defineProperty(Error, "stackTraceLimit", limit);
  }
}

/** Caches which files belong to the user: the same few files are on every stack. */
const userFiles = new Map<string, boolean>();

function isUserFile(name: string): boolean {
  let isUserOwned = userFiles.get(name);
  if (isUserOwned === undefined) {
    const file = fileOf(name);
    isUserOwned =
      path.isAbsolute(file) &&
      !file.startsWith(library) &&
      !file.includes(`${path.sep}node_modules${path.sep}`);
    userFiles.set(name, isUserOwned);
  }
  return isUserOwned;
}

/** Returns the path of a frame's file. The frame of an ES module contains a URL. */
function fileOf(name: string): string {
  return name.startsWith("file://") ? fileURLToPath(name) : name;
}

/** Caches mapped positions: the mapping is slow, and a loop maps the same position repeatedly. */
const mappedPositions = new Map<string, string | undefined>();

function mappedPosition(frame: NodeJS.CallSite): string | undefined {
  const key = `${frame.getFileName() ?? ""}:${frame.getLineNumber() ?? 0}:${frame.getColumnNumber() ?? 0}`;
  if (!mappedPositions.has(key))
    mappedPositions.set(key, projectPosition(throughSourceMaps(frame) ?? key));
  return mappedPositions.get(key);
}

/**
 * Maps a frame with the formatter that the file's compiler installed (ts-node, jest, node
 * --enable-source-maps).
 */
function throughSourceMaps(frame: NodeJS.CallSite): string | undefined {
  const format = Reflect.get(Error, "prepareStackTrace") as
    ((error: Error, frames: readonly NodeJS.CallSite[]) => unknown) | undefined;
  if (format === undefined) return undefined;
  const text = format(new Error("position"), [frame]);
  if (typeof text !== "string") return undefined;
  const line = text.split("\n").find((candidate) => /^\s*at /.test(candidate));
  return line === undefined
    ? undefined
    : /\(?((?:file:\/\/)?\/[^()]*?:\d+:\d+|[A-Za-z]:[^()]*?:\d+:\d+)\)?\s*$/.exec(line)?.[1];
}

/** Returns a position relative to the project; undefined for a file outside of it. */
function projectPosition(position: string): string | undefined {
  const match = /^(.*?):(\d+):\d+$/.exec(position);
  const file = match?.[1];
  const line = match?.[2];
  if (file === undefined || line === undefined) return undefined;
  const relativePath = path.relative(projectRoot(), fileOf(file));
  if (relativePath.startsWith("..") || path.isAbsolute(relativePath)) return undefined;
  return `${relativePath.split(path.sep).join("/")}:${line}`;
}

/**
 * Returns the nearest folder with a cdktf.json, starting at the working directory; without one, the
 * working directory.
 */
export function projectRoot(): string {
  const configuredRoot = process.env.LAKEFORM_PROJECT_ROOT;
  if (configuredRoot !== undefined && configuredRoot !== "") return configuredRoot;
  const start = process.cwd();
  let folder = start;
  while (!fs.existsSync(path.join(folder, "cdktf.json"))) {
    const parent = path.dirname(folder);
    if (parent === folder) return start;
    folder = parent;
  }
  return folder;
}
