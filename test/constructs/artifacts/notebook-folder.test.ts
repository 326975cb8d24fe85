import { NotebookFolder } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("notebook folder", () => {
  test("contains every notebook below it, created after the folder", () => {
    const { resourcesOf } = synth((stack) => {
      const folder = new NotebookFolder(stack, "f", {
        folder: "stacks/gallery/files/notebooks",
        path: "/Shared/n",
      });
      expect(folder.notebooks.map(({ path }) => path)).toEqual([
        "/Shared/n/one",
        "/Shared/n/reports/daily",
        "/Shared/n/sheet",
      ]);
      expect(folder.notebook("reports/daily").language).toBe("SQL");
      expect(defaultChild(folder)).toBe("databricks_directory");
    });
    expect(resourcesOf("databricks_notebook").map((notebook) => notebook.depends_on)).toEqual(
      Array(3).fill([expect.stringMatching(/^databricks_directory\./)]),
    );
  });
  test("rejects an unknown notebook and an unknown folder", () => {
    const folder = (path: string, name?: string): string[] =>
      codes((stack) => {
        const notebooks = new NotebookFolder(stack, "f", { folder: path, path: "/Shared/n" });
        if (name !== undefined) notebooks.notebook(name);
      });
    expect(folder("stacks/gallery/files/notebooks", "two")).toEqual(["UNKNOWN_NOTEBOOK"]);
    expect(folder("stacks/nowhere")).toEqual(["FILE_NOT_FOUND"]);
  });
});
