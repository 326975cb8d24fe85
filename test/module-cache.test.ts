import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { makeFolder, removeFolders, repository } from "./support/project";

describe("the cache of modules", () => {
  afterAll(removeFolders);

  const script = `
const { ModuleCache } = require(${JSON.stringify(path.join(repository, "dist/src/module-cache.js"))});
const library = new ModuleCache("library-1.0.0").load(() => require("library"));
library.run().then((text) => {
  process.stdout.write(text);
  process.exitCode = Number(process.argv[2] ?? 0);
});`;

  /** A package whose text is in one of its two files. */
  function install(folder: string, text: string): void {
    const library = path.join(folder, "node_modules", "library");
    fs.mkdirSync(library, { recursive: true });
    const map = "//# sourceMappingURL=data:application/json;base64,e30=\n";
    fs.writeFileSync(
      path.join(library, "index.js"),
      `const { text } = require("./text");
exports.run = async () => {
  const line = /index.js:(\\d+)/.exec(new Error().stack)[1];
  return [text(), (await import("node:path")).basename(module.filename), this === exports, line].join(" ");
};
${map}`,
    );
    fs.writeFileSync(path.join(library, "text.js"), `exports.text = () => "${text}";\n${map}`);
    fs.writeFileSync(path.join(folder, "app.js"), script);
  }

  function run(folder: string, options: { exitCode?: number; nodeFlags?: string[] } = {}): string {
    const { exitCode = 0, nodeFlags = [] } = options;
    const env = { PATH: process.env.PATH, XDG_CACHE_HOME: path.join(folder, "cache") };
    const ran = spawnSync(process.execPath, [...nodeFlags, "app.js", String(exitCode)], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
    expect(ran).toMatchObject({ status: exitCode, stderr: "" });
    return ran.stdout;
  }

  const caches = (folder: string): string[] => {
    const place = path.join(folder, "cache", "lakeform");
    return fs.existsSync(place) ? fs.readdirSync(place).map((name) => path.join(place, name)) : [];
  };

  test("compiles modules once, and again when their content changes", () => {
    const folder = makeFolder("modules");
    install(folder, "one");
    expect(run(folder)).toBe("one index.js true 3");
    const [file = ""] = caches(folder);
    expect(caches(folder).map((name) => path.basename(name))).toEqual([
      `modules-${process.version}-1-library-1.0.0.bin`,
    ]);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    const { mtimeMs } = fs.statSync(file);
    expect(run(folder)).toBe("one index.js true 3");
    expect(fs.statSync(file).mtimeMs).toBe(mtimeMs);
    // A text of the same length: V8 alone would run the old code.
    install(folder, "two");
    expect(run(folder)).toBe("two index.js true 3");
    expect(fs.statSync(file).mtimeMs).toBeGreaterThan(mtimeMs);
    install(folder, "one");
    expect(run(folder)).toBe("one index.js true 3");
  });

  test("removes its caches of other versions of Node.js, and no caches of other packages", () => {
    const folder = makeFolder("modules");
    install(folder, "one");
    run(folder);
    const [file = ""] = caches(folder);
    const others = ["library-1x0.0", "other-library-2.0.0"].map((id) => `modules-v1-1-${id}.bin`);
    for (const name of ["modules-v1-1-library-1.0.0.bin", ...others])
      fs.writeFileSync(path.join(path.dirname(file), name), "");
    install(folder, "two");
    run(folder);
    const names = caches(folder).map((name) => path.basename(name));
    expect(names.sort()).toEqual([...others, path.basename(file)].sort());
  });

  test("replaces a cache that does not fit", () => {
    const folder = makeFolder("modules");
    install(folder, "one");
    run(folder);
    const [file = ""] = caches(folder);
    const content = fs.readFileSync(file);
    for (const broken of [
      Buffer.alloc(0),
      Buffer.from("no cache"),
      content.subarray(0, content.length - 100),
      Buffer.alloc(content.length, 1),
    ]) {
      fs.writeFileSync(file, broken);
      expect(run(folder)).toBe("one index.js true 3");
      expect(fs.statSync(file).size).toBeGreaterThanOrEqual(content.length);
    }
  });

  test("is not written by an app that fails, nor used with source maps", () => {
    const folder = makeFolder("modules");
    install(folder, "one");
    expect(run(folder, { exitCode: 1 })).toBe("one index.js true 3");
    // Loaders such as tsx enable source maps themselves.
    const preload = path.join(folder, "preload.js");
    fs.writeFileSync(preload, "process.setSourceMapsEnabled(true);");
    for (const nodeFlags of [["--enable-source-maps"], ["--require", preload]])
      expect(run(folder, { nodeFlags })).toBe("one index.js true 3");
    expect(caches(folder)).toEqual([]);
  });
});
