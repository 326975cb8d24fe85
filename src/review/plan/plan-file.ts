import { parseExact } from "../../exact-json";
import fs from "node:fs";
import { LakeformError } from "../../errors";
import { object } from "./json";
import {
  checkFormat,
  readChange,
  readOutputs,
  readSecrets,
  readVariables,
  type PlanChange,
  type PlanFacts,
} from "./plan";

/**
 * Reads a plan of any size from a file of `terraform show -json`, one resource change at a time, so
 * that the complete plan is never in memory. It makes two passes: secrets are declared at the end
 * of a plan, and must be known before anything else is processed.
 *
 * @throws LakeformError PLAN_UNREADABLE for a file that is truncated or not a plan. Reading
 * `changes` throws it for an invalid resource change.
 */
export function openPlanFile(file: string): PlanFacts {
  const smallValues: Record<string, unknown> = {};
  const drift: PlanChange[] = [];
  const changes: Span[] = [];
  for (const part of scan(
    file,
    [
      "format_version",
      "variables",
      "resource_drift.*",
      "output_changes",
      "checks",
      "configuration.root_module.variables",
      "configuration.root_module.module_calls",
      "errored",
      "complete",
    ],
    { path: "resource_changes.*", spans: changes },
  )) {
    if (part.path === "resource_drift.*") drift.push(readChange(parse(part.bytes, file)));
    else smallValues[part.path] = parse(part.bytes, file);
  }
  checkFormat(smallValues);
  return {
    changes: { [Symbol.iterator]: () => readChanges(file, changes) },
    drift,
    outputs: readOutputs(object(smallValues.output_changes)),
    secrets: readSecrets(smallValues.variables, smallValues["configuration.root_module.variables"]),
    variables: readVariables(
      smallValues.variables,
      smallValues["configuration.root_module.variables"],
    ),
    modules: smallValues["configuration.root_module.module_calls"],
    checks: smallValues.checks,
    errored: smallValues.errored === true,
    complete: smallValues.complete !== false,
  };
}

/** Reads one change after the other, so that only one is in memory. */
function* readChanges(file: string, changes: readonly Span[]): Generator<PlanChange, void> {
  const handle = fs.openSync(file, "r");
  try {
    for (const { start, end } of changes) {
      const bytes = Buffer.allocUnsafe(end - start);
      fs.readSync(handle, bytes, 0, bytes.length, start);
      yield readChange(parse(bytes, file, withoutEmptyFields));
    }
  } finally {
    fs.closeSync(handle);
  }
}

/** Matches `,"field":null` and `,"field":[]`, but not inside strings, where quotes are escaped. */
const emptyField = /,"\w+":(?:null|\[\])(?=[,}])/g;

/**
 * Removes most empty fields from the JSON of a resource change. They are 70% of the values of a
 * plan, and a review treats them like absent fields. The first field of an object stays, so that no
 * object becomes empty. Changes with a sensitive value or an import stay complete, because there an
 * empty value differs from an absent one.
 */
function withoutEmptyFields(json: string): string {
  const sensitiveIndex = json.indexOf('_sensitive":');
  const isComplete =
    (sensitiveIndex >= 0 && json.includes("true", sensitiveIndex)) ||
    json.includes('"importing":{');
  return isComplete ? json : json.replace(emptyField, "");
}

/** Byte positions of a value in the file; the end is exclusive. */
interface Span {
  start: number;
  end: number;
}

interface Part {
  readonly path: string;
  readonly bytes: Buffer;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket, comma, colon] =
  Buffer.from('"\\{}[],:');
const chunkSize = 1 << 20;

/**
 * Returns the values at some paths of a JSON file (`a.b`; `a.*` is each element of the list a) as
 * bytes, in file order. Scans the bytes and keeps only the requested values.
 * @param located a path whose values are not returned; instead, their positions are added to
 * `spans`
 */
function* scan(
  file: string,
  values: readonly string[],
  located: { readonly path: string; readonly spans: Span[] },
): Generator<Part, void> {
  const handle = fs.openSync(file, "r");
  try {
    const requestedPaths = [...values, located.path];
    const requestedSet = new Set(requestedPaths);
    const chunk = Buffer.allocUnsafe(chunkSize);
    // The open containers, each with its current key and whether it is a list. Inside an unneeded
    // value, only the depth is counted.
    const stack: { path: string; list: boolean }[] = [];
    let key = "";
    let depth = 0;
    let inString = false;
    let escaped = false;
    let text: number[] | undefined;
    let expectKey = false;
    let collected: Buffer[] | undefined;
    let valuePath = "";
    let valueDepth = 0;
    let valueStart = 0;
    let position = 0;
    const pathOf = (): string => {
      const top = stack[stack.length - 1];
      if (top === undefined) return "";
      const name = top.list ? "*" : key;
      return top.path === "" ? name : `${top.path}.${name}`;
    };
    for (;;) {
      const length = fs.readSync(handle, chunk, 0, chunkSize, position);
      if (length === 0) break;
      let from = collected === undefined ? -1 : 0;
      const completeParts: Part[] = [];
      const end = (index: number): void => {
        if (collected === undefined) return;
        if (valuePath === located.path)
          located.spans.push({ start: valueStart, end: position + index });
        else
          completeParts.push({
            path: valuePath,
            bytes: Buffer.concat([...collected, chunk.subarray(from, index)]),
          });
        collected = undefined;
        from = -1;
      };
      for (let index = 0; index < length; index++) {
        // Most of a plan is unneeded: there, only strings and depth matter.
        if (!inString && depth > stack.length) {
          const skipped = skip(chunk, index, length, depth - stack.length);
          index = skipped.index;
          depth = stack.length + skipped.depth;
          inString = skipped.inString;
          escaped = skipped.escaped;
          if (index >= length) break;
        }
        // Skip to the end of the string. A loop is faster than `indexOf`, because most strings are
        // short.
        if (inString && text === undefined && !escaped)
          while (index < length && chunk[index] !== quote && chunk[index] !== backslash) index++;
        if (index === length) break;
        const byte = chunk[index];
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === backslash) escaped = true;
          else if (byte === quote) {
            inString = false;
            if (text !== undefined) {
              key = Buffer.from(text).toString("utf8");
              text = undefined;
            }
            continue;
          }
          if (text !== undefined && byte !== undefined) text.push(byte);
          continue;
        }
        if (byte === undefined || byte === 32 || byte === 10 || byte === 13 || byte === 9) continue;
        const isOpenLevel = depth === stack.length;
        const isValueStart =
          byte !== comma && byte !== colon && byte !== closeBrace && byte !== closeBracket;
        if (
          isOpenLevel &&
          isValueStart &&
          !expectKey &&
          collected === undefined &&
          requestedSet.has(pathOf())
        ) {
          collected = [];
          valuePath = pathOf();
          valueDepth = depth;
          valueStart = position + index;
          from = index;
        }
        if (byte === quote) {
          inString = true;
          if (isOpenLevel && expectKey) {
            text = [];
            expectKey = false;
          }
        } else if (byte === openBrace || byte === openBracket) {
          if (isOpenLevel && collected === undefined) {
            const path = pathOf();
            if (path === "" || leadsToRequested(path, requestedPaths)) {
              stack.push({ path, list: byte === openBracket });
              expectKey = byte === openBrace;
            }
          }
          depth++;
        } else if (byte === closeBrace || byte === closeBracket) {
          if (collected !== undefined && depth === valueDepth) end(index);
          if (stack.length === depth) stack.pop();
          depth--;
          expectKey = false;
        } else if (byte === comma) {
          if (collected !== undefined && depth === valueDepth) end(index);
          if (depth === stack.length) expectKey = stack[stack.length - 1]?.list === false;
        }
      }
      if (collected !== undefined && valuePath !== located.path)
        collected.push(Buffer.from(chunk.subarray(from, length)));
      position += length;
      yield* completeParts;
    }
    if (depth !== 0 || inString) {
      throw new LakeformError("PLAN_UNREADABLE", "the plan's JSON is truncated", {
        value: file,
        fix: "check that the disk has space, and run the command again (for a plan of your own: terraform show -json)",
      });
    }
  } finally {
    fs.closeSync(handle);
  }
}

/** Maps each byte to 1 if it is a quote, a brace or a bracket. */
const structural = new Uint8Array(256);
for (const byte of [quote, openBrace, closeBrace, openBracket, closeBracket])
  structural[byte ?? 0] = 1;

/**
 * Skips from inside a container to its closing bracket, or to the end of the chunk.
 * @param open the number of open containers
 * @returns `index` is the position of the closing bracket (not counted in `depth` yet), or at least
 * `length`
 */
function skip(
  chunk: Buffer,
  start: number,
  length: number,
  open: number,
): {
  readonly index: number;
  readonly depth: number;
  readonly inString: boolean;
  readonly escaped: boolean;
} {
  let depth = open;
  let index = start;
  for (; index < length; index++) {
    const byte = chunk[index] as number;
    if (structural[byte] === 0) continue;
    if (byte === quote) {
      for (index++; index < length && chunk[index] !== quote; index++)
        if (chunk[index] === backslash) index++;
      // The byte after a backslash at the end of the chunk is in the next chunk.
      if (index >= length) return { index, depth, inString: true, escaped: index > length };
    } else if (byte === openBrace || byte === openBracket) depth++;
    else if (depth === 1) break;
    else depth--;
  }
  return { index, depth, inString: false, escaped: false };
}

const leadsToRequested = (path: string, requestedPaths: readonly string[]): boolean =>
  requestedPaths.some((candidate) => candidate.startsWith(`${path}.`));

function parse(bytes: Buffer, file: string, reduce = (json: string): string => json): unknown {
  try {
    return parseExact(reduce(bytes.toString("utf8")));
  } catch (error) {
    throw new LakeformError("PLAN_UNREADABLE", "a part of the plan is not JSON", {
      value: file,
      fix: "pass the output of `terraform show -json PLANFILE`",
      cause: error,
    });
  }
}
