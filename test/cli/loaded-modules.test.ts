/**
 * Counts the files that the built command loads: a new import of one command must not slow down the
 * help of all.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { repository } from "../support/project";

const script = `require(process.env.MAIN).main(JSON.parse(process.env.WORDS), { stdout: { write: () => true } }).then(() =>
  process.stdout.write(JSON.stringify(Object.keys(require.cache).filter((file) => !file.includes("node_modules")))));`;

function listLoadedModules(...args: string[]): string[] {
  const dist = path.join(repository, "dist");
  const env = {
    PATH: process.env.PATH,
    MAIN: path.join(dist, "src", "cli", "main.js"),
    WORDS: JSON.stringify(args),
  };
  const files = JSON.parse(
    execFileSync(process.execPath, ["-e", script], { env, cwd: "/", encoding: "utf8" }),
  ) as string[];
  return files.map((file) => path.relative(path.join(dist, "src"), file).replace(/\.js$/, ""));
}

const alwaysLoaded = [
  "cli/at-end",
  "cli/entries",
  "cli/main",
  "cli/project-secrets",
  "errors",
  "interrupt",
];

describe("loaded modules", () => {
  test("do not include a command's module for --help and --version", () => {
    expect(listLoadedModules("--help").sort()).toEqual(alwaysLoaded);
    expect(listLoadedModules("--version").sort()).toEqual(
      [...alwaysLoaded, "cli/package-version"].sort(),
    );
  });

  test.each(["adopt", "deploy", "diff", "init", "review", "run", "state", "verify", "workspace"])(
    "%s --help loads the options and not the implementation",
    (command) => {
      const modules = listLoadedModules(command, "--help");
      expect(modules).toContain(`cli/commands/${command}`);
      expect(
        modules.filter((file) => /^(api|deploy|provider|resources|workspace)\//.test(file)),
      ).toEqual([]);
      expect(modules.length).toBeLessThan(25);
    },
  );
});
