/** The escape hatch: an object that no construct can say, with the class of the provider's bindings. */
import type { Attributes, Value } from "../../resources/kind";
import { schemaOf, type Block } from "../../resources/shape/schema";
import { isAttributes } from "../../resources/shape/shape";
import { camel, escaped } from "./common";
import type { AdoptedObject, CodeContext } from "./context";
import { scalar } from "./fields";
import { call, fields, list, literal, text, type Code } from "./print";

/** Writes the statements. @returns the constant of the resource */
export function writeRaw(object: AdoptedObject, constructId: string, context: CodeContext): string {
  const { file } = context;
  const bare = object.type.replace(/^databricks_/, "");
  const className = file.use(pascal(bare), `@cdktf/provider-databricks/lib/${bare.replaceAll("_", "-")}`);
  const name = file.name(camel(bare), "resource");
  const block = schemaOf(object.type)?.block;
  if (block === undefined) throw new Error(`no schema of ${object.type}`);
  const handles: [path: string, code: Code][] = [];
  file.const(
    name,
    call(`new ${className}`, "stack", text(constructId), rawFields(block, object.attributes, { context, path: "", handles })),
  );
  // (the bindings take numbers where these are references)
  for (const [path, code] of handles) file.statement(call(`${name}.addOverride`, text(path), code));
  if (object.id !== "") file.statement(call(`${name}.importFrom`, text(object.id)));
  return name;
}

interface Where {
  readonly context: CodeContext;
  readonly path: string;
  readonly handles: [path: string, code: Code][];
}

function rawFields(block: Block, attributes: Attributes, where: Where): Code {
  return fields(
    Object.entries(attributes).flatMap(([name, value]): (readonly [string, Code])[] => {
      const nested = block.blocks[name];
      const path = `${where.path}${name}`;
      if (nested === undefined) {
        const attribute = block.attributes[name];
        const isInput = attribute?.optional === true || attribute?.required === true;
        if (!isInput || name === "id") return [];
        const handle = referenceAt(name, value, where.context);
        if (handle !== undefined && attribute.type === "number") where.handles.push([path, handle]);
        return [[camel(name), handle === undefined || attribute.type === "number" ? literal(escaped(value)) : handle]];
      }
      const items = (Array.isArray(value) ? value : [value]).filter((item: Value) => isAttributes(item));
      const isOne = nested.maxItems === 1;
      const codes = items.map((item, index) => rawFields(nested.block, item, { ...where, path: isOne ? `${path}.` : `${path}.${index}.` }));
      const [first] = codes;
      if (first === undefined) return [];
      return [[camel(name), isOne ? first : list(codes)]];
    }),
  );
}

const rendered: Readonly<Record<string, readonly [type: string, method: string]>> = {
  job_id: ["databricks_job", "renderJobId"],
  existing_cluster_id: ["databricks_cluster", "renderClusterId"],
  policy_id: ["databricks_cluster_policy", "renderId"],
  instance_pool_id: ["databricks_instance_pool", "renderId"],
  driver_instance_pool_id: ["databricks_instance_pool", "renderId"],
  warehouse_id: ["databricks_sql_endpoint", "renderWarehouseId"],
};

/** Another adopted object. */
function referenceAt(field: string, value: Value, context: CodeContext): Code | undefined {
  const [type, method] = rendered[field] ?? [];
  if (type === undefined || method === undefined) return undefined;
  const found = context.adopted(type, scalar(value));
  return found === undefined ? undefined : call(`${context.file.parameter(found)}.${method}`);
}

const pascal = (name: string): string => camel(name).replace(/^./, (letter) => letter.toUpperCase());
