import fs from "node:fs";
import path from "node:path";
import { renderReport, type VerifyReport } from "../../../src/verify";
import { readSchema, schemaProblems } from "../../support/json-schema";
import { makeFolder, removeFolders } from "../../support/project";
import { check, deployDirect, openLab, type Lab } from "../harness";

const password = "correct-horse-battery-staple-42";
const notebookWith = (changing: string): string =>
  [
    "# Databricks notebook source",
    ...Array.from({ length: 40 }, (_, index) => `step_${index} = ${index}`),
    changing,
    "print(step_1)",
    "",
  ].join("\n");

let lab: Lab;
let report: VerifyReport;

beforeAll(async () => {
  lab = await openLab();
  const folder = makeFolder("content-diff");
  const write = (name: string, content: string | Buffer): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return name;
  };
  const importContent = (
    path: string,
    content: string | Buffer,
    fields: object,
  ): Promise<unknown> =>
    lab.client.post("/api/2.0/workspace/import", {
      path: path,
      content: Buffer.from(content).toString("base64"),
      overwrite: true,
      ...fields,
    });
  const jupyter = (source: string): string =>
    JSON.stringify({ cells: [{ cell_type: "code", source, metadata: {} }], metadata: {} });
  const deployed = await deployDirect(
    lab,
    {
      databricks_directory: { shared: { path: "/Shared/diff" } },
      databricks_secret_scope: { etl: { name: "etl" } },
      databricks_secret: { api: { scope: "etl", key: "api", string_value: password } },
      databricks_notebook: {
        python: {
          path: "/Shared/diff/python",
          source: write("a.py", notebookWith("limit = 10")),
          language: "PYTHON",
        },
        sql: {
          path: "/Shared/diff/sql",
          source: write("b.sql", "-- Databricks notebook source\nSELECT 1\n"),
          language: "SQL",
        },
        cells: {
          path: "/Shared/diff/cells",
          source: write("c.ipynb", jupyter("a = 1\nb = 2")),
          language: "PYTHON",
          format: "JUPYTER",
        },
      },
      databricks_workspace_file: {
        wheel: { path: "/Shared/diff/x.bin", source: write("x.bin", Buffer.from([0, 1, 2, 255])) },
        large: {
          path: "/Shared/diff/large.txt",
          source: write("large.txt", "line\n".repeat(60_000)),
        },
        other: { path: "/Shared/diff/other.txt", source: write("other.txt", "old\n".repeat(1001)) },
        rewritten: {
          path: "/Shared/diff/rewritten.txt",
          source: write("rewritten.txt", "old\n".repeat(700)),
        },
      },
    },
    { directory: folder },
  );
  const pasted = `limit = 20\ntoken = "${password}"\naws = "AKIAIOSFODNN7EXAMPLE"\nhtml = "</pre><script>1</script>"\tif a`;
  await importContent("/Shared/diff/python", notebookWith(pasted), {
    format: "SOURCE",
    language: "PYTHON",
  });
  await importContent("/Shared/diff/sql", "-- Databricks notebook source\nSELECT 2\n", {
    format: "SOURCE",
    language: "SQL",
  });
  await importContent("/Shared/diff/cells", jupyter("a = 1\nb = 3"), {
    format: "JUPYTER",
    language: "PYTHON",
  });
  await importContent("/Shared/diff/x.bin", Buffer.from([0, 1, 2, 254]), { format: "RAW" });
  await importContent("/Shared/diff/large.txt", "line\n".repeat(60_001), { format: "RAW" });
  await importContent("/Shared/diff/rewritten.txt", "new\n".repeat(700), { format: "RAW" });
  await importContent("/Shared/diff/other.txt", "new\n".repeat(1001), { format: "RAW" });
  report = await check(lab, deployed, { directory: folder });
}, 60_000);
afterAll(async () => {
  await lab.close();
  removeFolders();
});

function contentOf(address: string): {
  readonly diff?: readonly string[];
  readonly diffNote?: string;
} {
  const finding = report.resources
    .find((resource) => resource.address === address)
    ?.findings.find(({ field }) => field === "content");
  return {
    ...(finding?.diff && { diff: finding.diff }),
    ...(finding?.diffNote !== undefined && { diffNote: finding.diffNote }),
  };
}

test("a changed notebook has a diff of its lines, with context, the line numbers of the file, and without secrets", () => {
  expect(contentOf("databricks_notebook.python").diff).toEqual([
    "@@ -40,4 +40,7 @@",
    " step_38 = 38",
    " step_39 = 39",
    "-limit = 10",
    "+limit = 20",
    '+token = "(sensitive)"',
    '+aws = "(sensitive)"',
    '+html = "</pre><script>1</script>"\tif a',
    " print(step_1)",
  ]);
  expect(contentOf("databricks_notebook.sql").diff).toEqual([
    "@@ -1,2 +1,2 @@",
    " ",
    "-SELECT 1",
    "+SELECT 2",
  ]);
});

test("a Jupyter notebook is shown by its cells", () =>
  expect(contentOf("databricks_notebook.cells").diff).toEqual([
    "@@ -1,3 +1,3 @@",
    " # %% [code]",
    " a = 1",
    "-b = 2",
    "+b = 3",
  ]));

test("binary and long files have no diff, and a long diff is truncated, which the report states", () => {
  expect(contentOf("databricks_workspace_file.wheel")).toEqual({
    diffNote: "no line diff: not text",
  });
  expect(contentOf("databricks_workspace_file.large")).toEqual({
    diffNote: "no line diff: longer than 256 KiB",
  });
  expect(contentOf("databricks_workspace_file.other")).toEqual({
    diffNote: "no line diff: more than 2000 lines differ",
  });
  const rewritten = contentOf("databricks_workspace_file.rewritten");
  expect(rewritten.diff).toHaveLength(500);
  expect(rewritten.diffNote).toBe("901 more lines of the diff are not shown");
});

test("HTML, Markdown and text show the diff, JSON matches its schema, and no format shows a secret", async () => {
  const html = await renderReport(report, "html");
  expect(html).toContain(
    '<span class="removed">-limit = 10</span>\n<span class="added">+limit = 20</span>',
  );
  expect(html).toContain("lines that differ: − code, + workspace");
  expect(html).toContain("&lt;/pre&gt;&lt;script&gt;1&lt;/script&gt;&quot;\tif a");
  expect(html).not.toContain("<script>1");
  const markdown = await renderReport(report, "markdown");
  expect(markdown).toContain(
    "\n  ```diff\n  @@ -1,2 +1,2 @@\n   \n  -SELECT 1\n  +SELECT 2\n  ```\n",
  );
  expect(markdown).toContain("  440 more lines: see the HTML report\n");
  const text = await renderReport(report, "text");
  expect(text).toContain("\n      -limit = 10\n      +limit = 20\n");
  expect(text).toContain("      … 480 more lines: --out report.html\n");
  expect(
    schemaProblems(
      JSON.parse(await renderReport(report, "json")),
      readSchema("docs/schemas/verify-report.schema.json"),
    ),
  ).toEqual([]);
  for (const page of [html, markdown, text, await renderReport(report, "json")]) {
    expect(page).not.toContain(password);
    expect(page).not.toContain("AKIAIOSFODNN7EXAMPLE");
  }
});
