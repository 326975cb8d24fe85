import fs from "node:fs";
import path from "node:path";
import { app, folder, git, reviewRevision, useRepository, write } from "./revision-lab";

describe("the revisions of a comparison", () => {
  useRepository();

  it("use their own version of a package in the repository; a different lock file is reported", async () => {
    fs.writeFileSync(path.join(folder, "sizes", "index.js"), "module.exports = 10;");
    fs.writeFileSync(path.join(folder, "package-lock.json"), "2");
    git("commit", "-qam", "bigger");
    const [stack] = (await reviewRevision("HEAD~1", ["dev"])).stacks;
    expect(stack?.changes).toMatchObject([
      { path: "etl-dev/cluster", fields: [{ path: "num_workers", before: 2, after: 12 }] },
    ]);
    expect(stack?.notes.slice(1)).toEqual([
      expect.stringMatching(/^package-lock.json differs in the base: /),
    ]);
    git("rm", "-q", "--cached", "sizes/index.js");
    git("commit", "-qm", "built, not committed");
    expect((await reviewRevision("HEAD", ["dev"])).stacks[0]?.notes.at(-1)).toMatch(
      /^sizes is not in the base, or not built there/,
    );
  });

  it("are read without running the repository's hooks or changing the index of a commit in progress", async () => {
    fs.writeFileSync(
      path.join(folder, ".git", "hooks", "post-checkout"),
      "#!/bin/sh\ntouch ../hooked\n",
      { mode: 0o755 },
    );
    const index = path.join(folder, ".git", "next-index");
    process.env.GIT_INDEX_FILE = index;
    try {
      expect((await reviewRevision("HEAD", ["dev"])).stacks).toHaveLength(1);
    } finally {
      delete process.env.GIT_INDEX_FILE;
    }
    expect(
      [index, path.join(folder, "hooked"), path.join(folder, "..", "hooked")].filter((file) =>
        fs.existsSync(file),
      ),
    ).toEqual([]);
  });

  it("are rejected with the build output if the base does not build", async () => {
    write({ "app.js": "throw new Error('no such luck')" });
    git("commit", "-qam", "broken");
    write({ "app.js": app });
    await expect(reviewRevision("HEAD")).rejects.toMatchObject({
      code: "SYNTH_FAILED",
      message: expect.stringContaining("no such luck") as string,
    });
  });
});
