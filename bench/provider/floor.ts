/**
 * A provider that does nothing, which measures Terraform's own cost with our schema. It returns all
 * values unchanged and sets no ids.
 */
import { metadataResponse, schemaResponse } from "../../src/provider/schema-message";
import { cutSchemas } from "../../src/resources/cut/schema-cut";
import { serve, type Handler, type Request } from "../../src/provider/server";
import { schemaOf } from "../../src/resources/shape/schema";
import { conform, decodeState, encodeValue } from "../../src/provider/values";

const handlers: Readonly<Record<string, Handler>> = {
  GetMetadata: () => metadataResponse(),
  GetProviderSchema: () => schemaResponse(cutSchemas(undefined)),
  ValidateProviderConfig: () => ({}),
  ConfigureProvider: () => ({}),
  ValidateResourceConfig: () => ({}),
  UpgradeResourceState: (request) => ({ upgraded_state: upgraded(request) }),
  ReadResource: (request) => ({ new_state: request["current_state"] }),
  PlanResourceChange: (request) => ({
    planned_state: request["proposed_new_state"],
    legacy_type_system: true,
  }),
  ApplyResourceChange: (request) => ({
    new_state: request["planned_state"],
    legacy_type_system: true,
  }),
  StopProvider: () => ({}),
};

function upgraded(request: Request): object {
  const schema = schemaOf(String(request["type_name"]));
  const { json } = request["raw_state"] as { json: Uint8Array };
  if (schema === undefined) throw new Error("unknown type");
  return encodeValue(decodeState(schema.block, json) ?? conform(schema.block, {}));
}

void serve(() => ({ handlers, close: () => undefined }));
