import { Credential, CredentialGrants, Group } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("credential", () => {
  test("has a purpose and one identity", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const queue = new Credential(stack, "q", {
        name: "queue",
        purpose: "SERVICE",
        azureManagedIdentity: { accessConnectorId: "c", managedIdentityId: "m" },
        isolationMode: "ISOLATION_MODE_ISOLATED",
      });
      queue.grants.use(Group.named("engineers"));
      CredentialGrants.on(stack, "on", Credential.fromName("old")).use(Group.named("engineers"));
      expect(defaultChild(queue)).toBe("databricks_credential");
    });
    expect(resourceOf("databricks_credential")).toMatchObject({
      purpose: "SERVICE",
      isolation_mode: "ISOLATION_MODE_ISOLATED",
      azure_managed_identity: { access_connector_id: "c", managed_identity_id: "m" },
    });
    expect(resourcesOf("databricks_grant").map(({ privileges }) => privileges)).toEqual([
      ["ACCESS"],
      ["ACCESS"],
    ]);
  });
  test("rejects two identities", () => {
    const two = { awsIamRole: { roleArn: "r" }, databricksGcpServiceAccount: true } as const;
    expect(
      codes((stack) => new Credential(stack, "c", { name: "c", purpose: "STORAGE", ...two })),
    ).toEqual(["ONE_OF"]);
  });
});
