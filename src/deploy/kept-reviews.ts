import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import type { Review } from "../review/model";
import { readReview } from "../review/approval/stored";
import { matchesDigest } from "./approval";

/**
 * The maximum number of kept reviews. Older ones are removed, because they are unlikely to be
 * approved.
 */
const maxKept = 20;

/**
 * Keeps a review that was shown, so that `deploy --approve DIGEST` can show how its plan differs. A
 * review contains no secrets, but it describes what runs in a workspace: only the user can read the
 * file.
 * @param folder the project's private folder (`.lakeform`)
 */
export function keepReview(folder: string, review: Review): void {
  const reviews = reviewsFolder(folder);
  fs.mkdirSync(reviews, { recursive: true, mode: 0o700 });
  const file = path.join(reviews, `${review.digest.replace(/^sha256:/, "")}.json`);
  // Rename into place, so that a killed command does not leave a truncated review.
  const temporaryFile = path.join(reviews, `.${randomBytes(6).toString("hex")}.tmp`);
  try {
    fs.writeFileSync(temporaryFile, JSON.stringify(review), { mode: 0o600 });
    fs.renameSync(temporaryFile, file);
  } finally {
    fs.rmSync(temporaryFile, { force: true });
  }
  for (const outdated of newestFirst(reviews).slice(maxKept)) fs.rmSync(outdated, { force: true });
}

/**
 * The review kept under a digest; undefined if it is not there, as in a fresh checkout.
 * @param digest complete or abbreviated (see {@link matchesDigest}); selects the newest of several
 * with this prefix
 * @throws LakeformError REVIEW_UNREADABLE for a kept file that is not a review
 */
export function findReview(folder: string, digest: string): Review | undefined {
  const file = newestFirst(reviewsFolder(folder)).find((candidate) =>
    matchesDigest(digest, path.basename(candidate, ".json")),
  );
  return file === undefined ? undefined : readReview(file);
}

const reviewsFolder = (folder: string): string => path.join(folder, "reviews");

function newestFirst(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => /^[0-9a-f]+\.json$/.test(name))
    .map((name) => path.join(folder, name))
    .map((file) => ({ file, time: fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.time - a.time)
    .map(({ file }) => file);
}
