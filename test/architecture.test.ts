import fs from "node:fs";
import path from "node:path";
import { inside } from "../scripts/rooms.cjs";

const root = path.join(__dirname, "..");
const large = Object.entries(inside);

function sources(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => path.posix.join(folder, file.split(path.sep).join("/")));
}

describe("rooms", () => {
  test.each(large)("have a list of the files and folders of src/%s", (room, places) => {
    const there = fs.readdirSync(path.join(root, "src", room));
    expect([...there].sort()).toEqual([...places].sort());
  });

  const rooms = large.flatMap(([room, places]) => {
    const folders = places.filter((place) => !place.endsWith(".ts") && place !== "schema");
    return folders.map((folder, position) => ({ room, folder, before: folders[position - 1] }));
  });
  test.each(rooms)(
    "have one entry file in src/$room/$folder, whose head comment names the preceding room",
    ({ room, folder, before }) => {
      const heads = sources(`src/${room}/${folder}`)
        .map((file) => fs.readFileSync(path.join(root, file), "utf8"))
        .filter((text) => /^\/\*\*\n \* Room `/.test(text));
      expect(heads).toHaveLength(1);
      const [comment = ""] = /^\/\*\*[^]*?\*\//.exec(heads[0] ?? "") ?? [];
      const text = comment.replaceAll(/\s*\n \*\s+/g, " ").replace(/^\/\*\*/, "");
      expect(text).toMatch(new RegExp(`^ Room \`${folder}\`: [^.]+\\. It `));
      expect(text).toContain(
        before === undefined
          ? ` It is the first room of \`${room}\`.`
          : ` It may import from \`${before}\`, and from the rooms before it.`,
      );
    },
  );
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

describe("kinds", () => {
  /** The kinds and helpers from before the families: files, jobs, compute, grants. */
  const earlier = ["catalog", "cluster-policy", "cluster", "dbfs-file", "directory", "file", "git-credential", "grant", "grants", "index", "instance-pool", "job-rules", "job-runs", "job-wire", "job", "library", "notebook", "permissions", "repo", "secret-acl", "secret-scope", "secret", "sql-endpoint", "token", "uc-schema", "volume", "workspace-file"]; // prettier-ignore

  test("that came with the families have a median of at most 60 lines, and less than 3,500 in total", () => {
    const lengths = sources("src/resources/kinds")
      .filter((file) => !earlier.includes(path.basename(file, ".ts")))
      .map((file) => fs.readFileSync(path.join(root, file), "utf8").split("\n").length - 1)
      .sort((a, b) => a - b);
    expect(lengths.length).toBeGreaterThanOrEqual(42);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(60);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeLessThan(3500);
  });
});
