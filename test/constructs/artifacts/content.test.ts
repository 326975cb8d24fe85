import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Content, DbfsFile, SqlWarehouse, WorkspaceFile } from "../../../constructs";
import { problems, synth } from "../support";

describe("content", () => {
  test("of a file is an asset next to the stack, with a hash of its bytes and without absolute paths", () => {
    const { resourceOf, directory } = synth(
      (stack) =>
        new DbfsFile(stack, "file", {
          path: "/a",
          content: Content.file("stacks/data/sample.json"),
          acceptDeprecation: "a test",
        }),
    );
    const { source, md5 } = resourceOf("databricks_dbfs_file");
    expect(md5).toMatch(/^[0-9a-f]{32}$/);
    expect(source).toMatch(new RegExp(`^assets/file_Asset_[0-9A-F]+/${String(md5)}/sample.json$`));
    expect(fs.readFileSync(path.join(directory, String(source)))).toEqual(
      fs.readFileSync("stacks/data/sample.json"),
    );
  });
  test("of a file outside the project, or a link to one, is recorded for promotion", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-outside-"));
    try {
      fs.writeFileSync(path.join(folder, "rates.csv"), "1");
      fs.symlinkSync(path.resolve("stacks/data/sample.json"), path.join(folder, "inside.json"));
      const { metadata } = synth((stack) => {
        for (const [index, file] of [
          "stacks/data/sample.json",
          path.join(folder, "inside.json"),
          path.join(folder, "rates.csv"),
        ].entries())
          new DbfsFile(stack, `file${index}`, {
            path: `/${index}`,
            content: Content.file(file),
            acceptDeprecation: "a test",
          });
      });
      const outside = path.relative(
        fs.realpathSync("."),
        fs.realpathSync(path.join(folder, "rates.csv")),
      );
      expect(metadata?.filesOutside).toEqual([outside]);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
  test("of an empty string is rejected, because the provider would fail during the deploy", () => {
    expect(
      problems(
        (stack) => new WorkspaceFile(stack, "file", { path: "/a", content: Content.text("") }),
      ),
    ).toMatchObject([{ code: "EMPTY_CONTENT", details: { path: "test-local/file" } }]);
  });
  test("with an attribute of another resource is rejected, because base64 hides the reference", () => {
    expect(
      problems((stack) => {
        const warehouse = new SqlWarehouse(stack, "reports", {
          name: "reports",
          clusterSize: "Small",
        });
        new WorkspaceFile(stack, "file", {
          path: "/a",
          content: Content.text(`warehouse = "${warehouse.renderWarehouseId()}"`),
        });
      }),
    ).toMatchObject([
      {
        code: "CONTENT_WITH_REFERENCE",
        details: {
          path: "test-local/file",
          value: expect.stringMatching(
            /^\$\{databricks_sql_endpoint\.reports_\w+\.id\}$/,
          ) as string,
        },
      },
    ]);
  });
  test("of a string with braces of another language is inlined", () => {
    const { resourceOf } = synth(
      (stack) =>
        new WorkspaceFile(stack, "file", { path: "/a", content: Content.text("echo ${HOME}") }),
    );
    expect(resourceOf("databricks_workspace_file").content_base64).toBe(
      Buffer.from("echo ${HOME}").toString("base64"),
    );
  });
  test("of a string is inlined in the resource", () => {
    const { resourceOf } = synth(
      (stack) =>
        new DbfsFile(stack, "file", {
          path: "/a",
          content: Content.text("hällo"),
          acceptDeprecation: "a test",
        }),
    );
    expect(resourceOf("databricks_dbfs_file")).toEqual({
      path: "/a",
      content_base64: Buffer.from("hällo").toString("base64"),
    });
  });
  test("of a file that does not exist is rejected without an absolute path", () => {
    const [problem] = problems(
      (stack) =>
        new DbfsFile(stack, "file", {
          path: "/a",
          content: Content.file("stacks/nope.json"),
          acceptDeprecation: "a test",
        }),
    );
    expect(problem).toMatchObject({
      code: "FILE_NOT_FOUND",
      details: { path: "test-local/file", value: "stacks/nope.json" },
    });
  });
});
