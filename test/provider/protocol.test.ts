/** The newer calls of the plugin protocol: identities, functions, metadata and moves. */
import { encode } from "@msgpack/msgpack";
import { summariesIn, useProviderProcess } from "./protocol-lab";

describe("the provider's protocol", () => {
  const call = useProviderProcess();

  test("answers the calls for identities and functions with empty responses", async () => {
    expect(await call("GetResourceIdentitySchemas", {})).toEqual({
      identity_schemas: {},
      diagnostics: [],
    });
    expect(await call("GetFunctions", {})).toEqual({ functions: {}, diagnostics: [] });
    const { server_capabilities } = await call("GetMetadata", {});
    expect(server_capabilities).toEqual({
      plan_destroy: false,
      get_provider_schema_optional: true,
      move_resource_state: false,
    });
  });

  test("rejects an import by identity, an identity upgrade, and a move from another type, each with a fix", async () => {
    const type_name = "databricks_job";
    const identity = { identity_data: { msgpack: Buffer.from(encode({ id: "1" })) } };
    const importResponse = await call("ImportResourceState", { type_name, identity });
    expect([summariesIn(importResponse), importResponse["imported_resources"]]).toEqual([
      ["NO_IDENTITY: databricks_job has no resource identity"],
      [],
    ]);
    expect(summariesIn(await call("UpgradeResourceIdentity", { type_name, version: 1 }))).toEqual(
      summariesIn(importResponse),
    );
    const moveResponse = await call("MoveResourceState", {
      source_type_name: "x_job",
      target_type_name: type_name,
    });
    expect(summariesIn(moveResponse)).toEqual(["NO_MOVE: x_job cannot become databricks_job"]);
  });
});
