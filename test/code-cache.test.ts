import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { commands } from "../src/cli/entries";
import { loadFromCache } from "../src/code-cache";
import { makeFolder, removeFolders, repository } from "./support/project";

const bin = path.join(repository, "bin", "lakeform.js");

function lakeform(cacheHome: string, ...words: string[]): ReturnType<typeof spawnSync> {
  const env = { PATH: process.env.PATH, XDG_CACHE_HOME: cacheHome };
  return spawnSync(process.execPath, [bin, ...words], { env, cwd: cacheHome, encoding: "utf8" });
}

const cachesIn = (folder: string): string[] =>
  fs.existsSync(path.join(folder, "lakeform")) ? fs.readdirSync(path.join(folder, "lakeform")) : [];

describe("code cache", () => {
  afterAll(removeFolders);

  test("keeps the functions of a command, and replaces a cache that does not fit", () => {
    const folder = makeFolder("cache");
    const first = lakeform(folder, "env", "--help");
    const [name = ""] = cachesIn(folder);
    expect(cachesIn(folder)).toEqual([
      expect.stringMatching(/^cli-help-v[\d.]+-[0-9a-f]{16}\.bin$/),
    ]);
    const file = path.join(folder, "lakeform", name);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);

    const { mtimeMs, size } = fs.statSync(file);
    expect(lakeform(folder, "env", "--help").stdout).toBe(first.stdout);
    expect(fs.statSync(file).mtimeMs).toBe(mtimeMs);

    fs.writeFileSync(file, "truncated");
    expect(lakeform(folder, "env", "--help").stdout).toBe(first.stdout);
    expect(fs.statSync(file).size).toBeGreaterThan(size / 2);

    const obsolete = path.join(folder, "lakeform", "cli-help-v20.0.0-0123456789abcdef.bin");
    const otherCache = path.join(folder, "lakeform", "cli-run-v20.0.0-0123456789abcdef.bin");
    for (const each of [obsolete, otherCache]) fs.writeFileSync(each, "");
    fs.chmodSync(file, 0o644);
    expect(lakeform(folder, "env", "--help").stdout).toBe(first.stdout);
    expect(cachesIn(folder).sort()).toEqual([name, path.basename(otherCache)].sort());
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is the one of another command until a command has its own", () => {
    const folder = makeFolder("cache");
    // Shows the size of the cache that the command runs from.
    const preload = path.join(folder, "preload.js");
    fs.writeFileSync(
      preload,
      `const vm = require("node:vm");
vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    if (options.filename.endsWith("cli.js"))
      process.stderr.write(\`\${options.cachedData?.length} \${this.cachedDataRejected}\`);
  }
};`,
    );
    const cacheOf = (...words: string[]): string => {
      const env = {
        PATH: process.env.PATH,
        XDG_CACHE_HOME: folder,
        NODE_OPTIONS: `--require ${preload}`,
      };
      return spawnSync(process.execPath, [bin, ...words], { env, cwd: folder, encoding: "utf8" })
        .stderr;
    };
    const sizeOf = (command: string): number => {
      const name = cachesIn(folder).find((file) => file.startsWith(`cli-${command}-`)) ?? "";
      return fs.statSync(path.join(folder, "lakeform", name)).size;
    };
    expect(cacheOf("--version")).toBe("undefined undefined");
    expect(cacheOf("verify")).toMatch(new RegExp(`^${sizeOf("help")} false`));
    expect(cacheOf("--version")).toBe(`${sizeOf("help")} false`);
  });

  test("is not written by a command that fails or does not exist, or if the folder cannot be written", () => {
    const folder = makeFolder("cache");
    expect(lakeform(folder, "verify").status).toBe(1);
    expect(lakeform(folder, "../escape").status).toBe(1);
    expect(cachesIn(folder)).toEqual([]);

    fs.writeFileSync(path.join(folder, "file"), "");
    const version = spawnSync(process.execPath, [bin, "--version"], {
      env: { PATH: process.env.PATH, XDG_CACHE_HOME: path.join(folder, "file") },
      encoding: "utf8",
    });
    expect(version).toMatchObject({ status: 0, stderr: "" });
  });

  test.each(["", "relative"])(
    "is not written to the working directory if XDG_CACHE_HOME is %j",
    (cacheHome) => {
      const [folder, home] = [makeFolder("work"), makeFolder("home")];
      const env = { PATH: process.env.PATH, HOME: home, XDG_CACHE_HOME: cacheHome };
      spawnSync(process.execPath, [bin, "env", "--help"], { env, cwd: folder });
      expect(fs.readdirSync(folder)).toEqual([]);
      expect(cachesIn(path.join(home, ".cache"))).toHaveLength(1);
    },
  );

  test("is not used for a file of the same length with different content", () => {
    const folder = makeFolder("cache");
    const file = path.join(folder, "bundle.js");
    // Each load runs in a separate process, because the cache is written on exit.
    const loadText = (text: string, build: string): string => {
      fs.writeFileSync(file, `exports.text = (() => "${text}")();`);
      const script = `process.stdout.write(require(${JSON.stringify(
        path.join(repository, "dist", "src", "code-cache.js"),
      )}).loadFromCache(${JSON.stringify(file)}, { name: "x", build: "${build}" }).text)`;
      const env = { PATH: process.env.PATH, XDG_CACHE_HOME: folder };
      return execFileSync(process.execPath, ["-e", script], { env, encoding: "utf8" });
    };
    expect(loadText("one", "1")).toBe("one");
    expect(loadText("two", "2")).toBe("two");
    expect(cachesIn(folder)).toEqual([`x-${process.version}-2.bin`]);
    // Only the build in the file name identifies the source: V8 does not notice the difference.
    expect(loadText("six", "2")).toBe("two");
  });

  test("shows no path of another installation in stack traces", () => {
    const folder = makeFolder("cache");
    const topFrame = (project: string, ...packageFolder: string[]): string => {
      const dist = path.join(folder, project, ...packageFolder, "dist");
      fs.mkdirSync(dist, { recursive: true });
      const file = path.join(dist, "bundle.js");
      fs.writeFileSync(file, `exports.frames = (() => new Error("x").stack)();`);
      const script = `process.stdout.write(require(${JSON.stringify(
        path.join(repository, "dist", "src", "code-cache.js"),
      )}).loadFromCache(${JSON.stringify(file)}, { name: "x", build: "1" }).frames)`;
      const env = { PATH: process.env.PATH, XDG_CACHE_HOME: folder };
      const frames = execFileSync(process.execPath, ["-e", script], { env, encoding: "utf8" });
      return frames.split("\n")[1]?.trim() ?? "";
    };
    const frame = "at lakeform/dist/bundle.js:1:87";
    expect(topFrame("first", "node_modules", "lakeform")).toBe(frame);
    expect(topFrame("second", "node_modules", "lakeform")).toBe(frame);
    expect(topFrame("clone")).toBe(frame);
  });

  test("gives the file its own module, as require does", () => {
    const file = path.join(makeFolder("cache"), "bundle.js");
    fs.writeFileSync(
      file,
      `exports.here = [__filename, __dirname, require("node:path").sep]; exports.dash = "\\u2013";`,
    );
    const isComplete = (): boolean => false;
    expect(loadFromCache(file, { name: "y", build: "1", isComplete })).toEqual({
      here: [file, path.dirname(file), path.sep],
      dash: "–",
    });
  });
});

describe("bundle of the commands", () => {
  const dist = path.join(repository, "dist");

  test("has every command, with the help of the separate files", () => {
    const script = `
const texts = async (file) => {
  const { main } = require(file);
  const found = [];
  for (const words of ${JSON.stringify([[], ...commands.map(({ name }) => [name])])}) {
    let text = "";
    await main([...words, "--help"], { stdout: { write: (part) => (text += part) } });
    found.push(text);
  }
  return found;
};
(async () => {
  const both = [await texts("./src/cli/main.js"), await texts("./cli.js")];
  process.stdout.write(JSON.stringify(both));
})();`;
    const output = execFileSync(process.execPath, ["-e", script], { cwd: dist, encoding: "utf8" });
    const [separate = [], bundled = []] = JSON.parse(output) as string[][];
    expect(separate).toHaveLength(commands.length + 1);
    expect(bundled).toEqual(separate);
    expect(separate.every((text) => text.includes("Usage: lakeform"))).toBe(true);
  });

  test.each(["cli.js", "provider-main.js"])("%s is in ASCII", (name) => {
    expect(fs.readFileSync(path.join(dist, name)).findIndex((byte) => byte > 127)).toBe(-1);
  });

  test("contains no package of node_modules", () => {
    const code = fs.readFileSync(path.join(dist, "cli.js"), "utf8");
    const modules = [...code.matchAll(/__commonJS\(\{\s*"([^"]+)"/g)].map(([, file]) => file);
    expect(modules).toContain("dist/src/verify/verify.js");
    expect(modules.filter((file) => file?.startsWith("dist/src/") !== true)).toEqual([]);
  });
});
