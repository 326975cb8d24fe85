import fs from "node:fs";
import path from "node:path";

describe("the module of the bindings", () => {
  test("is the only file that imports cdktf and the generated bindings", () => {
    const root = path.join(__dirname, "..", "..", "..");
    const files = ["constructs", "stacks"].flatMap((folder) =>
      (fs.readdirSync(path.join(root, folder), { recursive: true }) as string[])
        .filter((file) => file.endsWith(".ts"))
        .map((file) => path.join(folder, file)),
    );
    const importers = files.filter((file) =>
      /from "(cdktf|@cdktf\/|cdktn|constructs")/.test(
        fs.readFileSync(path.join(root, file), "utf8"),
      ),
    );
    expect(importers).toEqual([path.join("constructs", "core", "bindings.ts")]);
  });

  test("loads resource classes on demand from the project's toolkit", () => {
    const bundle = fs.readFileSync(
      path.join(__dirname, "..", "..", "..", "dist", "constructs", "core", "bindings.js"),
      "utf8",
    );
    expect(bundle).toContain("toolkitModule(`@cdktf/provider-databricks/lib/${name}`)");
    expect(bundle).not.toMatch(/equire\w*\([`"](@cdktf|cdktf)/);
  });
});
