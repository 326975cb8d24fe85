/**
 * Writes an object that the constructs cannot express, with its class from the provider bindings.
 */
import type { Attributes, Value } from "../../resources/kind";
import { schemaOf, type Block } from "../../resources/shape/schema";
import { isAttributes } from "../../resources/shape/shape";
import type { BindingsModule } from "./bindings";
import { camel, escapeValue } from "./common";
import type { AdoptedObject, CodeContext } from "./context";
import { scalar } from "./fields";
import { call, fields, list, literal, text, type Code } from "./print";

/**
 * For each type: the factory and the interface with which other objects refer to such an object.
 */
export const factories: Readonly<
  Record<
    string,
    {
      readonly construct: string;
      readonly type: string;
      readonly by: string;
      readonly permissions?: string;
    }
  >
> = {
  databricks_job: { construct: "Workflow", type: "IWorkflow", by: "fromId", permissions: "onJob" },
  databricks_cluster: {
    construct: "AllPurposeCluster",
    type: "IAllPurposeCluster",
    by: "fromId",
    permissions: "onCluster",
  },
  databricks_cluster_policy: {
    construct: "ClusterPolicy",
    type: "IClusterPolicy",
    by: "fromId",
    permissions: "onClusterPolicy",
  },
  databricks_instance_pool: {
    construct: "InstancePool",
    type: "IInstancePool",
    by: "fromId",
    permissions: "onInstancePool",
  },
  databricks_sql_endpoint: {
    construct: "SqlWarehouse",
    type: "ISqlWarehouse",
    by: "fromId",
    permissions: "onWarehouse",
  },
  databricks_secret_scope: { construct: "SecretScope", type: "ISecretScope", by: "fromScopeName" },
  databricks_catalog: { construct: "Catalog", type: "ICatalog", by: "fromName" },
  databricks_schema: { construct: "Schema", type: "ISchema", by: "fromName" },
  databricks_volume: { construct: "Volume", type: "IVolume", by: "fromName" },
  databricks_repo: { construct: "Repo", type: "IPlacedRepo", by: "fromPath" },
};

/**
 * Writes the statements that create the object.
 * @param bindings the project's bindings
 * @returns the constant of the resource and its class
 */
export function writeRaw(
  object: AdoptedObject,
  constructId: string,
  context: CodeContext,
  bindings: {
    readonly of: (type: string) => BindingsModule | undefined;
    readonly module: (type: string) => string;
  },
): { readonly name: string; readonly className: string } {
  const { file } = context;
  const shortType = object.type.replace(/^databricks_/, "");
  const bindingClass = shortType === "provider" ? "ProviderResource" : pascal(shortType);
  // The file also uses the construct of the same name: `ClusterPolicy.fromId(clusterPolicy.id)`.
  const className =
    factories[object.type]?.construct === bindingClass ? `${bindingClass}Resource` : bindingClass;
  file.use(
    className === bindingClass ? bindingClass : `${bindingClass} as ${className}`,
    bindings.module(shortType),
  );
  const name = file.name(camel(shortType), "resource");
  const block = schemaOf(object.type)?.block;
  const handles: [path: string, code: Code][] = [];
  const secretCode = (path: string): Code | undefined =>
    secretFromEnvironment(object, constructId, path, block);
  const props =
    block === undefined
      ? (bindings.of(shortType)?.props(bindingClass, object.attributes, secretCode) ?? fields([]))
      : rawFields(block, object.attributes, { context, path: "", handles, secretCode });
  file.const(name, call(`new ${className}`, "stack", text(constructId), props));
  // A field for a number does not accept a reference, so references to objects are overrides.
  for (const [path, code] of handles) file.statement(call(`${name}.addOverride`, text(path), code));
  if (object.id !== "") file.statement(call(`${name}.importFrom`, text(object.id)));
  return { name, className };
}

/**
 * Secret fields that the schema does not mark as sensitive, such as the token of a Git credential.
 */
const secretNames = /(?<!idempotency_)(password|secret|token|private_key)$/;

/**
 * Generates code that reads a secret field from the environment; undefined for other fields. The
 * old state contains the value in clear text, but the code must not.
 */
function secretFromEnvironment(
  { sensitive = [] }: AdoptedObject,
  constructId: string,
  path: string,
  block: Block | undefined,
): Code | undefined {
  const name = path.split(".").at(-1) ?? path;
  const isSecret =
    sensitive.includes(path) ||
    sensitive.includes(path.split(".")[0] ?? path) ||
    block?.attributes[path]?.sensitive === true ||
    secretNames.test(name);
  if (!isSecret) return undefined;
  const variable = `${constructId}_${name}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  return `stack.variableFor(${text(variable)}).stringValue`;
}

interface FieldContext {
  readonly context: CodeContext;
  /** The path of the parent block, with a dot at the end. */
  readonly path: string;
  /** Receives the references that are written as overrides. */
  readonly handles: [path: string, code: Code][];
  /** Returns the expression to write instead of a secret value; undefined for other fields. */
  readonly secretCode: (path: string) => Code | undefined;
}

function rawFields(block: Block, attributes: Attributes, fieldContext: FieldContext): Code {
  return fields(
    Object.entries(attributes).flatMap(([name, value]): (readonly [string, Code])[] => {
      const nested = block.blocks[name];
      const path = `${fieldContext.path}${name}`;
      if (nested === undefined) {
        const attribute = block.attributes[name];
        const isInput = attribute?.optional === true || attribute?.required === true;
        if (
          !isInput ||
          path === "id" ||
          (attribute.computed === true && isSetByPlatform(name, attribute.type))
        )
          return [];
        // A state can mark a complete block as sensitive. The flags and numbers in it are not
        // secrets, and the environment could only provide strings.
        const secretCode =
          attribute.type === "bool" || attribute.type === "number"
            ? undefined
            : fieldContext.secretCode(path);
        if (secretCode !== undefined && isAttributes(value)) {
          const entries = Object.keys(value).map(
            (key) => [key, fieldContext.secretCode(`${path}.${key}`) ?? secretCode] as const,
          );
          return [[camel(name), fields(entries)]];
        }
        if (secretCode !== undefined) return [[camel(name), secretCode]];
        const handle = referenceAt(name, value, fieldContext.context);
        if (handle !== undefined && attribute.type === "number")
          fieldContext.handles.push([path, handle]);
        return [
          [
            camel(name),
            handle === undefined || attribute.type === "number"
              ? literal(escapeValue(value))
              : handle,
          ],
        ];
      }
      const items = (Array.isArray(value) ? value : [value]).filter((item: Value) =>
        isAttributes(item),
      );
      const isOne =
        nested.maxItems === 1 || nested.nesting === "single" || nested.attribute === "single";
      const codes = items.map((item, index) =>
        rawFields(nested.block, item, {
          ...fieldContext,
          path: isOne ? `${path}.` : `${path}.${index}.`,
        }),
      );
      const [first] = codes;
      if (first === undefined) return [];
      return [[camel(name), isOne ? first : list(codes)]];
    }),
  );
}

/**
 * Whether the provider usually computes a field that can be set. A flag such as `url_set` reports
 * that the platform has a secret `url`.
 */
const isSetByPlatform = (name: string, type: unknown): boolean =>
  computedOnly.has(name) || (type === "bool" && name.endsWith("_set"));
const computedOnly = new Set(
  "md5 object_id remote_file_modified external_id created_at created_by updated_at updated_by metastore_id full_name url".split(
    " ",
  ),
);

const referenceMethods: Readonly<Record<string, readonly [type: string, method: string]>> = {
  job_id: ["databricks_job", "renderJobId"],
  existing_cluster_id: ["databricks_cluster", "renderClusterId"],
  policy_id: ["databricks_cluster_policy", "renderId"],
  instance_pool_id: ["databricks_instance_pool", "renderId"],
  driver_instance_pool_id: ["databricks_instance_pool", "renderId"],
  warehouse_id: ["databricks_sql_endpoint", "renderWarehouseId"],
};

/**
 * Generates a reference if a field contains the id of another adopted object; otherwise undefined.
 */
function referenceAt(field: string, value: Value, context: CodeContext): Code | undefined {
  const [type, method] = referenceMethods[field] ?? [];
  if (type === undefined || method === undefined) return undefined;
  const reference = context.findAdopted(type, scalar(value));
  return reference === undefined
    ? undefined
    : call(`${context.file.parameter(reference)}.${method}`);
}

const pascal = (name: string): string =>
  camel(name).replace(/^./, (letter) => letter.toUpperCase());
