import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const repository = path.join(__dirname, "..");

/** The earlier commit that this one is compared with. LAKEFORM_BENCH_BASELINE names another. */
export const baselineCommit = process.env.LAKEFORM_BENCH_BASELINE ?? "33d5f20";

/** The commit being measured, with a trailing `+` if the checkout has uncommitted changes. */
export function measuredCommit(): string {
  const git = (...args: string[]): string =>
    execFileSync("git", args, { cwd: repository, encoding: "utf8" }).trim();
  return `${git("rev-parse", "--short=8", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
}

/**
 * Checks out an earlier commit of this project and builds it, unless an earlier run has done so.
 * Returns its folder, which is inside this checkout, so that Node finds the installed packages in a
 * parent folder.
 * @throws Error when the commit is missing, as in a shallow clone
 */
export function buildBaseline(commit = baselineCommit): string {
  const folder = path.join(repository, ".cache", "bench", "commits", commit);
  if (fs.existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}`;
  fs.mkdirSync(temporary, { recursive: true });
  const archive = execFileSync("git", ["archive", commit], { cwd: repository, maxBuffer: 1 << 30 });
  execFileSync("tar", ["-x"], { cwd: temporary, input: archive });
  execFileSync(process.execPath, [path.join("scripts", "build.mjs")], {
    cwd: temporary,
    stdio: ["ignore", 2, 2],
  });
  fs.renameSync(temporary, folder);
  return folder;
}
