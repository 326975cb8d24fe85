import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { dbfsFile } from "../../../src/resources/kinds/dbfs-file";
import { directory } from "../../../src/resources/kinds/directory";
import { notebook } from "../../../src/resources/kinds/notebook";
import { workspaceFile } from "../../../src/resources/kinds/workspace-file";
import { listAll, createAndRead, openKindLab, type KindLab } from "../kind-lab";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

let lab: KindLab;
beforeAll(async () => {
  lab = await openKindLab();
});
afterAll(() => lab.close());

describe("notebook", () => {
  const source = "# Databricks notebook source\nprint(1)\n\n# COMMAND ----------\n\nprint(2)\n";

  test("is created with its folder, read with its content, and listed", async () => {
    const remote = await createAndRead(lab, notebook, {
      path: "/Shared/etl/load",
      language: "PYTHON",
      content_base64: base64(source),
    });
    expect(remote.attributes).toMatchObject({
      path: "/Shared/etl/load",
      language: "PYTHON",
      object_type: "NOTEBOOK",
      workspace_path: "/Workspace/Shared/etl/load",
    });
    expect(remote.content).toEqual(
      await notebook.desiredContent?.({ language: "PYTHON", content_base64: base64(source) }, "."),
    );
    expect((await listAll(lab, notebook, "/Shared/etl")).map(({ id }) => id)).toEqual([
      "/Shared/etl/load",
    ]);
  });

  test("is equal to one with other line endings, without the marker line, or with blank lines at the end", async () => {
    const hash = (text: string) =>
      notebook.desiredContent?.({ language: "PYTHON", content_base64: base64(text) }, ".");
    const expected = await hash(source);
    expect(await hash(source.replaceAll("\n", "\r\n"))).toEqual(expected);
    expect(await hash(`${source.split("\n").slice(1).join("\n")}\n\n`)).toEqual(expected);
    expect(await hash(source.replace("print(2)", "print(3)"))).not.toEqual(expected);
  });

  test("is restored in lab after a manual edit", async () => {
    const desired = {
      path: "/Shared/etl/edited",
      language: "PYTHON",
      content_base64: base64(source),
    };
    const before = await createAndRead(lab, notebook, desired);
    const body = {
      path: desired.path,
      language: "PYTHON",
      format: "SOURCE",
      overwrite: true,
      content: base64("print('other')"),
    };
    await lab.api.post("/api/2.0/workspace/import", body);
    const changed = await notebook.read(lab.reader, desired.path, { known: desired });
    expect(changed?.content).not.toEqual(before.content);
    await notebook.restore?.(lab.api, desired.path, desired, lab.context);
    const after = await notebook.read(lab.reader, desired.path, { known: desired });
    expect(after?.content).toEqual(before.content);
    expect(after?.attributes.object_id).toBe(before.attributes.object_id);
  });

  test("is compared by its cells in Jupyter format", async () => {
    const cells = (outputs: unknown[], metadata: object) =>
      JSON.stringify({
        cells: [
          { cell_type: "code", source: ["print(1)"], metadata: {}, outputs, execution_count: null },
        ],
        metadata,
        nbformat: 4,
        nbformat_minor: 5,
      });
    const hash = (text: string) =>
      notebook.desiredContent?.(
        { format: "JUPYTER", content_base64: base64(text), language: "PYTHON" },
        ".",
      );
    expect(await hash(cells([], {}))).toEqual(
      await hash(
        cells([{ output_type: "stream", text: "1" }], { language_info: { name: "python" } }),
      ),
    );
  });

  test("is read as undefined if it is missing", async () => {
    expect(await notebook.read(lab.reader, "/Shared/none", { known: {} })).toBeUndefined();
  });

  test("causes an error in the plan if its source file does not exist", async () => {
    const problems = await notebook.validatePlan?.(
      { path: "/Shared/x", source: "nope.py" },
      undefined,
      lab.context,
    );
    expect(problems).toEqual([{ path: "source", message: "file nope.py does not exist" }]);
  });

  test("is read without its content if that is too large", async () => {
    const desired = {
      path: "/Shared/etl/big",
      language: "PYTHON",
      content_base64: base64("x = 1\n".repeat(100)),
    };
    await createAndRead(lab, notebook, desired);
    const remote = await notebook.read(lab.reader, desired.path, {
      known: desired,
      maxContentBytes: 50,
    });
    expect(remote?.content).toEqual({ unread: "longer than 50 bytes" });
  });
});

describe("directory", () => {
  test("is created, listed and deleted", async () => {
    const remote = await createAndRead(lab, directory, { path: "/Shared/a/b" });
    expect(remote.attributes).toMatchObject({
      path: "/Shared/a/b",
      workspace_path: "/Workspace/Shared/a/b",
    });
    expect((await listAll(lab, directory, "/Shared/a")).map(({ id }) => id)).toEqual([
      "/Shared/a/b",
    ]);
    await directory.delete(lab.api, "/Shared/a/b", {}, lab.context);
    expect(await directory.read(lab.reader, "/Shared/a/b", { known: {} })).toBeUndefined();
  });

  test("is rejected at the path of another object", async () => {
    await createAndRead(lab, workspaceFile, {
      path: "/Shared/plain.txt",
      content_base64: base64("x"),
    });
    const options = { known: {}, deep: false };
    await expect(directory.read(lab.reader, "/Shared/plain.txt", options)).rejects.toMatchObject({
      code: "NOT_A_DIRECTORY",
    });
    // The verifier reports the folder as missing.
    expect(await directory.read(lab.reader, "/Shared/plain.txt", { known: {} })).toBeUndefined();
  });
});

describe("workspace file", () => {
  test("is compared by its bytes", async () => {
    const desired = { path: "/Shared/conf/app.yml", content_base64: base64("a: 1\n") };
    const remote = await createAndRead(lab, workspaceFile, desired);
    expect(remote.content).toEqual({
      sha256: createHash("sha256").update("a: 1\n").digest("hex"),
      size: 5,
      text: "a: 1\n",
    });
    expect(remote.content).toEqual(await workspaceFile.desiredContent?.(desired, "."));
    expect((await listAll(lab, workspaceFile, "/Shared/conf")).map(({ id }) => id)).toEqual([
      "/Shared/conf/app.yml",
    ]);
  });
});

describe("DBFS file", () => {
  test("is uploaded in blocks and read in pieces", async () => {
    const bytes = Buffer.alloc(2_300_001, "0123456789abcdef");
    writeFileSync(path.join(lab.context.directory, "big.bin"), bytes);
    const desired = { path: "/tmp/big.bin", source: "big.bin" };
    const remote = await createAndRead(lab, dbfsFile, desired);
    expect(remote.attributes).toEqual({
      path: "/tmp/big.bin",
      dbfs_path: "dbfs:/tmp/big.bin",
      file_size: bytes.length,
    });
    expect(remote.content).toEqual({
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
    });
    expect(remote.content).toEqual(await dbfsFile.desiredContent?.(desired, lab.context.directory));
    const blocks = lab.workspace.journal({ path: "/api/2.0/dbfs/add-block" });
    expect(blocks).toHaveLength(3);
  });

  test("creates an empty file", async () => {
    writeFileSync(path.join(lab.context.directory, "empty"), "");
    const remote = await createAndRead(lab, dbfsFile, { path: "/tmp/empty", source: "empty" });
    expect(remote.content).toMatchObject({ size: 0 });
  });

  test("leaves nothing behind if the source cannot be read", async () => {
    const upload = dbfsFile.create(
      lab.api,
      { path: "/tmp/never", source: "missing.bin" },
      lab.context,
    );
    await expect(upload).rejects.toMatchObject({ code: "SOURCE_UNREADABLE" });
    expect(await dbfsFile.read(lab.reader, "/tmp/never", { known: {} })).toBeUndefined();
  });

  test("has a removal command", () => {
    expect(dbfsFile.removal({ id: "/tmp/it's", attributes: {} })).toBe(
      `lakeform api POST /api/2.0/dbfs/delete --json '{"path":"/tmp/it'\\''s"}'`,
    );
  });
});
