import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { connect, families } from "../../src/api";
import { command, type CommandResult } from "./command";
import { useWorkspace } from "../support/workspace";

describe("lakeform fs", () => {
  const workspace = useWorkspace();
  const cwd = mkdtempSync(path.join(os.tmpdir(), "lakeform-fs-"));
  const lakeform = (...args: string[]): Promise<CommandResult> =>
    command(
      ["fs", ...args],
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token },
      { cwd },
    );
  beforeAll(async () => {
    const client = connect({ host: workspace.host, token: workspace.token, env: {} });
    const { unityCatalog } = families(client);
    await unityCatalog.createCatalog({ name: "lake" });
    await unityCatalog.createSchema({ catalog_name: "lake", name: "raw" });
    await unityCatalog.createVolume({ catalog_name: "lake", schema_name: "raw", name: "files" });
    await client.close();
    writeFileSync(path.join(cwd, "small.txt"), "hello");
    writeFileSync(
      path.join(cwd, "blocks.bin"),
      Buffer.from(Array.from({ length: 2_500_000 }, (_unused, index) => index % 251)),
    );
    mkdirSync(path.join(cwd, "tree", "deep"), { recursive: true });
    writeFileSync(path.join(cwd, "tree", "a.txt"), "a");
    writeFileSync(path.join(cwd, "tree", "deep", "b.txt"), "b");
  });

  describe("a copy without --overwrite", () => {
    afterEach(() => workspace.faults.clear());
    const faults = ["before", "after"].flatMap((when) =>
      [{ status: 503 }, { drop: true }].map((fault) => ({ when, ...fault })),
    );

    test.each([
      ["dbfs:/once", "POST", "/api/2.0/dbfs/*"],
      ["/Workspace/Shared/once", "POST", "/api/2.0/workspace/import"],
      ["/Volumes/lake/raw/files/once", "PUT", "/api/2.0/fs/files/*"],
    ])(
      "succeeds and is complete despite failed calls and lost responses: %s",
      async (folder, method, route) => {
        for (const [index, fault] of faults.entries())
          for (const file of ["small.txt", "blocks.bin"]) {
            workspace.faults.add({ method, path: route, nth: 1, ...fault });
            const target = `${folder}/${index}-${file}`;
            expect([fault, await lakeform("cp", file, target)]).toEqual([
              fault,
              expect.objectContaining({ code: 0 }),
            ]);
            workspace.faults.clear();
            await lakeform("cp", target, "back.bin", "--overwrite");
            expect(
              readFileSync(path.join(cwd, "back.bin")).equals(readFileSync(path.join(cwd, file))),
            ).toBe(true);
          }
      },
    );

    test.each(["dbfs:/theirs", "/Workspace/Shared/theirs", "/Volumes/lake/raw/files/theirs"])(
      "is rejected if another file exists: %s",
      async (target) => {
        await lakeform("cp", "blocks.bin", target);
        expect(await lakeform("cp", "small.txt", target)).toMatchObject({
          code: 1,
          stderr: expect.stringContaining("FILE_EXISTS") as string,
        });
      },
    );
  });

  test("a second process continues a failed upload after the last accepted block", async () => {
    const home = mkdtempSync(path.join(os.tmpdir(), "lakeform-home-"));
    const lakeformWithHome = (...args: string[]): Promise<CommandResult> =>
      command(
        ["fs", ...args],
        { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token, HOME: home },
        { cwd },
      );
    writeFileSync(
      path.join(cwd, "resume.bin"),
      Buffer.alloc(12_500_000, "a pattern whose length does not divide the block size"),
    );
    const uploadsFolder = path.join(home, ".local", "state", "lakeform", "uploads");
    workspace.faults.add({ path: "/api/2.0/dbfs/add-block", nth: 6, status: 403 });
    expect((await lakeformWithHome("cp", "resume.bin", "dbfs:/resume.bin")).stderr).toContain(
      "API_FORBIDDEN",
    );
    workspace.faults.clear();
    expect(readdirSync(uploadsFolder)).toHaveLength(1);
    const secondRun = await command(
      ["--debug", "fs", "cp", "resume.bin", "dbfs:/resume.bin"],
      { DATABRICKS_HOST: workspace.host, DATABRICKS_TOKEN: workspace.token, HOME: home },
      { cwd },
    );
    expect(secondRun).toMatchObject({ code: 0 });
    // 13 blocks of 1 MB, of which 5 were accepted.
    expect(secondRun.stderr.match(/> POST \S+add-block/g)).toHaveLength(8);
    await lakeformWithHome("cp", "dbfs:/resume.bin", "resumed.bin");
    expect(
      readFileSync(path.join(cwd, "resumed.bin")).equals(
        readFileSync(path.join(cwd, "resume.bin")),
      ),
    ).toBe(true);
    expect(readdirSync(uploadsFolder)).toEqual([]);
  });
});
