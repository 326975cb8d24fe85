/** Messages above gRPC's default size limit. */
import { decode, encode } from "@msgpack/msgpack";
import { schemaOf } from "../../src/resources/shape/schema";
import { summariesIn, useProviderProcess } from "./protocol-lab";

describe("the provider's protocol", () => {
  const call = useProviderProcess();

  test("accepts and returns messages over 64 MB without truncating them", async () => {
    const block = schemaOf("databricks_notebook")?.block;
    const emptyAttributes = Object.fromEntries([
      ...Object.keys(block?.attributes ?? {}).map((name) => [name, null]),
      ...Object.keys(block?.blocks ?? {}).map((name) => [name, []]),
    ]) as Record<string, unknown>;
    const content_base64 = "QUJD".repeat(17 * 2 ** 20);
    const config = {
      msgpack: Buffer.from(
        encode({ ...emptyAttributes, path: "/Shared/large", language: "PYTHON", content_base64 }),
      ),
    };
    expect(config.msgpack.length).toBeGreaterThan(64 * 2 ** 20);
    const planResponse = await call("PlanResourceChange", {
      type_name: "databricks_notebook",
      prior_state: { msgpack: Buffer.from(encode(null)) },
      proposed_new_state: config,
      config,
    });
    expect(summariesIn(planResponse)).toEqual([]);
    const plannedState = decode(
      (planResponse["planned_state"] as { msgpack: Buffer }).msgpack,
    ) as Record<string, unknown>;
    expect(plannedState["content_base64"] === content_base64).toBe(true);
  });
});
