/** Reads a saved plan, a zip archive, without Terraform. */
import fs from "node:fs";
import { inflateRawSync } from "node:zlib";

/** The version of the state that a plan is based on. */
export interface StateVersion {
  readonly lineage: string;
  readonly serial: number;
}

/** The version of the state that the plan is based on. @returns undefined if there was none, or it cannot be determined */
export function stateOfPlan(file: string): StateVersion | undefined {
  const entry = entryOf(fs.readFileSync(file), "tfstate");
  if (entry === undefined) return undefined;
  const { lineage, serial } = JSON.parse(entry.toString("utf8")) as Partial<StateVersion>;
  return lineage === undefined || lineage === "" || serial === undefined ? undefined : { lineage, serial };
}

/** The origin of a plan: the embedded provider stores it in the private data of the planned resources. */
export interface PlanStamp {
  /** Version of the provider's code. */
  readonly build: string;
  /** The name of the served schema's cut, or `full`. */
  readonly cut: string;
}

/** @returns undefined for a plan without this data: from another provider, or only deletions */
export function stampOfPlan(file: string): PlanStamp | undefined {
  const found = /"lakeform_plan":(\{[^}]*\})/.exec(entryOf(fs.readFileSync(file), "tfplan")?.toString("latin1") ?? "")?.[1];
  return found === undefined ? undefined : (JSON.parse(found) as PlanStamp);
}

/** Reads a file from a zip archive, located by the directory at its end. */
function entryOf(bytes: Buffer, name: string): Buffer | undefined {
  const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06"));
  if (end < 0) return undefined;
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    if (bytes.toString("utf8", at + 46, at + 46 + nameLength) === name) {
      const start = bytes.readUInt32LE(at + 42);
      const data = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
      const packed = bytes.subarray(data, data + bytes.readUInt32LE(at + 20));
      return bytes.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return undefined;
}
