import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { program } from "./support/module-projects";
import { makeFolder, removeFolders, repository } from "./support/project";

interface Manifest {
  readonly files: readonly string[];
  readonly exports: Readonly<
    Record<string, string | { readonly types: string; readonly default: string }>
  >;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

describe("package", () => {
  afterAll(removeFolders);

  const manifest = JSON.parse(
    fs.readFileSync(path.join(repository, "package.json"), "utf8"),
  ) as Manifest;

  test("has every export built and loadable", () => {
    const names = Object.keys(manifest.exports).filter((name) => name !== "./package.json");
    const script = names.map((name) => `require("lakeform${name.slice(1)}")`).join(";");
    execFileSync(process.execPath, ["-e", script], { cwd: repository });
    expect(names).toEqual(["./constructs", "./api", "./verify", "./testing"]);
  });

  test("lets ES modules import every CommonJS export by name, where constructs record their source line", () => {
    const folder = makeFolder("esm");
    fs.mkdirSync(path.join(folder, "node_modules"));
    fs.symlinkSync(repository, path.join(folder, "node_modules", "lakeform"));
    fs.writeFileSync(
      path.join(folder, "names.mjs"),
      `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const name of ["constructs", "api", "verify", "testing"]) {
  const imported = Object.keys(await import("lakeform/" + name)).filter((key) => key !== "default" && key !== "module.exports");
  const required = Object.keys(require("lakeform/" + name));
  const missing = required.filter((key) => !imported.includes(key));
  if (required.length === 0 || missing.length > 0) throw new Error(name + " hides " + missing.join(", "));
}
`,
    );
    fs.writeFileSync(path.join(folder, "program.mjs"), program);
    for (const file of ["names.mjs", "program.mjs"])
      execFileSync(process.execPath, [file], { cwd: folder });
    const stack = fs.readFileSync(
      path.join(folder, "synthesized", "stacks", "s-local", "cdk.tf.json"),
      "utf8",
    );
    expect(stack).toContain('"source": "program.mjs:9"');
  });

  test("has both toolkits, constructs and the bindings as peer dependencies, never as dependencies", () => {
    for (const peer of [
      "cdktf",
      "cdktn",
      "constructs",
      "@cdktf/provider-databricks",
      "@cdktn/provider-databricks",
    ]) {
      expect(manifest.peerDependencies).toHaveProperty([peer]);
      expect(manifest.dependencies).not.toHaveProperty([peer]);
    }
  });

  test("has lock files without host names", () => {
    for (const file of ["package-lock.json", "website/package-lock.json"])
      expect(fs.readFileSync(path.join(repository, file), "utf8")).not.toMatch(
        /"resolved": "https?:/,
      );
  });

  test("includes the docs, and every link in them leads to a file of the package", () => {
    const inDocs = fs
      .readdirSync(path.join(repository, "docs"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.join("docs", file));
    const isPacked = (file: string): boolean =>
      manifest.files.some((entry) => file === entry || file.startsWith(`${entry}${path.sep}`));
    const links = ["README.md", "CHANGELOG.md", "SECURITY.md", ...inDocs].flatMap((page) =>
      [
        ...fs
          .readFileSync(path.join(repository, page), "utf8")
          .matchAll(/\]\((?!https?:|#)([^)#\s]+)/g),
      ].map(([, target = ""]) => ({
        page,
        target: path.join(path.dirname(page), target),
      })),
    );
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter(({ target }) => !isPacked(target))).toEqual([]);
  });

  test("has commands that need none of the omitted files in dist/src", () => {
    const folder = makeFolder("packed");
    for (const part of ["bin", "dist", "node_modules", "package.json"])
      fs.symlinkSync(path.join(repository, part), path.join(folder, part));
    fs.unlinkSync(path.join(folder, "dist"));
    fs.mkdirSync(path.join(folder, "dist", "src"), { recursive: true });
    const leftOut = manifest.files.flatMap((entry) => /^!dist\/src\/(.*)/.exec(entry)?.[1] ?? []);
    expect(leftOut).toContain("cli");
    for (const place of ["dist", "dist/src"])
      for (const entry of fs.readdirSync(path.join(repository, place)))
        if (entry !== "src" && !(place === "dist/src" && leftOut.includes(entry)))
          fs.symlinkSync(path.join(repository, place, entry), path.join(folder, place, entry));
    const commands = ["adopt", "init", "promote", "review", "run", "verify"];
    for (const words of [["--version"], ...commands.map((command) => [command, "--help"])]) {
      const bin = path.join(folder, "bin", "lakeform.js");
      const env = { PATH: process.env.PATH, XDG_CACHE_HOME: folder };
      const args = ["--preserve-symlinks", "--preserve-symlinks-main", bin, ...words];
      const ran = spawnSync(process.execPath, args, { env, encoding: "utf8" });
      expect(ran).toMatchObject({ status: 0, stderr: "" });
    }
  });

  test("has a provider that starts without any package, with only its two files and its schemas", () => {
    const alone = makeFolder("alone");
    for (const part of ["provider.js", "provider-main.js", "src/resources/schema"])
      fs.cpSync(path.join(repository, "dist", part), path.join(alone, part), { recursive: true });
    // Start the provider as Terraform does. A missing file would end it immediately; otherwise it
    // runs until it is stopped.
    const environment = {
      TF_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
      XDG_CACHE_HOME: alone,
    };
    const ran = spawnSync(process.execPath, [path.join(alone, "provider.js")], {
      encoding: "utf8",
      env: environment,
      timeout: 3000,
    });
    expect(ran).toMatchObject({ signal: "SIGTERM", stderr: "" });
    expect(ran.stdout).toMatch(/^1\|6\|tcp\|/);
  });
});
