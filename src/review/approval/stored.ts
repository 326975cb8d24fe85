import fs from "node:fs";
import { LakeformError } from "../../errors";
import { isList, isObject } from "../plan/json";
import type { Review } from "../model";

/** Reads a review written with `--format json`. @throws LakeformError REVIEW_UNREADABLE */
export function readReview(file: string): Review {
  let value: unknown;
  try {
    value = JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new LakeformError("REVIEW_UNREADABLE", "cannot read the approved review", {
      value: `${file}: ${error instanceof Error ? error.message : String(error)}`,
      fix: "write one with: lakeform review STACK --out review.json",
      cause: error,
    });
  }
  if (
    !isObject(value) ||
    value.format !== "lakeform.review" ||
    value.version !== 1 ||
    typeof value.digest !== "string" ||
    !isList(value.stacks)
  ) {
    throw new LakeformError(
      "REVIEW_UNREADABLE",
      "the file is not a JSON review of a supported version",
      {
        value: file,
        allowed: "format lakeform.review, version 1",
        fix: "write one with: lakeform review STACK --out review.json",
      },
    );
  }
  return value as unknown as Review;
}
