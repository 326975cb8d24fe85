import { synth, type Json } from "../support";

const backend = (backend: NonNullable<Parameters<typeof synth>[1]>["backend"]): unknown => {
  const { json } = synth(() => undefined, backend === undefined ? {} : { backend });
  return (json.terraform as Json).backend;
};

describe("backend", () => {
  test.each([
    [undefined, { local: { path: "../../../.lakeform/state/test-local.tfstate" } }],
    [
      { kind: "s3", bucket: "b", region: "r" } as const,
      { s3: { bucket: "b", region: "r", key: "lakeform/tests/test-local.tfstate", encrypt: true } },
    ],
    [
      { kind: "azurerm", storageAccountName: "a", containerName: "c" } as const,
      { azurerm: { storage_account_name: "a", container_name: "c", key: "lakeform/tests/test-local.tfstate" } },
    ],
    [{ kind: "gcs", bucket: "b" } as const, { gcs: { bucket: "b", prefix: "lakeform/tests/test-local" } }],
    [
      { kind: "http", address: "https://state/", lock: true } as const,
      {
        http: {
          address: "https://state/test-local",
          lock_address: "https://state/test-local/lock",
          lock_method: "POST",
          unlock_address: "https://state/test-local/lock",
          unlock_method: "DELETE",
        },
      },
    ],
    [{ kind: "pg" } as const, { pg: { schema_name: "lakeform_test_local" } }],
  ])("%j", (given, expected) => {
    expect(backend(given)).toEqual(expected);
  });
});
