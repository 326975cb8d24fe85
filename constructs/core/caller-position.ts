import path from "node:path";
import { fileURLToPath } from "node:url";
import { projectRoot } from "./project-root";
import { captureStackTrace } from "./stack-traces";

/**
 * The numbers of captured frames. Most constructs are created by the user's code directly, so a few
 * frames are enough; the larger number is for constructs nested a few levels deep in this library.
 */
const frameLimits = [5, 16] as const;
const library = path.join(__dirname, "..") + path.sep;

/**
 * Returns the position of the nearest caller outside this library, relative to the project:
 * `stacks/daily-etl.ts:31`; undefined if that caller is outside the project.
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
      // The top frame is in this library. With a code cache, it has a name instead of a path.
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
