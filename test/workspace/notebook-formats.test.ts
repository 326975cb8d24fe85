import fc from "fast-check";
import { fromSource, toSource, type Cell } from "../../src/workspace/objects/cells";
import { exportNotebook, classify, type Format } from "../../src/workspace/objects/formats";
import { LANGUAGES, type Language, type WorkspaceObject } from "../../src/workspace/objects/tree";
import { hashNotebook } from "../../src/resources/families/notebook-source";

const BOM = "\uFEFF";
const commentPrefixes: Readonly<Record<Language, string>> = {
  PYTHON: "#",
  SQL: "--",
  SCALA: "//",
  R: "#",
};

/** Imports and exports a notebook. */
const convert = (
  bytes: Buffer,
  sourceFormat: Format,
  language: Language | undefined,
  targetFormat: Format,
): Buffer => {
  const { path: _path, ...classification } = classify("/Shared/n", sourceFormat, language, bytes);
  const object: WorkspaceObject = {
    object_id: 1,
    created_at: 0,
    modified_at: 0,
    ...classification,
  };
  return exportNotebook(object, "n", bytes, targetFormat).bytes;
};

const line = fc.stringMatching(/^[\x20-\x7eäß€😀]{0,20}$/u);
const text = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join("\n"));
/**
 * Cell content that every format preserves: without markers of the source format, and without blank
 * lines around it.
 */
const plainText = text.filter(
  (code) => /^[^\s%]/.test(code) && !/MAGIC|COMMAND|```|\n$/.test(code),
);
const cell: fc.Arbitrary<Cell> = fc.oneof(
  plainText.map((code): Cell => ({ kind: "code", text: code })),
  plainText.map((markdown): Cell => ({ kind: "markdown", text: markdown })),
  fc
    .tuple(fc.constantFrom("sql", "python", "sh"), plainText)
    .map(([magic, code]): Cell => ({ kind: "code", text: `%${magic}\n${code}` })),
);
const notebook = fc.tuple(
  fc.array(cell, { minLength: 1, maxLength: 5 }),
  fc.constantFrom(...LANGUAGES),
);

describe("notebooks in all formats", () => {
  it.each(["", BOM])(
    "are recognized, as source code, by the marker in their first line, with any line ending, after the prefix %j",
    (prefix) => {
      for (const lineEnding of ["\n", "\r\n", "\r"]) {
        const bytes = Buffer.from(
          `${prefix}# Databricks notebook source${lineEnding}print("one")${lineEnding}`,
        );
        expect(convert(bytes, "SOURCE", "PYTHON", "SOURCE").toString()).toBe(
          '# Databricks notebook source\nprint("one")\n',
        );
        expect(classify("/Shared/a.py", "AUTO", undefined, bytes)).toMatchObject({
          object_type: "NOTEBOOK",
          path: "/Shared/a",
        });
      }
      expect(
        classify(
          "/Shared/a.py",
          "AUTO",
          undefined,
          Buffer.from(`${prefix}# Databricks notebook sources\n`),
        ).object_type,
      ).toBe("FILE");
    },
  );

  it("have the same hash if only a byte order mark or line endings differ, and another one if the text differs", () => {
    const hash = (source: string, format = "SOURCE"): string | undefined =>
      hashNotebook(Buffer.from(source), format)?.sha256;
    const uploaded = `${BOM}# Databricks notebook source\r\nprint(1)\r\n`;
    expect(hash(uploaded)).toBe(hash("# Databricks notebook source\nprint(1)\n"));
    // A workspace that does not recognize the marker after a byte order mark adds a second marker.
    expect(hash(`# Databricks notebook source\n${uploaded}`)).toBe(hash(uploaded));
    expect(hash(`${BOM}print(1)`)).toBe(hash("# Databricks notebook source\nprint(1)"));
    expect(hash(`${BOM}print(2)`)).not.toBe(hash("# Databricks notebook source\nprint(1)"));
    const ipynb = (source: string): string =>
      JSON.stringify({ cells: [{ cell_type: "code", source }] });
    expect(hash(`${BOM}${ipynb("a\r\nb")}`, "JUPYTER")).toBe(hash(ipynb("a\nb"), "JUPYTER"));
  });

  it.each([
    [
      "Databricks' own metadata",
      {
        "application/vnd.databricks.v1+notebook": { language: "sql" },
        language_info: { name: "python" },
      },
      "SQL",
    ],
    ["language_info", { language_info: { name: "scala" } }, "SCALA"],
    ["the kernel's language", { kernelspec: { name: "x", language: "R" } }, "R"],
    ["the kernel's name", { kernelspec: { name: "ir" } }, "R"],
    [
      "Jupyter's metadata, if Databricks' language is unknown",
      {
        "application/vnd.databricks.v1+notebook": { language: "klingon" },
        language_info: { name: "r" },
      },
      "R",
    ],
    ["the default, without metadata", {}, "PYTHON"],
  ])("take their language from %s if they are an .ipynb file", (_, metadata, language) => {
    const bytes = Buffer.from(`${BOM}${JSON.stringify({ cells: [], metadata, nbformat: 4 })}`);
    expect(classify("/Shared/a.ipynb", "AUTO", undefined, bytes).language).toBe(language);
    expect(classify("/Shared/a", "JUPYTER", undefined, bytes).language).toBe(language);
  });

  it("property: keep their source code through export and import in each format and language", () => {
    fc.assert(
      fc.property(
        notebook,
        fc.constantFrom(...(["SOURCE", "JUPYTER", "HTML", "DBC"] as const)),
        fc.boolean(),
        ([cells, language], format, withCrLf) => {
          const source = toSource(cells, language);
          const saved = withCrLf ? `${BOM}${source.replaceAll("\n", "\r\n")}` : source;
          const exported = convert(Buffer.from(saved), "SOURCE", language, format);
          expect(
            convert(
              exported,
              format,
              format === "SOURCE" ? language : undefined,
              "SOURCE",
            ).toString(),
          ).toBe(source);
          expect(classify("/n", format, language, exported).language).toBe(language);
        },
      ),
    );
  });

  it("property: keep all cells through up to five formats in succession", () => {
    const formats = ["SOURCE", "JUPYTER", "HTML", "DBC"] as const;
    fc.assert(
      fc.property(
        notebook,
        fc.array(fc.constantFrom(...formats), { maxLength: 5 }),
        ([cells, language], formatsInOrder) => {
          let [bytes, format]: [Buffer, Format] = [
            Buffer.from(toSource(cells, language)),
            "SOURCE",
          ];
          for (const nextFormat of formatsInOrder) {
            bytes = convert(bytes, format, format === "SOURCE" ? language : undefined, nextFormat);
            format = nextFormat;
          }
          const exported = convert(
            bytes,
            format,
            format === "SOURCE" ? language : undefined,
            "SOURCE",
          );
          expect(fromSource(exported.toString(), language)).toEqual(cells);
        },
      ),
    );
  });

  it("property: keep an R notebook's cells through R Markdown", () => {
    // R Markdown has no border between two Markdown cells.
    const separatedCells = fc
      .array(cell, { minLength: 1, maxLength: 5 })
      .map((cells) =>
        cells.filter(({ kind }, index) => kind === "code" || cells[index - 1]?.kind !== "markdown"),
      );
    fc.assert(
      fc.property(separatedCells, (cells) => {
        const source = toSource(cells, "R");
        const exported = convert(Buffer.from(source), "SOURCE", "R", "R_MARKDOWN");
        expect(convert(exported, "R_MARKDOWN", undefined, "SOURCE").toString()).toBe(source);
      }),
    );
  });

  it("in Python cannot be exported as R Markdown", () => {
    expect(() => convert(Buffer.from("1"), "SOURCE", "PYTHON", "R_MARKDOWN")).toThrow(
      "Only R notebooks",
    );
  });

  it("property: are exported as normalized source from any bytes; bytes that are neither HTML nor DBC are rejected", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...LANGUAGES),
        (bytes, language) => {
          const normalized = convert(Buffer.from(bytes), "SOURCE", language, "SOURCE");
          expect(convert(normalized, "SOURCE", language, "SOURCE")).toEqual(normalized);
          expect(normalized.toString().split("\n")[0]).toBe(
            `${commentPrefixes[language]} Databricks notebook source`,
          );
          for (const format of ["HTML", "DBC"] as const)
            expect(() => convert(Buffer.from(bytes), format, language, "SOURCE")).toThrow(
              "cannot be exported as SOURCE",
            );
        },
      ),
    );
  });
});
