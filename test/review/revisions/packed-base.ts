import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Review } from "../../../src/review";

const execute = promisify(execFile);

type Run = (command: string, ...words: string[]) => Promise<string>;

/**
 * Checks `review --base` as in a pull request of an author without access: in the project that
 * `init` created, with the packed package, but without a workspace, an account or a state.
 * @param root the project folder, which becomes a git repository with all changes committed
 */
export async function checkReviewAgainstBase(root: string, run: Run): Promise<void> {
  const edit = (file: string, ...pairs: readonly (readonly [string, string])[]): void => {
    const text = fs.readFileSync(path.join(root, file), "utf8");
    for (const [from] of pairs) expect(text).toContain(from);
    fs.writeFileSync(
      path.join(root, file),
      pairs.reduce((changed, [from, to]) => changed.replace(from, to), text),
    );
  };
  const git = (...words: string[]): Promise<string> =>
    run("git", "-c", "user.name=a", "-c", "user.email=a@example.com", ...words);
  const review = async (ref: string, ...words: string[]): Promise<Review> =>
    JSON.parse(
      await run(
        "npx",
        "lakeform",
        "review",
        "--base",
        ref,
        "--format",
        "json",
        "--quiet",
        ...words,
      ),
    ) as Review;
  const summary = ({ stacks }: Review): unknown[] =>
    stacks.map(({ stack, counts }) => [
      stack,
      counts.create,
      counts.update,
      counts.replace,
      counts.delete,
    ]);

  await git("init", "-q");
  await git("add", "-A");
  expect(await git("ls-files")).toContain("package-lock.json");
  await git("commit", "-qm", "base");
  edit(
    "stacks/packed.ts",
    ["/Shared/packed/hello", "/Shared/packed/hi"],
    ['who: "lakehouse"', 'who: "everybody"'],
  );
  edit("stacks/environments.ts", ['name: "staging"', 'name: "qa"']);
  edit("package-lock.json", ['"version": "0.1.0"', '"version": "0.2.0"']);
  const outputs = ["md", "html", "sarif", "txt"].map((extension) =>
    path.join(path.dirname(root), `review.${extension}`),
  );
  const dirty = await review("HEAD", ...outputs.flatMap((file) => ["--out", file]));
  expect(summary(dirty)).toEqual([
    ["packed-dev", 0, 1, 1, 0],
    ["packed-local", 0, 1, 1, 0],
    ["packed-prod", 0, 1, 1, 0],
    ["packed-qa", 2, 0, 0, 0],
    ["packed-staging", 0, 0, 0, 2],
  ]);
  expect(dirty.stacks[0]?.changes.map(({ type, forcedBy }) => [type, forcedBy])).toEqual([
    ["databricks_notebook", ["path"]],
    ["databricks_job", []],
  ]);
  expect(dirty.stacks[0]?.changes[1]?.fields).toContainEqual(
    expect.objectContaining({
      path: "task[hello].notebook_task.base_parameters[who]",
      before: "lakehouse",
      after: "everybody",
    }),
  );
  expect(dirty.stacks[0]?.notes.slice(1)).toEqual([
    "the review includes 3 uncommitted files of the working copy",
    expect.stringMatching(/^package-lock\.json differs in the base/),
  ]);
  expect(dirty.stacks[4]?.notes[0]).toContain("no longer has the stack");
  const [markdown = "", html = "", sarif = "", text = ""] = outputs.map((file) =>
    fs.readFileSync(file, "utf8"),
  );
  for (const document of [markdown, html, text]) expect(document).toContain(dirty.digest);
  expect(
    [markdown, text].map((document) => /(against|compared with) .?HEAD/.test(document)),
  ).toEqual([true, true]);
  expect((JSON.parse(sarif) as { runs: { properties: unknown }[] }).runs[0]?.properties).toEqual({
    digest: dirty.digest,
  });
  await git("commit", "-qam", "change");
  const committed = await review("HEAD~1");
  expect([summary(committed), committed.digest]).toEqual([summary(dirty), dirty.digest]);
  await expect(review("nowhere")).rejects.toThrow("UNKNOWN_REVISION");

  // A clone without history, with the project in a subfolder of the repository.
  const mono = path.join(path.dirname(root), "mono");
  fs.mkdirSync(mono);
  await run("sh", "-c", `git archive HEAD --prefix=teams/etl/ | tar -x -C ${mono}`);
  const gitInMono = (...words: string[]): Promise<unknown> => git("-C", mono, ...words);
  await gitInMono("init", "-q");
  await gitInMono("add", "-A");
  await gitInMono("commit", "-qm", "one");
  await gitInMono("commit", "-qm", "two", "--allow-empty");
  const shallow = path.join(path.dirname(root), "shallow");
  await git("clone", "-q", "--depth", "1", `file://${mono}`, shallow);
  const project = path.join(shallow, "teams", "etl");
  fs.symlinkSync(path.join(root, "node_modules"), path.join(project, "node_modules"));
  const reviewShallowClone = (ref: string): Promise<unknown> =>
    execute("npx", ["lakeform", "review", "dev", "--base", ref, "--quiet"], { cwd: project });
  await expect(reviewShallowClone("HEAD~1")).rejects.toThrow(
    /the clone is shallow\n.*\n.*git fetch --unshallow/,
  );
  expect(await reviewShallowClone("HEAD")).toMatchObject({
    stdout: expect.stringContaining("nothing to do") as string,
  });
  expect((await git("worktree", "list")).trim().split("\n")).toHaveLength(1);
}
