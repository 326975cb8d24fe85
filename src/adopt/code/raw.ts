/** The escape hatch: an object that no construct can say, with the class of the provider's bindings. */
import type { Attributes, Value } from "../../resources/kind";
import { schemaOf, type Block } from "../../resources/shape/schema";
import { isAttributes } from "../../resources/shape/shape";
import { camel, escaped } from "./common";
import type { AdoptedObject } from "./context";
import { call, fields, list, literal, text, type Code } from "./print";
import type { SourceFile } from "./source-file";

/** Writes the statements. @returns the constant of the resource */
export function writeRaw(object: AdoptedObject, constructId: string, file: SourceFile): string {
  const bare = object.type.replace(/^databricks_/, "");
  const className = file.use(pascal(bare), `@cdktf/provider-databricks/lib/${bare.replaceAll("_", "-")}`);
  const name = file.name(camel(bare), "resource");
  const block = schemaOf(object.type)?.block;
  if (block === undefined) throw new Error(`no schema of ${object.type}`);
  file.const(name, call(`new ${className}`, "stack", text(constructId), rawFields(block, object.attributes)));
  if (object.id !== "") file.statement(call(`${name}.importFrom`, text(object.id)));
  return name;
}

function rawFields(block: Block, attributes: Attributes): Code {
  return fields(
    Object.entries(attributes).flatMap(([name, value]): (readonly [string, Code])[] => {
      const nested = block.blocks[name];
      if (nested === undefined) {
        const attribute = block.attributes[name];
        const isInput = attribute?.optional === true || attribute?.required === true;
        return isInput && name !== "id" ? [[camel(name), literal(escaped(value))]] : [];
      }
      const items = (Array.isArray(value) ? value : [value]).filter((item: Value) => isAttributes(item));
      const codes = items.map((item) => rawFields(nested.block, item));
      const [first] = codes;
      if (first === undefined) return [];
      return [[camel(name), nested.maxItems === 1 ? first : list(codes)]];
    }),
  );
}

const pascal = (name: string): string => camel(name).replace(/^./, (letter) => letter.toUpperCase());
