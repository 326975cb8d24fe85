/** Encodes the schema as messages of the protocol. */
import fs from "node:fs";
import path from "node:path";
import { defined } from "../defined";
import type {
  Attribute,
  Block,
  NestedBlock,
  ResourceSchema,
  Type,
} from "../resources/shape/schema";
import {
  dataSourceTypes,
  providerSchema,
  resourceTypes,
  schemaInUse,
  schemaOf,
  useSchemaFor,
} from "../resources/shape/schema";
import { messages } from "./protocol";
import { Codec } from "./wire";

const nesting = { single: 1, list: 2, set: 3 } as const;

const serverCapabilities = {
  plan_destroy: false,
  get_provider_schema_optional: true,
  move_resource_state: false,
};

/**
 * The encoded messages of the full schema by type. The build writes them next to the bundle,
 * because encoding them would take most of the startup time.
 */
export type EncodedSchemas = Readonly<Record<string, Buffer>>;

/** @returns an empty record if the build has not written the file */
export function readEncodedSchemas(
  file = path.join(__dirname, `provider-schema-${schemaInUse()}.json`),
): EncodedSchemas {
  if (!fs.existsSync(file)) return {};
  const texts = JSON.parse(fs.readFileSync(file, "utf8")) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(texts).map(([type, text]) => [type, Buffer.from(text, "base64")]),
  );
}

/** Encodes the schemas for {@link readEncodedSchemas}; called by the build. */
export function encodeSchemas(version: string): string {
  useSchemaFor(version);
  const codec = new Codec(messages);
  const types = [...resourceTypes(), ...dataSourceTypes().map((type) => `data.${type}`)];
  const texts = types.flatMap((type) => {
    const schema = schemaOf(type);
    return schema === undefined
      ? []
      : [[type, codec.encode("Schema", schemaMessage(schema)).toString("base64")]];
  });
  return JSON.stringify(Object.fromEntries(texts));
}

/**
 * Returns the response with all schemas.
 * @param served the schemas by type; data sources have the prefix `data.`
 * @param encoded used for the types whose full schema is served
 */
export function schemaResponse(
  served: ReadonlyMap<string, ResourceSchema>,
  encoded: EncodedSchemas = {},
): object {
  const schemas = (types: readonly string[], prefix = "") =>
    Object.fromEntries(
      types.flatMap((type) => {
        const name = prefix + type;
        const schema = served.get(name);
        if (schema === undefined) return [];
        const encodedSchema = schema === schemaOf(name) ? encoded[name] : undefined;
        return [[type, encodedSchema ?? schemaMessage(schema)]];
      }),
    );
  return {
    provider: schemaMessage(providerSchema()),
    resource_schemas: schemas(resourceTypes()),
    data_source_schemas: schemas(dataSourceTypes(), "data."),
    diagnostics: [],
    server_capabilities: serverCapabilities,
  };
}

export function metadataResponse(): object {
  const typeNames = (types: readonly string[]) => types.map((type_name) => ({ type_name }));
  return {
    server_capabilities: serverCapabilities,
    diagnostics: [],
    resources: typeNames(resourceTypes()),
    data_sources: typeNames(dataSourceTypes()),
  };
}

function schemaMessage(schema: ResourceSchema): object {
  return { version: schema.version ?? 0, block: blockMessage(schema.block, false) };
}

function blockMessage(block: Block, deprecated: boolean): object {
  const block_types = Object.entries(block.blocks).filter(
    ([, { attribute }]) => attribute === undefined,
  );
  return {
    attributes: attributesOf(block),
    block_types: block_types.map(([name, nested]) => nestedMessage(name, nested)),
    deprecated,
  };
}

function attributesOf(block: Block): object[] {
  const nested = Object.entries(block.blocks).flatMap(
    ([name, { attribute, block: inner, ...flags }]) =>
      attribute === undefined
        ? []
        : [
            {
              name,
              ...flagsOf(flags),
              nested_type: { attributes: attributesOf(inner), nesting: nesting[attribute] },
            },
          ],
  );
  return [
    ...Object.entries(block.attributes).map(([name, attribute]) =>
      attributeMessage(name, attribute),
    ),
    ...nested,
  ];
}

function attributeMessage(name: string, { type, nested, ...flags }: UntypedAttribute): object {
  if (nested === undefined)
    return { name, type: Buffer.from(JSON.stringify(type)), ...flagsOf(flags) };
  const attributes = Object.entries(nested.attributes).map(
    ([inner, { nested_type, ...attribute }]) =>
      attributeMessage(inner, { ...attribute, ...defined({ nested: nested_type }) }),
  );
  return {
    name,
    ...flagsOf(flags),
    nested_type: { attributes, nesting: nesting[nested.nesting_mode] },
  };
}

/** An attribute, whose type is absent if it has nested attributes. */
type UntypedAttribute = Omit<Attribute, "type"> & { readonly type?: Type };

function flagsOf(attribute: Partial<Attribute>): object {
  return {
    required: attribute.required === true,
    optional: attribute.optional === true,
    computed: attribute.computed === true,
    sensitive: attribute.sensitive === true,
    deprecated: attribute.deprecated === true,
  };
}

function nestedMessage(type_name: string, nested: NestedBlock): object {
  return {
    type_name,
    block: blockMessage(nested.block, nested.deprecated === true),
    nesting: nesting[nested.nesting],
    min_items: nested.minItems ?? 0,
    max_items: nested.maxItems ?? 0,
  };
}
