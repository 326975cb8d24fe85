import fs from "node:fs";
import path from "node:path";
import { contentOrder } from "../scripts/import-order.cjs";

const root = path.join(__dirname, "..");
const large = Object.entries(contentOrder);

function sources(folder: string, extension = /(?<!\.d)\.ts$/): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => extension.test(file))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")));
}

describe("the large folders", () => {
  test.each(large)(
    "src/%s: import-order.cjs lists every file and subfolder",
    (folder, listedNames) => {
      const names = fs.readdirSync(path.join(root, "src", folder));
      expect([...names].sort()).toEqual([...listedNames].sort());
    },
  );

  const subfolders = large.flatMap(([folder, names]) =>
    names
      .filter((name) => !name.endsWith(".ts") && name !== "schema")
      .map((name) => `src/${folder}/${name}`),
  );
  test.each(subfolders)("one file of %s starts with a description of the folder", (subfolder) => {
    const heads = sources(subfolder)
      .map((file) => fs.readFileSync(path.join(root, file), "utf8"))
      .filter((text) => /^\/\*\*\n \* This folder /.test(text));
    expect(heads).toHaveLength(1);
    const [comment = ""] = /^\/\*\*[^]*?\*\//.exec(heads[0] ?? "") ?? [];
    const text = comment.replaceAll(/\s*\n \*\s+/g, " ").replace(/^\/\*\*/, "");
    expect(text).toMatch(
      /^ This folder [^.]+\. `scripts\/import-order\.cjs` lists what it may import\./,
    );
  });
});

describe("files", () => {
  const files = [...sources("src"), ...sources("constructs"), ...sources("stacks")];

  test("are not named by a pronoun, an adverb or a particle", () => {
    const vague = new Set([
      "named",
      "owned",
      "once",
      "missing",
      "partial",
      "between",
      "hidden",
      "left-out",
      "other",
      "this",
      "it",
      "misc",
      "util",
      "utils",
      "helpers",
    ]);
    expect(files.filter((file) => vague.has(path.basename(file, ".ts")))).toEqual([]);
  });

  test("have at most 450 lines", () => {
    const long = files.map((file) => ({
      file,
      lines: fs.readFileSync(path.join(root, file), "utf8").split("\n").length - 1,
    }));
    expect(long.filter(({ lines }) => lines > 450)).toEqual([]);
  });
});

describe("the code", () => {
  const tracked = ["src", "constructs", "stacks", "scripts", "bench", "test"].flatMap((folder) =>
    sources(folder, /\.[mc]?[jt]s$/),
  );
  const textOf = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");

  test("is formatted by prettier, except for a table of data", () => {
    // The directive is in two parts, because this file is searched, too.
    const unformatted = tracked.filter((file) =>
      textOf(file).includes(["prettier", "ignore"].join("-")),
    );
    expect(unformatted).toEqual(["src/workspace/field-schemas.ts"]);
  });

  test("exports only functions and constants that other files use", () => {
    const filesByWord = new Map<string, Set<string>>();
    for (const file of tracked)
      for (const [word] of textOf(file).matchAll(/[\w$]+/g))
        filesByWord.set(word, (filesByWord.get(word) ?? new Set()).add(file));
    // The packages' users import the names of src/api/index.ts.
    const internal = [...sources("src"), ...sources("constructs")].filter(
      (file) => !/^src\/api\/(families|transport\/errors)/.test(file),
    );
    const unused = internal.flatMap((file) =>
      [...textOf(file).matchAll(/^export (?:async )?(?:function\*?|const) (\w+)/gm)].flatMap(
        ([, name = ""]) => (filesByWord.get(name)?.size === 1 ? [`${file}: ${name}`] : []),
      ),
    );
    expect(unused).toEqual([]);
  });
});

describe("kinds", () => {
  /** The kinds and helpers from before the families: files, jobs, compute, grants. */
  const earlier = [
    "catalog",
    "cluster-policy",
    "cluster",
    "dbfs-file",
    "directory",
    "file",
    "git-credential",
    "grant",
    "grants",
    "index",
    "instance-pool",
    "job-rules",
    "job-runs",
    "job-wire",
    "job",
    "library",
    "notebook",
    "permissions",
    "repo",
    "secret-acl",
    "secret-scope",
    "secret",
    "sql-endpoint",
    "token",
    "uc-schema",
    "volume",
    "workspace-file",
  ];

  test("that came with the families have a median of at most 55 lines of code, and less than 3,300 in total", () => {
    const lengths = sources("src/resources/kinds")
      .filter((file) => !earlier.includes(path.basename(file, ".ts")))
      .map((file) => codeLines(fs.readFileSync(path.join(root, file), "utf8")))
      .sort((a, b) => a - b);
    expect(lengths.length).toBeGreaterThanOrEqual(42);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(55);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(3300);
  });
});

/** Returns the number of lines that are neither empty nor comments. */
function codeLines(source: string): number {
  const lines = source.replaceAll(/\/\*\*[^]*?\*\//g, "").split("\n");
  return lines.filter((line) => !/^\s*(\/\/|$)/.test(line)).length;
}
