import type { JsonObject, JsonValue } from "../errors";
import { parseCommand, commandOf, plainText, type Cell } from "./cells";
import { LANGUAGES, type Language } from "./tree";
import { unzip, zip } from "./zip";

/** A notebook with its language, as stored in an archive (DBC) or a page (HTML). */
export interface NotebookModel {
  readonly language: Language;
  readonly cells: readonly Cell[];
}

const VARIABLE_NAME = "__DATABRICKS_NOTEBOOK_MODEL";

function serializeModel({ language, cells }: NotebookModel, name: string): string {
  const commands = cells.map((cell, index) => ({
    version: "CommandV1",
    position: index + 1,
    command: commandOf(cell),
  }));
  return JSON.stringify({
    version: "NotebookV1",
    origId: 0,
    name,
    language: language.toLowerCase(),
    commands,
  });
}

function parseModel(text: string): NotebookModel | undefined {
  let parsed: JsonValue;
  try {
    parsed = JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
  if (
    typeof parsed !== "object" ||
    parsed === null ||
    Array.isArray(parsed) ||
    !Array.isArray(parsed.commands)
  )
    return undefined;
  const languageName = parsed.language;
  const language =
    LANGUAGES.find(
      (candidate) =>
        candidate.toLowerCase() ===
        (typeof languageName === "string" ? languageName : "").toLowerCase(),
    ) ?? "PYTHON";
  const commands = parsed.commands.filter(
    (item): item is JsonObject => typeof item === "object" && item !== null && !Array.isArray(item),
  );
  const position = ({ position: value }: JsonObject): number =>
    typeof value === "number" ? value : 0;
  const cells = [...commands]
    .sort((left, right) => position(left) - position(right))
    .map(({ command }) =>
      parseCommand(typeof command === "string" ? command.replaceAll(/\r\n?/g, "\n") : ""),
    );
  return { language, cells };
}

/**
 * Renders a page that shows the notebook and embeds it in the platform's format: base64 of
 * percent-encoded JSON.
 */
export function toHtml(model: NotebookModel, source: string, name: string): string {
  const escapeHtml = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const encodedModel = Buffer.from(encodeURIComponent(serializeModel(model, name))).toString(
    "base64",
  );
  return `<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>${escapeHtml(name)}</title></head><body><pre>${escapeHtml(source)}</pre>
<script>var ${VARIABLE_NAME} = '${encodedModel}';</script></body></html>\n`;
}

/** Returns the notebook embedded in a page; undefined for any other page. */
export function fromHtml(bytes: Buffer): NotebookModel | undefined {
  const encodedModel = new RegExp(`${VARIABLE_NAME}\\s*=\\s*'([A-Za-z0-9+/=]*)'`).exec(
    plainText(bytes),
  )?.[1];
  if (encodedModel === undefined) return undefined;
  try {
    return parseModel(decodeURIComponent(Buffer.from(encodedModel, "base64").toString("utf8")));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

export const toArchive = (model: NotebookModel, name: string): Buffer =>
  zip(`${name}.${model.language.toLowerCase()}`, Buffer.from(serializeModel(model, name)));

/** Returns the notebook of an archive that contains exactly one; undefined for any other bytes. */
export function fromArchive(bytes: Buffer): NotebookModel | undefined {
  const files = unzip(bytes)?.filter(({ name }) => /\.(python|sql|scala|r)$/i.test(name));
  const [onlyFile] = files ?? [];
  if (files?.length !== 1 || onlyFile === undefined) return undefined;
  try {
    return parseModel(plainText(onlyFile.content()));
  } catch {
    // The archive is corrupt.
    return undefined;
  }
}
