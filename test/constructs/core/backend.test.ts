import fs from "node:fs";
import path from "node:path";
import {
  buildAndSynth,
  ClusterPolicy,
  PolicyRule,
  SecretScope,
  WorkspaceStack,
} from "../../../constructs";
import { makeFolder, removeFolders } from "../../support/project";
import { synth, type Json } from "../support";

const renderBackend = (backend: NonNullable<Parameters<typeof synth>[1]>["backend"]): unknown => {
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
      {
        azurerm: {
          storage_account_name: "a",
          container_name: "c",
          key: "lakeform/tests/test-local.tfstate",
        },
      },
    ],
    [
      { kind: "gcs", bucket: "b" } as const,
      { gcs: { bucket: "b", prefix: "lakeform/tests/test-local" } },
    ],
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
    [{ kind: "workspace" } as const, { http: { username: "test-local" } }],
    [{ kind: "pg" } as const, { pg: { schema_name: "lakeform_test_local" } }],
  ])("renders %j", (settings, expected) => {
    expect(renderBackend(settings)).toEqual(expected);
  });

  test("of kind workspace has only the name of the stack, also in a reference to another stack's output", () => {
    const outdir = makeFolder("backend");
    buildAndSynth(
      (app) => {
        const environment = { name: "dev", values: {}, backend: { kind: "workspace" } } as const;
        const platform = new WorkspaceStack(app, "platform", { project: "p", environment });
        const policy = new ClusterPolicy(platform, "owned", {
          name: "owned",
          definition: { "custom_tags.team": PolicyRule.fixed("data") },
        });
        const jobs = new WorkspaceStack(app, "jobs", { project: "p", environment });
        new SecretScope(jobs, "copy", { name: `of-${policy.renderId()}` });
      },
      { outdir },
    );
    const { data, terraform } = JSON.parse(
      fs.readFileSync(path.join(outdir, "stacks", "jobs-dev", "cdk.tf.json"), "utf8"),
    ) as Json;
    expect((terraform as Json).backend).toEqual({ http: { username: "jobs-dev" } });
    expect(Object.values((data as Json).terraform_remote_state as Json)).toEqual([
      expect.objectContaining({ backend: "http", config: { username: "platform-dev" } }),
    ]);
    removeFolders();
  });
});
