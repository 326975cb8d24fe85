import fs from "node:fs";
import { LakeformError } from "../errors";

/** The end of a zip archive without a comment, as Terraform writes it: 22 bytes. */
const [endSignature, endLength] = [Buffer.from("PK\x05\x06", "latin1"), 22];

/**
 * Checks that Terraform has written the saved plan completely: on a full disk, it reports success
 * for a truncated one.
 * @throws LakeformError PLAN_TRUNCATED
 */
export function checkComplete(file: string): void {
  const { size } = fs.statSync(file);
  const handle = fs.openSync(file, "r");
  try {
    const end = Buffer.alloc(Math.min(size, endLength));
    fs.readSync(handle, end, 0, end.length, size - end.length);
    // OpenTofu encrypts a plan as one JSON object.
    if (end.subarray(0, 4).equals(endSignature) || end.toString("latin1").trimEnd().endsWith("}"))
      return;
  } finally {
    fs.closeSync(handle);
  }
  throw new LakeformError("PLAN_TRUNCATED", "Terraform has not written the plan completely", {
    value: `${file} (${size} bytes)`,
    fix: "free space on the disk, then run the command again",
  });
}
