/**
 * `yamldecode`: YAML as Terraform reads it, which is neither version 1.1 nor 1.2 of the language:
 * `yes` and `off` are booleans, 017 is 17, and a merge key overrides the keys before it.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from "yaml";
import { FunctionError, UnsupportedError } from "./function-arguments";
import { parseExactNumber } from "./numbers";
import type { Desired, DesiredObject } from "./values";
import { isDesiredObject, textOf } from "./values";

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...spellings(["y", "yes", "on", "true"], true),
  ...spellings(["n", "no", "off", "false"], false),
  ...spellings(["null", "~", ""], null),
]);

function spellings<T>(names: readonly string[], value: T): [string, T][] {
  return names.flatMap((name) =>
    [name, name.slice(0, 1).toUpperCase() + name.slice(1), name.toUpperCase()].map(
      (spelling): [string, T] => [spelling, value],
    ),
  );
}

export function decodeYaml(source: string): Desired {
  // This schema reads all scalars as strings.
  const document = parseDocument(source, { schema: "failsafe", uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw new FunctionError(error.message);
  if (document.contents === null) throw new UnsupportedError("the document is empty");
  return valueOf(document.contents, document);
}

function valueOf(node: unknown, document: Document.Parsed): Desired {
  if (isAlias(node)) return valueOf(node.resolve(document), document);
  if (isSeq(node)) return node.items.map((item) => valueOf(item, document));
  if (isMap(node)) {
    const object: DesiredObject = {};
    for (const pair of node.items) {
      const key = textOf(valueOf(pair.key, document));
      const value = pair.value === null ? null : valueOf(pair.value, document);
      if (key !== "<<") object[key] = value;
      else if (isDesiredObject(value)) Object.assign(object, value);
      else throw new UnsupportedError("a merge key needs a map");
    }
    return object;
  }
  if (!isScalar(node)) throw new UnsupportedError("unsupported YAML");
  return valueOfScalar(node, String(node.value));
}

function valueOfScalar(node: Node & { type?: string }, text: string): Desired {
  if (node.tag !== undefined)
    throw new UnsupportedError(`the YAML tag ${node.tag} is not supported`);
  if (node.type !== "PLAIN") return text;
  const word = words.get(text);
  if (word !== undefined) return word;
  if (/^[-+]?\.(inf|nan)$/i.test(text) || /^\d{4}-\d\d?-\d\d?($|[Tt ])/.test(text))
    throw new UnsupportedError(`the YAML value ${text} is not supported`);
  if (!/^([-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|0x[\da-fA-F]+|0o[0-7]+)$/.test(text)) return text;
  const number = parseExactNumber(text);
  if (number === undefined) throw new UnsupportedError(`the number ${text} has too many digits`);
  return number;
}
