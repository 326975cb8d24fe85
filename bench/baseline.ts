import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const repository = path.join(__dirname, "..");

/** The commit that goals are measured against, unless LAKEFORM_BENCH_BASELINE names another. */
export const baselineCommit = process.env.LAKEFORM_BENCH_BASELINE ?? "33d5f20";

/** The commit that is measured, with `+` if the checkout has uncommitted changes. */
export function measuredCommit(): string {
  const git = (...words: string[]): string =>
    execFileSync("git", words, { cwd: repository, encoding: "utf8" }).trim();
  return `${git("rev-parse", "--short=8", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
}

/**
 * The folder of an earlier commit of this project, built. It lies below this checkout, whose
 * packages it finds on the way up.
 * @throws Error when the checkout does not have the commit (a shallow clone)
 */
export function builtBaseline(commit = baselineCommit): string {
  const folder = path.join(repository, ".cache", "bench", "commits", commit);
  if (fs.existsSync(folder)) return folder;
  const making = `${folder}.${process.pid}`;
  fs.mkdirSync(making, { recursive: true });
  const archive = execFileSync("git", ["archive", commit], { cwd: repository, maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x"], { cwd: making, input: archive });
  execFileSync(process.execPath, [path.join("scripts", "build.mjs")], {
    cwd: making,
    stdio: ["ignore", 2, 2],
  });
  fs.renameSync(making, folder);
  return folder;
}
