/** Our schema as the protocol's messages. */
import type { Attribute, Block, NestedBlock, ResourceSchema } from "../resources/shape/schema";
import { dataSourceTypes, providerSchema, resourceTypes } from "../resources/shape/schema";

const nesting = { single: 1, list: 2, set: 3 } as const;

export const serverCapabilities = { plan_destroy: false, get_provider_schema_optional: true, move_resource_state: false };

/** @param served by type; data sources with the prefix `data.` */
export function schemaResponse(served: ReadonlyMap<string, ResourceSchema>): object {
  const messages = (types: readonly string[], prefix = "") =>
    Object.fromEntries(
      types.flatMap((type) => {
        const schema = served.get(prefix + type);
        return schema === undefined ? [] : [[type, schemaMessage(schema)]];
      }),
    );
  return {
    provider: schemaMessage(providerSchema()),
    resource_schemas: messages(resourceTypes()),
    data_source_schemas: messages(dataSourceTypes(), "data."),
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
