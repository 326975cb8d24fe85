/**
 * The messages of Terraform's plugin protocol 6 that a provider needs, and those of the plugin host
 * (shutdown), in the form of a protobuf JSON descriptor. Messages and fields that the provider does
 * not use are omitted. On the wire, only the numbers and types of the fields matter.
 */
export interface Field {
  /** The number of the field in the message. */
  readonly id: number;
  readonly type: string;
  /** `repeated`, for a list. */
  readonly rule?: string;
  /** The type of the keys, for a map. */
  readonly keyType?: string;
}

export interface MessageType {
  readonly fields: Readonly<Record<string, Field>>;
  /** Groups of fields. Exactly one field of each group is set; its value may be the default. */
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
}

const message = (fields: Record<string, readonly [id: number, type: string]>): MessageType => ({
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [id, type]]): [string, Field] => {
      const map = /^map (.+)$/.exec(type);
      if (map?.[1] !== undefined) return [name, { id, keyType: "string", type: map[1] }];
      const repeated = /^repeated (.+)$/.exec(type);
      return [
        name,
        repeated?.[1] !== undefined ? { id, rule: "repeated", type: repeated[1] } : { id, type },
      ];
    }),
  ),
});

const diagnostics = "repeated Diagnostic";

export const messages: Readonly<Record<string, MessageType>> = {
  DynamicValue: message({ msgpack: [1, "bytes"], json: [2, "bytes"] }),
  Step: {
    ...message({
      attribute_name: [1, "string"],
      element_key_string: [2, "string"],
      element_key_int: [3, "int64"],
    }),
    oneofs: { selector: { oneof: ["attribute_name", "element_key_string", "element_key_int"] } },
  },
  AttributePath: message({ steps: [1, "repeated Step"] }),
  Diagnostic: message({
    severity: [1, "int32"],
    summary: [2, "string"],
    detail: [3, "string"],
    attribute: [4, "AttributePath"],
  }),
  RawState: message({ json: [1, "bytes"], flatmap: [2, "map string"] }),
  Attribute: message({
    name: [1, "string"],
    type: [2, "bytes"],
    description: [3, "string"],
    required: [4, "bool"],
    optional: [5, "bool"],
    computed: [6, "bool"],
    sensitive: [7, "bool"],
    description_kind: [8, "int32"],
    deprecated: [9, "bool"],
    nested_type: [10, "NestedObject"],
  }),
  NestedObject: message({ attributes: [1, "repeated Attribute"], nesting: [3, "int32"] }),
  NestedBlock: message({
    type_name: [1, "string"],
    block: [2, "Block"],
    nesting: [3, "int32"],
    min_items: [4, "int64"],
    max_items: [5, "int64"],
  }),
  Block: message({
    version: [1, "int64"],
    attributes: [2, "repeated Attribute"],
    block_types: [3, "repeated NestedBlock"],
    description: [4, "string"],
    description_kind: [5, "int32"],
    deprecated: [6, "bool"],
  }),
  Schema: message({ version: [1, "int64"], block: [2, "Block"] }),
  ServerCapabilities: message({
    plan_destroy: [1, "bool"],
    get_provider_schema_optional: [2, "bool"],
    move_resource_state: [3, "bool"],
  }),
  TypeName: message({ type_name: [1, "string"] }),

  GetMetadataRequest: message({}),
  GetMetadataResponse: message({
    server_capabilities: [1, "ServerCapabilities"],
    diagnostics: [2, diagnostics],
    data_sources: [3, "repeated TypeName"],
    resources: [4, "repeated TypeName"],
  }),
  GetProviderSchemaRequest: message({}),
  GetProviderSchemaResponse: message({
    provider: [1, "Schema"],
    resource_schemas: [2, "map Schema"],
    data_source_schemas: [3, "map Schema"],
    diagnostics: [4, diagnostics],
    provider_meta: [5, "Schema"],
    server_capabilities: [6, "ServerCapabilities"],
  }),
  ValidateProviderConfigRequest: message({ config: [1, "DynamicValue"] }),
  ValidateProviderConfigResponse: message({ diagnostics: [2, diagnostics] }),
  ValidateResourceConfigRequest: message({ type_name: [1, "string"], config: [2, "DynamicValue"] }),
  ValidateResourceConfigResponse: message({ diagnostics: [1, diagnostics] }),
  ValidateDataResourceConfigRequest: message({
    type_name: [1, "string"],
    config: [2, "DynamicValue"],
  }),
  ValidateDataResourceConfigResponse: message({ diagnostics: [1, diagnostics] }),
  UpgradeResourceStateRequest: message({
    type_name: [1, "string"],
    version: [2, "int64"],
    raw_state: [3, "RawState"],
  }),
  UpgradeResourceStateResponse: message({
    upgraded_state: [1, "DynamicValue"],
    diagnostics: [2, diagnostics],
  }),
  ConfigureProviderRequest: message({
    terraform_version: [1, "string"],
    config: [2, "DynamicValue"],
  }),
  ConfigureProviderResponse: message({ diagnostics: [1, diagnostics] }),
  ReadResourceRequest: message({
    type_name: [1, "string"],
    current_state: [2, "DynamicValue"],
    private: [3, "bytes"],
  }),
  ReadResourceResponse: message({
    new_state: [1, "DynamicValue"],
    diagnostics: [2, diagnostics],
    private: [3, "bytes"],
  }),
  PlanResourceChangeRequest: message({
    type_name: [1, "string"],
    prior_state: [2, "DynamicValue"],
    proposed_new_state: [3, "DynamicValue"],
    config: [4, "DynamicValue"],
    prior_private: [5, "bytes"],
  }),
  PlanResourceChangeResponse: message({
    planned_state: [1, "DynamicValue"],
    requires_replace: [2, "repeated AttributePath"],
    planned_private: [3, "bytes"],
    diagnostics: [4, diagnostics],
    legacy_type_system: [5, "bool"],
  }),
  ApplyResourceChangeRequest: message({
    type_name: [1, "string"],
    prior_state: [2, "DynamicValue"],
    planned_state: [3, "DynamicValue"],
    config: [4, "DynamicValue"],
    planned_private: [5, "bytes"],
  }),
  ApplyResourceChangeResponse: message({
    new_state: [1, "DynamicValue"],
    private: [2, "bytes"],
    diagnostics: [3, diagnostics],
    legacy_type_system: [4, "bool"],
  }),
  IdentityAttribute: message({
    name: [1, "string"],
    type: [2, "bytes"],
    required_for_import: [3, "bool"],
    optional_for_import: [4, "bool"],
    description: [5, "string"],
  }),
  ResourceIdentitySchema: message({
    version: [1, "int64"],
    identity_attributes: [2, "repeated IdentityAttribute"],
  }),
  ResourceIdentityData: message({ identity_data: [1, "DynamicValue"] }),
  GetResourceIdentitySchemasRequest: message({}),
  GetResourceIdentitySchemasResponse: message({
    identity_schemas: [1, "map ResourceIdentitySchema"],
    diagnostics: [2, diagnostics],
  }),
  UpgradeResourceIdentityRequest: message({
    type_name: [1, "string"],
    version: [2, "int64"],
    raw_identity: [3, "RawState"],
  }),
  UpgradeResourceIdentityResponse: message({
    upgraded_identity: [1, "ResourceIdentityData"],
    diagnostics: [2, diagnostics],
  }),
  MoveResourceStateRequest: message({
    source_provider_address: [1, "string"],
    source_type_name: [2, "string"],
    target_type_name: [5, "string"],
  }),
  MoveResourceStateResponse: message({
    target_state: [1, "DynamicValue"],
    diagnostics: [2, diagnostics],
    target_private: [3, "bytes"],
  }),
  GetFunctionsRequest: message({}),
  GetFunctionsResponse: message({ functions: [1, "map Empty"], diagnostics: [2, diagnostics] }),
  ImportResourceStateRequest: message({
    type_name: [1, "string"],
    id: [2, "string"],
    identity: [4, "ResourceIdentityData"],
  }),
  ImportedResource: message({
    type_name: [1, "string"],
    state: [2, "DynamicValue"],
    private: [3, "bytes"],
  }),
  ImportResourceStateResponse: message({
    imported_resources: [1, "repeated ImportedResource"],
    diagnostics: [2, diagnostics],
  }),
  ReadDataSourceRequest: message({ type_name: [1, "string"], config: [2, "DynamicValue"] }),
  ReadDataSourceResponse: message({ state: [1, "DynamicValue"], diagnostics: [2, diagnostics] }),
  StopProviderRequest: message({}),
  StopProviderResponse: message({ Error: [1, "string"] }),
  Empty: message({}),
};

export const calls = [
  "GetMetadata",
  "GetProviderSchema",
  "ValidateProviderConfig",
  "ValidateResourceConfig",
  "ValidateDataResourceConfig",
  "UpgradeResourceState",
  "ConfigureProvider",
  "ReadResource",
  "PlanResourceChange",
  "ApplyResourceChange",
  "ImportResourceState",
  "ReadDataSource",
  "StopProvider",
  "GetResourceIdentitySchemas",
  "UpgradeResourceIdentity",
  "MoveResourceState",
  "GetFunctions",
] as const;
