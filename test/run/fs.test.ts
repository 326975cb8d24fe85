import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { connect, families } from "../../src/api";
import { FileSystem } from "../../src/run/files";
import { openLocal } from "../../src/run/local-source";
import { parseLocation } from "../../src/run/file-location";
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

  test("parses paths", () => {
    const kinds = [
      "dbfs:/a/b/",
      "/Volumes/c/s/v",
      "dbfs:/Volumes/c/s/v/f",
      "/Workspace/Shared",
      "x/y",
      "/tmp/z",
    ].map((filePath) => parseLocation(filePath, "/here"));
    expect(kinds).toEqual([
      { kind: "dbfs", path: "/a/b" },
      { kind: "volume", path: "/Volumes/c/s/v" },
      { kind: "volume", path: "/Volumes/c/s/v/f" },
      { kind: "workspace", path: "/Workspace/Shared" },
      { kind: "local", path: "/here/x/y" },
      { kind: "local", path: "/tmp/z" },
    ]);
    expect(() => parseLocation("dbfs:a", "/")).toThrow("a DBFS path must be absolute");
  });

  test.each(["dbfs:/in", "/Workspace/Shared/in", "/Volumes/lake/raw/files/in"])(
    "copies small files, files of several blocks and folders to and from %s",
    async (folder) => {
      expect(await lakeform("cp", "small.txt", `${folder}/small.txt`)).toMatchObject({
        code: 0,
        stdout: `${path.join(cwd, "small.txt")} -> ${folder}/small.txt (5 B)\n`,
      });
      expect(await lakeform("cp", "blocks.bin", `${folder}/blocks.bin`)).toMatchObject({ code: 0 });
      expect((await lakeform("cat", `${folder}/small.txt`)).stdout).toBe("hello");
      await lakeform("cp", `${folder}/blocks.bin`, "back.bin", "--overwrite");
      expect(
        readFileSync(path.join(cwd, "back.bin")).equals(readFileSync(path.join(cwd, "blocks.bin"))),
      ).toBe(true);

      expect(await lakeform("cp", "tree", folder, "-r")).toMatchObject({ code: 0 });
      const listing = await lakeform("ls", `${folder}/tree`, "--format", "json");
      expect(JSON.parse(listing.stdout)).toMatchObject({
        schema: "lakeform/files/1",
        entries: [
          { name: "a.txt", directory: false, size: 1 },
          { name: "deep", directory: true },
        ],
      });
      const localCopy = `from-${folder.split("/")[1] ?? ""}`;
      await lakeform("cp", `${folder}/tree`, localCopy, "-r");
      expect(readFileSync(path.join(cwd, localCopy, "deep", "b.txt"), "utf8")).toBe("b");

      expect(await lakeform("cp", "small.txt", `${folder}/small.txt`)).toMatchObject({ code: 1 });
      expect((await lakeform("rm", `${folder}/tree`)).stderr).toContain("DIRECTORY_NOT_EMPTY");
      expect((await lakeform("rm", `${folder}/tree`, "-r")).stdout).toBe(
        `removed ${folder}/tree\n`,
      );
      expect((await lakeform("ls", `${folder}/tree`)).stderr).toContain("NO_SUCH_FILE");
    },
  );

  test("shows catalogs, schemas and volumes as folders that cannot be written to", async () => {
    const listNames = async (folderPath: string): Promise<string> =>
      (await lakeform("ls", folderPath)).stdout
        .replace(/^SIZE.*\n/, "")
        .replaceAll(/^[-\s]+/gm, "");
    expect(await listNames("/Volumes")).toContain("lake/");
    expect(await listNames("/Volumes/lake")).toContain("raw/");
    expect(await listNames("/Volumes/lake/raw")).toBe("files/\n");
    expect((await lakeform("ls", "/Volumes/nope")).stderr).toContain("NO_SUCH_FILE");
    for (const args of [
      ["cp", "small.txt", "/Volumes/lake/raw"],
      ["cp", "tree", "/Volumes/lake", "-r"],
      ["rm", "/Volumes/lake/raw/files", "-r"],
    ])
      expect((await lakeform(...args)).stderr).toContain("NOT_IN_A_VOLUME");
  });

  test("adds an extension to a notebook on disk, and copies it as a notebook within the workspace", async () => {
    mkdirSync(path.join(cwd, "books"));
    const sources: Record<string, string> = {
      "a.py": "# Databricks notebook source\nprint(1)",
      "b.sql": "-- Databricks notebook source\nselect 1",
      "c.scala": "// Databricks notebook source\nval x = 1",
      "d.r": "# Databricks notebook source\nx <- 1",
      "e.ipynb": JSON.stringify({
        cells: [],
        metadata: { language_info: { name: "python" } },
        nbformat: 4,
        nbformat_minor: 5,
      }),
      "f.py": "print('no notebook')",
    };
    for (const [name, text] of Object.entries(sources))
      writeFileSync(path.join(cwd, "books", name), text);
    expect(await lakeform("cp", "books", "/Workspace/Shared/books", "-r")).toMatchObject({
      code: 0,
    });
    expect(
      await lakeform("cp", "/Workspace/Shared/books", "/Workspace/Shared/again", "-r"),
    ).toMatchObject({ code: 0 });
    expect((await lakeform("ls", "/Workspace/Shared/again")).stdout.match(/\S+$/gm)).toEqual([
      "NAME",
      "a",
      "b",
      "c",
      "d",
      "e",
      "f.py",
    ]);
    expect(await lakeform("cp", "/Workspace/Shared/again", "books-back", "-r")).toMatchObject({
      code: 0,
    });
    expect(readdirSync(path.join(cwd, "books-back"))).toEqual(Object.keys(sources));
    for (const name of ["a.py", "b.sql", "c.scala", "d.r"])
      expect(readFileSync(path.join(cwd, "books-back", name), "utf8").trim()).toBe(sources[name]);
    expect(JSON.parse(readFileSync(path.join(cwd, "books-back", "e.ipynb"), "utf8"))).toMatchObject(
      { nbformat: 4 },
    );
    expect(
      await lakeform("cp", "/Workspace/Shared/again/a", "/Volumes/lake/raw/files"),
    ).toMatchObject({ code: 0 });
    expect((await lakeform("ls", "/Volumes/lake/raw/files/a.py")).code).toBe(0);
  });

  test.each(["/Workspace/Shared/kinds", "/Volumes/lake/raw/files/kinds"])(
    "copies a folder from dbfs:/ to %s",
    async (target) => {
      await lakeform("cp", "tree", "dbfs:/kinds", "-r", "--overwrite");
      const copyResult = await lakeform("cp", "dbfs:/kinds", target, "-r");
      expect(copyResult).toMatchObject({ code: 0 });
      expect((await lakeform("cat", `${target}/deep/b.txt`)).stdout).toBe("b");
      // Existing files are not replaced without --overwrite.
      expect((await lakeform("cp", "dbfs:/kinds/a.txt", target)).stderr).toMatch(
        /FILE_EXISTS[\s\S]*--overwrite/,
      );
      expect(await lakeform("cp", "dbfs:/kinds/a.txt", target, "--overwrite")).toMatchObject({
        code: 0,
      });
    },
  );

  test.each(["dbfs:/half", "/Workspace/Shared/half", "/Volumes/lake/raw/files/half", "half"])(
    "copies no part of a folder if a target exists in %s",
    async (parent) => {
      const treePath = `${parent}/tree`;
      await lakeform("cp", "tree", treePath, "-r");
      await lakeform("rm", `${treePath}/a.txt`);
      const secondCopy = await lakeform("cp", "tree", parent, "-r");
      expect(secondCopy).toMatchObject({ code: 1, stdout: "" });
      expect(secondCopy.stderr).toMatch(
        /FILE_EXISTS: 1 of 2 targets exist; nothing was copied\n {2}given: .*deep\/b\.txt\n {2}fix: .*--overwrite/,
      );
      expect((await lakeform("cat", `${treePath}/a.txt`)).code).toBe(1);
      expect(await lakeform("cp", "tree", parent, "-r", "--overwrite")).toMatchObject({ code: 0 });
      expect((await lakeform("cat", `${treePath}/a.txt`)).stdout).toBe("a");
    },
  );

  test("copies within the workspace", async () => {
    await lakeform("cp", "small.txt", "dbfs:/one.txt");
    expect(await lakeform("cp", "dbfs:/one.txt", "/Workspace/Shared/two.txt")).toMatchObject({
      code: 0,
    });
    expect((await lakeform("cat", "/Workspace/Shared/two.txt")).stdout).toBe("hello");
  });

  test("rejects a missing file, a folder without -r, and a file that is too large for the workspace", async () => {
    expect((await lakeform("cp", "nope.txt", "dbfs:/x")).stderr).toContain("NO_SUCH_FILE");
    expect((await lakeform("cp", "tree", "dbfs:/x")).stderr).toContain("IS_A_DIRECTORY");
    writeFileSync(path.join(cwd, "large.bin"), Buffer.alloc(11 * 1024 * 1024));
    expect((await lakeform("cp", "large.bin", "/Workspace/Shared/large.bin")).stderr).toMatch(
      /FILE_TOO_LARGE[\s\S]*\/Volumes/,
    );
  });

  test("rejects a file that changes during upload, and leaves no partial file", async () => {
    const file = path.join(cwd, "changing.bin");
    writeFileSync(file, Buffer.alloc(3_000_000));
    const client = connect({ host: workspace.host, token: workspace.token, env: {} });
    const files = new FileSystem(client);
    const target = parseLocation("dbfs:/changing.bin", "/");
    let isChanged = false;
    const options = {
      overwrite: true,
      scratch: cwd,
      onProgress: () => {
        if (!isChanged) appendFileSync(file, "more");
        isChanged = true;
      },
    };
    await expect(files.copyFile(parseLocation(file, "/"), target, options)).rejects.toMatchObject({
      code: "FILE_CHANGED",
      message: expect.stringContaining("3000000 bytes became 3000004") as string,
    });
    expect(await files.stat(target)).toBeUndefined();
    await client.close();
  });

  test("uploads the complete file despite lost responses", async () => {
    const client = connect({
      host: workspace.host,
      token: workspace.token,
      env: {},
      retry: { baseMs: 1, capMs: 2 },
    });
    workspace.faults.add({ path: "/api/2.0/dbfs/add-block", nth: 2, drop: true, when: "after" });
    workspace.faults.add({ path: "/api/2.0/dbfs/close", nth: 1, drop: true, when: "after" });
    const source = await openLocal(path.join(cwd, "blocks.bin"));
    await families(client).dbfs.write("/lost.bin", source);
    workspace.faults.clear();
    await lakeform("cp", "dbfs:/lost.bin", "lost.bin");
    expect(
      readFileSync(path.join(cwd, "lost.bin")).equals(readFileSync(path.join(cwd, "blocks.bin"))),
    ).toBe(true);
    await source.close();
    await client.close();
  });

  test("rejects copying a folder into itself, for any kind of path", async () => {
    expect((await lakeform("cp", "tree", "tree/deep", "-r")).stderr).toContain("COPY_INTO_ITSELF");
    await lakeform("cp", "tree", "dbfs:/loop", "-r");
    expect((await lakeform("cp", "dbfs:/loop", "dbfs:/loop/x", "-r")).stderr).toContain(
      "COPY_INTO_ITSELF",
    );
  });

  test("prints a file as JSON with cat", async () => {
    const result = await lakeform("cat", "small.txt", "--format", "json");
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: "lakeform/file/1",
      encoding: "base64",
      content: "aGVsbG8=",
    });
  });

  test("leaves no partial file after a failed download", async () => {
    workspace.faults.add({ path: "/api/2.0/dbfs/read", status: 403 });
    await lakeform("cp", "blocks.bin", "dbfs:/refused.bin", "--overwrite");
    expect((await lakeform("cp", "dbfs:/refused.bin", "refused.bin")).stderr).toContain(
      "API_FORBIDDEN",
    );
    workspace.faults.clear();
    expect(existsSync(path.join(cwd, "refused.bin"))).toBe(false);
  });

  describe("an interrupted download from a volume", () => {
    const content = Buffer.from(Array.from({ length: 300_000 }, (_unused, index) => index % 241));
    /** Interrupts each response after 100,000 bytes. */
    const volume = http.createServer((request, response) => {
      const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const remaining = content.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        "content-length": remaining.length,
        "last-modified": modified,
      });
      if (request.method === "HEAD") response.end();
      else
        response.write(remaining.subarray(0, 100_000), () =>
          remaining.length > 100_000 ? setTimeout(() => response.destroy(), 20) : response.end(),
        );
    });
    let modified: string;
    const download = (...args: string[]): Promise<CommandResult> =>
      command(
        ["fs", "cp", "/Volumes/lake/raw/files/big.bin", ...args],
        {
          DATABRICKS_HOST: `http://127.0.0.1:${(volume.address() as AddressInfo).port}`,
          DATABRICKS_TOKEN: "x",
        },
        { cwd },
      );
    beforeAll(() => new Promise<void>((resolve) => volume.listen(0, "127.0.0.1", resolve)));
    beforeEach(() => (modified = "Mon, 01 Jan 2024 00:00:00 GMT"));
    afterAll(() => volume.close());

    test("is resumed, with a message", async () => {
      const result = await download("big.bin");
      expect(result).toMatchObject({ code: 0 });
      expect(
        result.stderr.match(/the connection was lost after .* the download resumes there/g),
      ).toHaveLength(2);
      expect(readFileSync(path.join(cwd, "big.bin")).equals(content)).toBe(true);
    });

    test("fails if the file was replaced in the meantime", async () => {
      volume.on("request", (request) => {
        if (request.method === "GET") modified = "Mon, 01 Jan 2024 00:00:01 GMT";
      });
      const result = await download("changed.bin");
      expect(result.stderr).toMatch(/FILE_CHANGED: the file changed while it was downloaded/);
      expect(existsSync(path.join(cwd, "changed.bin"))).toBe(false);
    });
  });
});
