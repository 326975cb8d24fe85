import { git, reviewRevision, useRepository, write } from "./revision-lab";

describe("a review against a revision", () => {
  useRepository();

  it("needs no workspace, compares files by content, and leaves no worktree behind", async () => {
    write({ "workers.txt": "5", "n.py": "a = 1\nb = 3\n", "environments.txt": "dev test" });
    const review = await reviewRevision("HEAD");
    expect(review).toMatchObject({ mode: "base", base: "HEAD" });
    expect(
      review.stacks.map(({ stack, counts }) => [
        stack,
        counts.create,
        counts.update,
        counts.delete,
      ]),
    ).toEqual([
      ["etl-dev", 0, 2, 0],
      ["etl-prod", 0, 0, 4],
      ["etl-test", 4, 0, 0],
    ]);
    expect(review.stacks[0]?.changes.flatMap(({ fields }) => fields)).toMatchObject([
      { path: "content", diff: expect.stringContaining("-b = 2\n+b = 3") as string },
      { path: "num_workers", before: 2, after: 5 },
    ]);
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(git("status", "--porcelain", "--untracked-files=no").trim().split("\n")).toHaveLength(3);
  });

  it("lists a removed stack with its constructs and a note that a deploy does not destroy it", async () => {
    write({ "environments.txt": "dev" });
    const [, removedStack] = (await reviewRevision("HEAD")).stacks;
    expect(removedStack).toMatchObject({
      stack: "etl-prod",
      environment: "prod",
      suppressions: [],
    });
    expect(
      removedStack?.changes.map(({ action, path: constructPath }) => [action, constructPath]),
    ).toContainEqual(["delete", "etl-prod/cluster"]);
    expect(removedStack?.notes).toEqual([
      expect.stringContaining("a deploy does not destroy it"),
      expect.stringContaining("only the code was compared"),
      "the review includes 1 uncommitted file of the working copy",
    ]);
  });

  it("shows replacements, with the field that forces each", async () => {
    write({ "schema.txt": "raw_events", "permission.txt": "WRITE" });
    const [stack] = (await reviewRevision("HEAD", ["dev"])).stacks;
    expect(stack?.counts).toMatchObject({ create: 0, update: 0, replace: 2, delete: 0 });
    expect(stack?.changes).toMatchObject([
      { address: "databricks_schema.s", action: "replace", forcedBy: ["name"] },
      { address: "databricks_secret_acl.a", action: "replace", forcedBy: ["permission"] },
    ]);
    expect(stack?.flags.map(({ kind }) => kind)).toEqual(["stateful", "permissions"]);
  });

  it("has no changes if the revision equals the working copy", async () => {
    const review = await reviewRevision("HEAD", ["dev"]);
    expect(review.stacks.map(({ stack, changes }) => [stack, changes])).toEqual([["etl-dev", []]]);
  });

  it.each([
    ["an unknown revision", "nowhere", [], "UNKNOWN_REVISION"],
    ["an option as a revision", "--all", [], "UNKNOWN_REVISION"],
    ["an unknown stack", "HEAD", ["qa"], "UNKNOWN_STACK"],
  ])("rejects %s", async (_, ref, selection, code) => {
    await expect(reviewRevision(ref, selection)).rejects.toMatchObject({ code });
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });
});
