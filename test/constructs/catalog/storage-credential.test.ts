import {
  Group,
  SecretValue,
  StorageCredential,
  StorageCredentialGrants,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("storage credential", () => {
  const secret = SecretValue.fromEnvironment("LAKE_SECRET");

  test("renders each identity, with secrets as variables", () => {
    const { resourcesOf } = synth((stack) => {
      const credential = new StorageCredential(stack, "aws", {
        name: "aws",
        awsIamRole: { roleArn: "arn:aws:iam::1:role/x" },
      });
      new StorageCredential(stack, "connector", {
        name: "connector",
        azureManagedIdentity: { accessConnectorId: "/connectors/c" },
      });
      new StorageCredential(stack, "entra", {
        name: "entra",
        azureServicePrincipal: { directoryId: "d", applicationId: "a", clientSecret: secret },
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
      expect(defaultChild(credential)).toBe("databricks_storage_credential");
    });
    expect(resourcesOf("databricks_storage_credential")).toMatchObject([
      { aws_iam_role: { role_arn: "arn:aws:iam::1:role/x" } },
      { azure_managed_identity: { access_connector_id: "/connectors/c" } },
      { azure_service_principal: { client_secret: "${var.LAKE_SECRET}" } },
      { databricks_gcp_service_account: {} },
      { gcp_service_account_key: { private_key: "${var.LAKE_SECRET}" } },
      { cloudflare_api_token: { secret_access_key: "${var.LAKE_SECRET}" } },
    ]);
  });
  test("gives grants on a credential of the stack and on one that is managed elsewhere", () => {
    const { resourcesOf } = synth((stack) => {
      const credential = new StorageCredential(stack, "gcp", {
        name: "gcp",
        databricksGcpServiceAccount: true,
      });
      credential.grants.give(Group.named("platform"), "CREATE_EXTERNAL_LOCATION");
      StorageCredentialGrants.on(stack, "on", StorageCredential.fromName("old")).give(
        Group.named("platform"),
        "READ_FILES",
      );
    });
    expect(
      resourcesOf("databricks_grant").map(({ storage_credential }) => storage_credential),
    ).toEqual([expect.stringMatching(/^\$\{databricks_storage_credential\./), "old"]);
  });
  test("rejects a credential without an identity", () => {
    expect(codes((stack) => new StorageCredential(stack, "c", { name: "c" }))).toEqual(["ONE_OF"]);
  });
  test("rejects an invalid name of a credential that is managed elsewhere", () => {
    expect(() => StorageCredential.fromName("a b")).toThrow("invalid character");
  });
});
