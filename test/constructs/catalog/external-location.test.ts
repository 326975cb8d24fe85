import {
  ExternalLocation,
  ExternalLocationGrants,
  Group,
  Schema,
  StorageCredential,
  Volume,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const credential = StorageCredential.fromName("lake");

describe("external location", () => {
  test("has a credential, encryption and a queue, and can be used by volumes", () => {
    const { resourceOf, resourcesOf } = synth((stack) => {
      const lake = new ExternalLocation(stack, "l", {
        name: "lake",
        url: "s3://acme/raw",
        credential,
        enableFileEvents: true,
        fileEventQueue: { managedSqs: { queueUrl: "https://q" } },
        sseEncryptionDetails: { algorithm: "AWS_SSE_KMS", awsKmsKeyArn: "arn" },
      });
      lake.grants.read(Group.named("engineers")).write(Group.named("loaders"));
      new Volume(stack, "v", {
        schema: Schema.fromName("main.raw"),
        name: "in",
        storageLocation: `${lake.url}/in`,
      });
      ExternalLocationGrants.on(stack, "on", ExternalLocation.fromName("old")).read(
        Group.named("engineers"),
      );
      expect(defaultChild(lake)).toBe("databricks_external_location");
    });
    expect(resourceOf("databricks_external_location")).toMatchObject({
      credential_name: "lake",
      file_event_queue: { managed_sqs: { queue_url: "https://q" } },
      encryption_details: { sse_encryption_details: { algorithm: "AWS_SSE_KMS" } },
    });
    expect(resourceOf("databricks_volume").storage_location).toMatch(
      /^\$\{databricks_external_location\..*\.url\}\/in$/,
    );
    expect(resourcesOf("databricks_grant").map(({ privileges }) => privileges)).toEqual([
      ["READ_FILES"],
      ["READ_FILES", "WRITE_FILES"],
      ["READ_FILES"],
    ]);
  });
  test("rejects a local path, and a queue without a type", () => {
    expect(
      codes((stack) => new ExternalLocation(stack, "l", { name: "l", url: "/tmp", credential })),
    ).toEqual(["BAD_URL"]);
    expect(
      codes(
        (stack) =>
          new ExternalLocation(stack, "l", {
            name: "l",
            url: "s3://a",
            credential,
            fileEventQueue: {},
          }),
      ),
    ).toEqual(["ONE_OF"]);
  });
});
