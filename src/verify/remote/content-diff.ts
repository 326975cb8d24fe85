import { maxTextLength } from "../../resources/families/content";
import type { Content } from "../../resources/kind";
import { findInText } from "../../secret-search";
import { expandJson, maxEdits, textDiff } from "../../text-diff";
import type { Finding } from "../model";

/** Lines beyond this limit are only counted. */
const maxLines = 500;

/** Returns the lines that differ between two contents. */
export function contentDiff(before: Content, after: Content): Pick<Finding, "diff" | "diffNote"> {
  if (Math.max(before.size, after.size) > maxTextLength)
    return { diffNote: `no line diff: longer than ${maxTextLength / 1024} KiB` };
  if (before.text === undefined || after.text === undefined)
    return { diffNote: "no line diff: not text" };
  const lines = textDiff(expandJson(before.text), expandJson(after.text));
  if (lines === undefined) return { diffNote: `no line diff: more than ${maxEdits} lines differ` };
  // Text that looks like a secret but is not one of the project's secrets, such as a token pasted
  // into a notebook.
  const secrets = [...findInText(before.text), ...findInText(after.text)].map(({ value }) => value);
  const diff = { lines: lines.slice(0, maxLines), secrets };
  return lines.length > maxLines
    ? { diff, diffNote: `${lines.length - maxLines} more lines of the diff are not shown` }
    : { diff };
}
