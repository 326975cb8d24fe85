import { Content, Group, Notebook } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const file = Content.file("stacks/notebooks/ingest_raw_data.py");

describe("notebook", () => {
  test("determines language and hash from its file", () => {
    const { resourceOf } = synth((stack) => {
      const notebook = new Notebook(stack, "notebook", { path: "/Shared/a", content: file });
      expect([defaultChild(notebook), notebook.language]).toEqual([
        "databricks_notebook",
        "PYTHON",
      ]);
    });
    expect(resourceOf("databricks_notebook")).toEqual({
      path: "/Shared/a",
      language: "PYTHON",
      md5: expect.any(String) as unknown,
      source: expect.any(String) as unknown,
    });
  });
  test("sets the format if its file is in Jupyter format", () => {
    const { resourceOf } = synth(
      (stack) =>
        new Notebook(stack, "n", {
          path: "/a",
          content: Content.file("stacks/gallery/files/notebooks/sheet.ipynb"),
        }),
    );
    expect(resourceOf("databricks_notebook")).toMatchObject({
      format: "JUPYTER",
      language: "PYTHON",
    });
  });
  test("takes the language of a Jupyter notebook from the metadata", () => {
    const metadata = {
      "application/vnd.databricks.v1+notebook": { language: "sql" },
      language_info: { name: "python" },
    };
    const content = Content.text(`\uFEFF${JSON.stringify({ cells: [], metadata })}`);
    const { resourceOf } = synth(
      (stack) => new Notebook(stack, "n", { path: "/a", format: "JUPYTER", content }),
    );
    expect(resourceOf("databricks_notebook")).toMatchObject({ format: "JUPYTER", language: "SQL" });
  });
  test("has an access list", () => {
    const { resourceOf } = synth((stack) =>
      new Notebook(stack, "n", { path: "/a", content: file }).permissions.allow(
        "CAN_RUN",
        Group.users,
      ),
    );
    expect(resourceOf("databricks_permissions").notebook_path).toMatch(/databricks_notebook/);
  });
  test("is referenced by its path if it exists already", () => {
    expect(Notebook.fromPath("/Shared/a").renderPath()).toBe("/Shared/a");
    expect(() => Notebook.fromPath("Shared/a")).toThrow("starts with /");
  });
  test("rejects invalid paths, and inline content without a language", () => {
    const codesFor = (path: string): string[] =>
      codes((stack) => new Notebook(stack, "n", { path, content: file }));
    expect(
      ["a", "/Workspace/Shared/a", "/Shared/", "/Shared//a", "/Shared/../a"].map(codesFor),
    ).toEqual(Array(5).fill(["BAD_PATH"]));
    expect(
      codes((stack) => new Notebook(stack, "n", { path: "/a", content: Content.text("1") })),
    ).toEqual(["UNKNOWN_LANGUAGE"]);
  });
});
