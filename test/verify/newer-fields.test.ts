/** Fields of serving endpoints that came after provider 1.99.0, with the schema of the newest version. */
import { useSchemaFor } from "../../src/resources/shape/schema";
import { check, deployDirect, openLab, summary } from "./harness";

beforeAll(() => useSchemaFor("1.132.0"));
afterAll(() => useSchemaFor("1.99.0"));

test("telemetry and burst scaling of serving endpoints are compared", async () => {
  const lab = await openLab();
  const config = {
    served_entities: [
      { name: "m", entity_name: "main.ml.m", entity_version: "1", burst_scaling_enabled: true },
    ],
  };
  const telemetry = {
    inference_table_config: [{ name: "main.ml.requests", sampling_fraction: 0.5 }],
    table_names: [{ logs_table: "main.ml.logs" }],
  };
  const deployed = await deployDirect(lab, {
    databricks_model_serving: { m: { name: "m", config: [config], telemetry_config: [telemetry] } },
  });
  expect(summary(await check(lab, deployed))).toEqual([]);
  const url = "/api/2.0/serving-endpoints/m";
  const [entity] = config.served_entities;
  await lab.client.put(
    `${url}/config`,
    { served_entities: [{ ...entity, burst_scaling_enabled: false }] },
    { idempotent: true },
  );
  const tables = {
    table_names: { logs_table: "main.ml.other" },
    inference_table_config: { name: "main.ml.requests", sampling_fraction: 1 },
  };
  await lab.client.patch(
    `${url}/telemetry-config`,
    { telemetry_config: tables },
    { idempotent: true },
  );
  const findings = summary(await check(lab, deployed)).join("\n");
  await lab.close();
  for (const field of ["burst_scaling_enabled", "sampling_fraction", "logs_table"])
    expect(findings).toContain(field);
});
