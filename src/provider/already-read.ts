import fs from "node:fs";

/**
 * Returns a function that checks whether a `lakeform` command has just read an object and found that
 * it matches the state. A refresh can skip such an object. If the file with these objects is missing
 * or truncated, the refresh reads every object.
 */
export function alreadyReadCheck(
  file = process.env["LAKEFORM_ALREADY_READ"] ?? "",
): (type: string, id: string) => boolean {
  let readObjects: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  return (type, id) => {
    readObjects ??= readObjectIds(file);
    return readObjects.get(type)?.has(id) === true;
  };
}

function readObjectIds(file: string): ReadonlyMap<string, ReadonlySet<string>> {
  if (file === "" || !fs.existsSync(file)) return new Map();
  try {
    const objects = JSON.parse(fs.readFileSync(file, "utf8")) as Readonly<
      Record<string, readonly string[]>
    >;
    return new Map(Object.entries(objects).map(([type, ids]) => [type, new Set(ids)]));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}
