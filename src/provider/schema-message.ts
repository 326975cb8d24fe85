/** Our schema as the protocol's messages. */
import type { Attribute, Block, NestedBlock, ResourceSchema } from "../resources/shape/schema";
import { dataSourceTypes, providerSchema, resourceTypes, schemaOf } from "../resources/shape/schema";

const nesting = { single: 1, list: 2, set: 3 } as const;

export const serverCapabilities = { plan_destroy: false, get_provider_schema_optional: true, move_resource_state: false };

export function schemaResponse(): object {
  return {
    provider: schemaMessage(providerSchema()),
    resource_schemas: Object.fromEntries(resourceTypes().map((type) => [type, named(type)])),
    data_source_schemas: Object.fromEntries(dataSourceTypes().map((type) => [type, named(`data.${type}`)])),
    diagnostics: [],
    server_capabilities: serverCapabilities,
  };
}

export function metadataResponse(): object {
  const names = (types: readonly string[]) => types.map((type_name) => ({ type_name }));
  return {
    server_capabilities: serverCapabilities,
    diagnostics: [],
    resources: names(resourceTypes()),
    data_sources: names(dataSourceTypes()),
  };
}

function named(type: string): object {
  const schema = schemaOf(type);
  return schema === undefined ? {} : schemaMessage(schema);
}

function schemaMessage(schema: ResourceSchema): object {
  return { version: schema.version ?? 0, block: blockMessage(schema.block, false) };
}

function blockMessage(block: Block, deprecated: boolean): object {
  const attributes = Object.entries(block.attributes).map(([name, attribute]) => attributeMessage(name, attribute));
  const block_types = Object.entries(block.blocks).map(([name, nested]) => nestedMessage(name, nested));
  return { attributes, block_types, deprecated };
}

function attributeMessage(name: string, attribute: Attribute): object {
  return {
    name,
    type: Buffer.from(JSON.stringify(attribute.type)),
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
