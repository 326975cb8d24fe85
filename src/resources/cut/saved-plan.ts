/**
 * Reads a saved plan without Terraform. A saved plan is a zip archive; the offsets and lengths below
 * are those of the zip format.
 */
import fs from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { exactJson, parseWithBigints } from "../../exact-json";

/** The version of the state that a plan is based on. */
export interface StateVersion {
  readonly lineage: string;
  readonly serial: number;
}

/**
 * Returns the version of the state that the plan is based on; undefined if there was no state, or
 * if the version cannot be determined.
 */
export function stateOfPlan(file: string): StateVersion | undefined {
  const entry = entryOf(fs.readFileSync(file), "tfstate");
  if (entry === undefined) return undefined;
  const { lineage, serial } = stateVersionIn(entry);
  return lineage === undefined || lineage === "" || serial === undefined
    ? undefined
    : { lineage, serial };
}

/** Parses only the start of a state if possible, because the rest can be large. */
function stateVersionIn(state: Buffer): Partial<StateVersion> {
  const start =
    /^\s*\{\s*"version": 4,\s*"terraform_version": "[^"]*",\s*"serial": (\d+),\s*"lineage": "([^"]*)"/;
  const [, serial, lineage] = start.exec(state.toString("utf8", 0, 1024)) ?? [];
  if (serial !== undefined && lineage !== undefined) return { serial: Number(serial), lineage };
  return JSON.parse(state.toString("utf8")) as Partial<StateVersion>;
}

/** The data about itself that the embedded provider adds to each planned resource. */
export interface PlanStamp {
  /** Hash of the provider's code. */
  readonly build: string;
  /** The name of the served schema's cut, or `full`. */
  readonly cut: string;
}

/**
 * Returns the stamp in a saved plan; undefined if it has none, because it was made with another
 * provider or contains only deletions.
 */
export function stampOfPlan(file: string): PlanStamp | undefined {
  const stamp = /"lakeform_plan":(\{[^}]*\})/.exec(
    entryOf(fs.readFileSync(file), "tfplan")?.toString("latin1") ?? "",
  )?.[1];
  return stamp === undefined ? undefined : (JSON.parse(stamp) as PlanStamp);
}

/**
 * Returns a copy of a plan without the Databricks resources in its states and configuration, only to
 * show it. Terraform would decode and print all of them, but the list of changes does not need them.
 * @returns undefined for a plan that cannot be read (OpenTofu can encrypt it)
 */
export function planWithoutResources(file: string): Buffer | undefined {
  const files: (readonly [name: string, content: Buffer])[] = [];
  // Process the files one by one: unpacked states of thousands of jobs are large.
  for (const [name, content] of entriesOf(fs.readFileSync(file))) {
    if (name === "tfstate" || name === "tfstate-prev")
      files.push([name, stateWithoutDatabricks(content)]);
    else
      files.push([
        name,
        rootConfiguration.test(name) ? configurationWithoutDatabricks(content) : content,
      ]);
  }
  return files.some(([name]) => name === "tfplan") ? archive(files) : undefined;
}

/**
 * Returns a state with only the resources of other providers: Terraform loads the schema of such a
 * provider only if the state or the configuration uses it.
 */
function stateWithoutDatabricks(state: Buffer): Buffer {
  const { serial = 0, lineage = "" } = stateVersionIn(state);
  const hasOtherProviders = /"provider":\s*"(?!provider\[\\"[^"]*\/databricks\\"\])/.test(
    state.toString("utf8"),
  );
  const { resources } = hasOtherProviders
    ? (parseWithBigints(state.toString("utf8")) as {
        resources: readonly { readonly type: string }[];
      })
    : { resources: [] };
  const otherEntries = resources.filter(({ type }) => !isDatabricks(type));
  return Buffer.from(
    exactJson({ version: 4, serial, lineage, outputs: {}, resources: otherEntries }),
  );
}

/** Matches the files of the root module in Terraform's JSON syntax. */
const rootConfiguration = /^tfconfig\/m-\/.*\.(tf|tofu)\.json$/;

function configurationWithoutDatabricks(configuration: Buffer): Buffer {
  const { resource = {}, ...rest } = parseWithBigints(configuration.toString("utf8")) as {
    readonly resource?: Readonly<Record<string, unknown>>;
  };
  const otherEntries = Object.entries(resource).filter(([type]) => !isDatabricks(type));
  return Buffer.from(
    exactJson({
      ...rest,
      ...(otherEntries.length > 0 && { resource: Object.fromEntries(otherEntries) }),
    }),
  );
}

const isDatabricks = (type: string): boolean => type.startsWith("databricks_");

/** Number of the field `Plan.backend` in a saved plan of Terraform or OpenTofu. */
const backendField = 13;

/**
 * Returns a copy of a saved plan with the backend of another plan. Terraform applies a saved plan
 * with the backend that the plan contains.
 * @param backendPlan the file of the other plan
 * @returns undefined for a plan that cannot be read (OpenTofu can encrypt it)
 */
export function withBackendOf(file: string, backendPlan: string): Buffer | undefined {
  const isBackend = ({ field }: PlanField): boolean => field === backendField;
  const otherPlan = entryOf(fs.readFileSync(backendPlan), "tfplan");
  const backend = otherPlan && fieldsOf(otherPlan).find(isBackend);
  const entries = [...entriesOf(fs.readFileSync(file))];
  if (backend === undefined || !entries.some(([name]) => name === "tfplan")) return undefined;
  return archive(
    entries.map(([name, content]) => {
      if (name !== "tfplan") return [name, content];
      const otherFields = fieldsOf(content).filter((planField) => !isBackend(planField));
      return [name, Buffer.concat([...otherFields, backend].map(({ bytes }) => bytes))];
    }),
  );
}

interface PlanField {
  readonly field: number;
  /** The encoded field: key and value. */
  readonly bytes: Buffer;
}

/** Returns the fields of a protocol buffer message, in their order. */
function fieldsOf(message: Buffer): PlanField[] {
  const planFields: PlanField[] = [];
  let index = 0;
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(index++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (index < message.length) {
    const start = index;
    const key = varint();
    const type = key & 7;
    if (![0, 1, 2, 5].includes(type)) throw new Error(`wire type ${type} in a saved plan`);
    const length = type === 1 ? 8 : type === 5 ? 4 : varint();
    // For type 0 the value is the number that was just read; for the others, bytes follow.
    if (type !== 0) index += length;
    planFields.push({ field: key >>> 3, bytes: message.subarray(start, index) });
  }
  return planFields;
}

/** Reads a file from a zip archive. */
function entryOf(bytes: Buffer, fileName: string): Buffer | undefined {
  for (const [name, content] of entriesOf(bytes, fileName)) if (name === fileName) return content;
  return undefined;
}

/**
 * Yields the files of a zip archive, located by the directory at its end.
 * @param fileName if set, only this file
 */
function* entriesOf(
  bytes: Buffer,
  fileName?: string,
): Generator<readonly [name: string, content: Buffer]> {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06"));
  if (end < 0) return;
  let index = bytes.readUInt32LE(end + 16);
  for (let remaining = bytes.readUInt16LE(end + 10); remaining > 0; remaining -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      bytes.readUInt16LE(index + offset),
    ) as [number, number, number];
    const name = bytes.toString("utf8", index + 46, index + 46 + nameLength);
    if (fileName === undefined || fileName === name) {
      const start = bytes.readUInt32LE(index + 42);
      const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
      const compressed = bytes.subarray(data, data + bytes.readUInt32LE(index + 20));
      yield [name, bytes.readUInt16LE(index + 10) === 0 ? compressed : inflateRawSync(compressed)];
    }
    index += 46 + nameLength + extraLength + commentLength;
  }
}

/** Creates a zip archive of uncompressed files. */
function archive(files: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const nameBytes = Buffer.from(name);
    const commonHeader = Buffer.alloc(26);
    commonHeader.writeUInt16LE(20, 0);
    commonHeader.writeUInt32LE(crc32(content), 10);
    commonHeader.writeUInt32LE(content.length, 14);
    commonHeader.writeUInt32LE(content.length, 18);
    commonHeader.writeUInt16LE(nameBytes.length, 22);
    parts.push(Buffer.from("PK\x03\x04"), commonHeader, nameBytes, content);
    const localFields = Buffer.alloc(14);
    localFields.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\x00"), commonHeader, localFields, nameBytes);
    offset += 30 + nameBytes.length + content.length;
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directoryBytes.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directoryBytes, Buffer.from("PK\x05\x06"), end]);
}
