/** Reads a saved plan, a zip archive, without Terraform. */
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
  const { lineage, serial } = headOf(entry);
  return lineage === undefined || lineage === "" || serial === undefined
    ? undefined
    : { lineage, serial };
}

/** Parses the start of a state that Terraform wrote, because the rest can be large. */
function headOf(state: Buffer): Partial<StateVersion> {
  const start =
    /^\s*\{\s*"version": 4,\s*"terraform_version": "[^"]*",\s*"serial": (\d+),\s*"lineage": "([^"]*)"/;
  const [, serial, lineage] = start.exec(state.toString("utf8", 0, 1024)) ?? [];
  if (serial !== undefined && lineage !== undefined) return { serial: Number(serial), lineage };
  return JSON.parse(state.toString("utf8")) as Partial<StateVersion>;
}

/** What the embedded provider records about itself in the private data of planned resources. */
export interface PlanStamp {
  /** Hash of the provider's code. */
  readonly build: string;
  /** The name of the served schema's cut, or `full`. */
  readonly cut: string;
}

/** @returns undefined for a plan without this data: of another provider, or with deletions only */
export function stampOfPlan(file: string): PlanStamp | undefined {
  const stamp = /"lakeform_plan":(\{[^}]*\})/.exec(
    entryOf(fs.readFileSync(file), "tfplan")?.toString("latin1") ?? "",
  )?.[1];
  return stamp === undefined ? undefined : (JSON.parse(stamp) as PlanStamp);
}

/**
 * Removes the Databricks resources from the states and the configuration of a plan that is only
 * shown and never applied. Terraform would decode and print all of them, but the list of changes
 * does not need them.
 * @returns undefined for a plan that cannot be read (OpenTofu can encrypt it)
 */
export function changesOfPlan(file: string): Buffer | undefined {
  const files: (readonly [name: string, content: Buffer])[] = [];
  // Process the files one by one: unpacked states of thousands of jobs are large.
  for (const [name, content] of entriesOf(fs.readFileSync(file))) {
    if (name === "tfstate" || name === "tfstate-prev") files.push([name, stateOfOthers(content)]);
    else files.push([name, rootInJson.test(name) ? configurationOfOthers(content) : content]);
  }
  return files.some(([name]) => name === "tfplan") ? archive(files) : undefined;
}

/**
 * Keeps the resources of other providers: Terraform loads a provider's schema only if the state or
 * the configuration uses it.
 */
function stateOfOthers(state: Buffer): Buffer {
  const { serial = 0, lineage = "" } = headOf(state);
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

const rootInJson = /^tfconfig\/m-\/.*\.(tf|tofu)\.json$/;

function configurationOfOthers(configuration: Buffer): Buffer {
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
 * Replaces the backend in a saved plan by that of another plan. Terraform applies a saved plan with
 * the backend that the plan contains.
 * @returns undefined for a plan that cannot be read (OpenTofu can encrypt it)
 */
export function withBackendOf(file: string, other: string): Buffer | undefined {
  const isBackend = ({ field }: PlanField): boolean => field === backendField;
  const template = entryOf(fs.readFileSync(other), "tfplan");
  const backend = template && fieldsOf(template).find(isBackend);
  const entries = [...entriesOf(fs.readFileSync(file))];
  if (backend === undefined || !entries.some(([name]) => name === "tfplan")) return undefined;
  return archive(
    entries.map(([name, content]) => {
      if (name !== "tfplan") return [name, content];
      const otherEntries = fieldsOf(content).filter((planField) => !isBackend(planField));
      return [name, Buffer.concat([...otherEntries, backend].map(({ bytes }) => bytes))];
    }),
  );
}

interface PlanField {
  readonly field: number;
  /** Key and value. */
  readonly bytes: Buffer;
}

/** The fields of a protocol buffer message, in their order. */
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
    // The number itself, or the length of what follows.
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
 * The files of a zip archive, located by the directory at its end.
 * @param fileName return only this file
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
