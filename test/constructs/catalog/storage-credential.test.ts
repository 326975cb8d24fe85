import {
  Group,
  SecretValue,
  StorageCredential,
  StorageCredentialGrants,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("storage credential", () => {
  test("renders each identity, with secrets as variables", () => {
    const secret = SecretValue.fromEnvironment("LAKE_SECRET");
    const { resourcesOf } = synth((stack) => {
      const credential = new StorageCredential(stack, "aws", {
        name: "aws",
        awsIamRole: { roleArn: "arn:aws:iam::1:role/x" },
      });
      new StorageCredential(stack, "gcp", { name: "gcp", databricksGcpServiceAccount: true });
      new StorageCredential(stack, "key", {
        name: "key",
        gcpServiceAccountKey: { email: "e", privateKeyId: "i", privateKey: secret },
      });
      new StorageCredential(stack, "r2", {
        name: "r2",
        cloudflareApiToken: { accountId: "a", accessKeyId: "k", secretAccessKey: secret },
      });
      credential.grants.give(Group.named("platform"), "CREATE_EXTERNAL_LOCATION");
      StorageCredentialGrants.on(stack, "on", StorageCredential.fromName("old")).give(
        Group.named("platform"),
        "READ_FILES",
      );
      expect(defaultChild(credential)).toBe("databricks_storage_credential");
    });
    expect(resourcesOf("databricks_storage_credential")).toMatchObject([
      { aws_iam_role: { role_arn: "arn:aws:iam::1:role/x" } },
      { databricks_gcp_service_account: {} },
      { gcp_service_account_key: { private_key: "${var.LAKE_SECRET}" } },
      { cloudflare_api_token: { secret_access_key: "${var.LAKE_SECRET}" } },
    ]);
    expect(
      resourcesOf("databricks_grant").map(({ storage_credential }) => storage_credential),
    ).toEqual([expect.stringMatching(/^\$\{databricks_storage_credential\./), "old"]);
  });
  test("rejects a credential without an identity", () => {
    expect(codes((stack) => new StorageCredential(stack, "c", { name: "c" }))).toEqual(["ONE_OF"]);
    expect(() => StorageCredential.fromName("a b")).toThrow("invalid character");
  });
});
