/**
 * Generates class arguments for resource types that lakeform has no construct for, based on the
 * type declarations of the provider's bindings.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type ts from "typescript";
import type { Attributes, Value } from "../../resources/kind";
import { isAttributes, isZeroValue } from "../../resources/shape/shape";
import { bindingsOf, installedBindings, type Toolkit } from "../../terraform/toolkit";
import type { Compiler } from "../syntax/compiler";
import { nodesOf, parse } from "../syntax/compiler";
import { camel, escapeValue } from "./common";
import { fields, list, literal, type Code } from "./print";

/** The declarations of one module of the bindings. */
export class BindingsModule {
  readonly #interfaces = new Map<string, ts.InterfaceDeclaration>();

  private constructor(compiler: Compiler, file: string) {
    for (const node of nodesOf(compiler, parse(compiler, file)))
      if (compiler.isInterfaceDeclaration(node)) this.#interfaces.set(node.name.text, node);
  }

  /**
   * @param type without `databricks_`
   * @returns undefined if the bindings do not have the resource
   */
  static of(compiler: Compiler, root: string, type: string): BindingsModule | undefined {
    const name = moduleOf(root, type);
    // A new project has no packages yet: use the bindings that are installed with lakeform.
    for (const from of [path.join(root, "package.json"), __filename]) {
      try {
        const file = createRequire(from).resolve(name).replace(/\.js$/, ".d.ts");
        if (fs.existsSync(file)) return new BindingsModule(compiler, file);
      } catch (error) {
        if (
          !["MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(
            String((error as { code?: unknown }).code),
          )
        )
          throw error;
      }
    }
    return undefined;
  }

  /**
   * Generates the properties of a class from attributes, without zero values.
   * @param secretCode returns the expression to write instead of a secret value; undefined for
   * other fields
   */
  props(
    className: string,
    attributes: Attributes,
    secretCode: (path: string) => Code | undefined,
    parentPath = "",
  ): Code {
    const declaration =
      this.#interfaces.get(`${className}Config`) ?? this.#interfaces.get(className);
    const entries = Object.entries(attributes).flatMap(
      ([name, value]): (readonly [string, Code])[] => {
        const member = declaration?.members.find(
          (typeElement) => typeElement.name?.getText() === camel(name),
        );
        if (member === undefined || name === "id" || isZeroValue(value)) return [];
        const secretExpression = secretCode(`${parentPath}${name}`);
        if (secretExpression !== undefined) return [[camel(name), secretExpression]];
        const type = (member as ts.PropertySignature).type?.getText() ?? "";
        const [, nested = ""] = /^(\w+)(\[\])?(?: \||$)/.exec(type) ?? [];
        const items = (Array.isArray(value) ? value : [value]).filter((item: Value) =>
          isAttributes(item),
        );
        if (!this.#interfaces.has(nested)) return [[camel(name), literal(escapeValue(value))]];
        const codes = items.map((item) =>
          this.props(nested, item, secretCode, `${parentPath}${name}.`),
        );
        const [first] = codes;
        if (first === undefined) return [];
        return [[camel(name), type.startsWith(`${nested}[]`) ? list(codes) : first]];
      },
    );
    return fields(entries);
  }
}

/**
 * Returns the module of the project's bindings that exports the class of a resource type. For
 * `databricks_provider` this is `provider-resource`, because `provider` is the Terraform provider
 * itself.
 * @param toolkit used if no bindings are installed yet
 */
export function moduleOf(root: string, type: string, toolkit: Toolkit = "cdktf"): string {
  return `${installedBindings(root)?.name ?? bindingsOf(toolkit)}/lib/${type === "provider" ? "provider-resource" : type.replaceAll("_", "-")}`;
}
