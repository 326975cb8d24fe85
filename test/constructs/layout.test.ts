import fs from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "..", "..");
const files = (folder: string): string[] =>
  (fs.readdirSync(path.join(root, folder), { recursive: true }) as string[])
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(path.sep).join("/"));

/** Files that only declare types. */
const typesOnly = new Set(["artifacts/artifact.ts"]);

describe("the library's layout", () => {
  test("every construct file has a test with the same stem", () => {
    const tests = new Set(files("test/constructs"));
    const untested = files("constructs").filter(
      (file) => file !== "index.ts" && !typesOnly.has(file) && !tests.has(file.replace(/\.ts$/, ".test.ts")),
    );
    expect(untested).toEqual([]);
  });

  test("every construct with a resource is in the docs", () => {
    const undocumented = files("constructs")
      .filter((file) => /extends Element/.test(fs.readFileSync(path.join(root, "constructs", file), "utf8")))
      .filter((file) => !fs.existsSync(path.join(root, "docs", "constructs", `${path.basename(file, ".ts")}.md`)));
    expect(undocumented).toEqual([]);
  });
});
