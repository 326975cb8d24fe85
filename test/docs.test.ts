import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { lakeform } from "./support/cli";
import { codeBlocks } from "./support/markdown";
import { removeFolders, repository } from "./support/project";

const pages = ["README.md", "CONTRIBUTING.md", ...markdownIn("docs")];
const blocks = pages.flatMap((page) => codeBlocks(path.join(repository, page), page));

function markdownIn(folder: string): string[] {
  return fs.readdirSync(path.join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? markdownIn(file) : entry.name.endsWith(".md") ? [file] : [];
  });
}

describe("docs", () => {
  afterAll(removeFolders);

  test("contain only existing lakeform commands and flags", async () => {
    const help = new Map<string, string>();
    const problems: string[] = [];
    for (const block of blocks.filter(
      ({ language }) => language === "sh" || language === "console",
    )) {
      for (const [, line = ""] of block.code.matchAll(
        /(?:^|[ (;&|])(?:npx )?lakeform ([a-z][^\n#|;)"]*)/gm,
      )) {
        // Arguments in brackets are optional.
        const words = line.replaceAll(/[[\]]/g, "").trim().split(/\s+/);
        const command = words[0] ?? "";
        if (!help.has(command)) help.set(command, await helpOf(command, words[1]));
        for (const flag of words.filter((word) => word.startsWith("--"))) {
          const known = `${help.get(command) ?? ""}${await helpOf(command, words[1])}`;
          if (!known.includes(flag.split("=")[0] ?? flag))
            problems.push(`${block.where}: lakeform ${line}: ${flag}`);
        }
        if (help.get(command) === "") problems.push(`${block.where}: lakeform ${command}`);
      }
    }
    expect(problems).toEqual([]);
  }, 120_000);

  test("have valid shell blocks, and no indented ones, which tests do not read", () => {
    const problems: string[] = [];
    for (const { language, code, where } of blocks) {
      // A synopsis with [--option] is not valid shell.
      if (!["sh", "bash"].includes(language) || /\[-|[A-Z]\||…$/m.test(code)) continue;
      const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
      if (status !== 0) problems.push(`${where}: ${stderr}`);
    }
    for (const page of pages) {
      const text = fs
        .readFileSync(path.join(repository, page), "utf8")
        .replaceAll(/^```[^]*?^```/gm, (block) => block.replaceAll(/.+/g, "-"));
      for (const match of text.matchAll(/\n\n {4}\S.*/g))
        problems.push(`${page}: indented: ${match[0].trim()}`);
    }
    expect(problems).toEqual([]);
  });

  test("have valid YAML, JSON and HCL blocks, and no block in an untested language", () => {
    const problems: string[] = [];
    for (const { language, code, where } of blocks) {
      // test/rest-guide-docs.test.ts reads Python and bash.
      if (["ts", "sh", "console", "text", "mermaid", "", "python", "bash"].includes(language))
        continue;
      if (language === "yaml")
        problems.push(
          ...parseAllDocuments(code).flatMap(({ errors }) =>
            errors.map(({ message }) => `${where}: ${message}`),
          ),
        );
      else if (language === "json") JSON.parse(code);
      else if (language === "hcl")
        execFileSync("terraform", ["fmt", "-check", "-"], {
          input: code,
          stdio: ["pipe", "pipe", "pipe"],
        });
      else problems.push(`${where}: ${language}`);
    }
    expect(problems).toEqual([]);
  });

  test("match the source in docs/reference", () => {
    execFileSync(
      process.execPath,
      [path.join(repository, "scripts", "reference-doc.mjs"), "--check"],
      { encoding: "utf8", stdio: "pipe" },
    );
  });

  test("match the source in docs/errors.md", () => {
    execFileSync(
      process.execPath,
      [path.join(repository, "scripts", "errors-doc.mjs"), "--check"],
      { encoding: "utf8", stdio: "pipe" },
    );
  });

  test("list the constants and the joined lines of errors in docs/errors.md", () => {
    const rows = fs.readFileSync(path.join(repository, "docs", "errors.md"), "utf8").split("\n");
    const row = (code: string): string =>
      rows.find((line) => line.startsWith(`| \`${code}\``)) ?? "";
    expect(row("BAD_CRON")).toContain("| Quartz: seconds minutes hours ");
    expect(row("STATE_NOT_DEPLOYED")).toContain("<br>or import the existing objects: ");
    expect(rows.filter((line) => /\|\s*…\s*\|/.test(line))).toEqual([]);
  });

  test("have links between pages only to existing files", () => {
    const broken = pages.flatMap((page) => {
      const text = fs.readFileSync(path.join(repository, page), "utf8");
      return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map((match) => match[1] ?? "")
        .filter((target) => !fs.existsSync(path.join(repository, path.dirname(page), target)))
        .map((target) => `${page}: ${target}`);
    });
    expect(broken).toEqual([]);
  });

  test("have anchors in links only to existing headings", () => {
    const broken = pages.flatMap((page) => {
      const text = fs.readFileSync(path.join(repository, page), "utf8");
      return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)]
        .filter(([, file = "", anchor = ""]) => {
          const target = file === "" ? page : path.join(path.dirname(page), file);
          return target.endsWith(".md") && !anchorsOf(target).includes(anchor);
        })
        .map(([link]) => `${page}: ${link}`);
    });
    expect(broken).toEqual([]);
  });
});

/** The anchors that code hosts give the headings of a page. */
function anchorsOf(page: string): string[] {
  const text = fs.readFileSync(path.join(repository, page), "utf8").replace(/^```[^]*?^```/gm, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const helps = new Map<string, string>();
async function helpOf(command: string, sub: string | undefined): Promise<string> {
  const words = [command, ...(sub !== undefined && /^[a-z]+$/.test(sub) ? [sub] : [])];
  const key = words.join(" ");
  const known = helps.get(key);
  if (known !== undefined) return known;
  const { code, stdout } = await lakeform(repository, [...words, "--help"]);
  const text = code === 0 ? stdout : "";
  helps.set(key, text);
  return text;
}
