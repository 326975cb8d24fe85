import {
  Connection,
  Credential,
  ExternalLocation,
  Group,
  MlflowExperiment,
  MlflowModel,
  RegisteredModel,
  SecretValue,
  StorageCredential,
  VectorSearchEndpoint,
  WorkspaceBinding,
  type Construct,
  type Schema,
  type IVectorSearchEndpoint,
} from "../../constructs";
import type { Access } from "./access";

/**
 * Adds external storage, a connection to another system, models, and the vector search endpoint,
 * which it returns.
 */
export function addLake(
  stack: Construct,
  schema: Schema,
  { engineers }: Access,
): IVectorSearchEndpoint {
  const secret = SecretValue.fromEnvironment("GALLERY_API_KEY");
  const credential = new StorageCredential(stack, "storage", {
    name: "gallery-storage",
    comment: "the lake",
    isolationMode: "ISOLATION_MODE_ISOLATED",
    readOnly: true,
    skipValidation: true,
    forceDestroy: true,
    forceUpdate: true,
    azureServicePrincipal: { directoryId: "d", applicationId: "a", clientSecret: secret },
  });
  credential.grants.give(engineers, "CREATE_EXTERNAL_LOCATION");
  new WorkspaceBinding(stack, "storage-here", {
    securable: credential,
    workspaceId: 4242,
    bindingType: "BINDING_TYPE_READ_WRITE",
  });
  const location = new ExternalLocation(stack, "location", {
    name: "gallery-raw",
    url: "abfss://raw@gallery.dfs.core.windows.net/in",
    credential,
    comment: "raw files",
    readOnly: true,
    fallback: true,
    skipValidation: true,
    forceDestroy: true,
    forceUpdate: true,
  });
  location.grants.read(engineers);
  const queue = new Credential(stack, "queue", {
    name: "gallery-queue",
    purpose: "SERVICE",
    awsIamRole: { roleArn: "arn:aws:iam::123456789012:role/queue" },
    skipValidation: true,
  });
  queue.grants.use(engineers);
  const sales = new Connection(stack, "sales", {
    name: "gallery-sales",
    connectionType: "POSTGRESQL",
    options: { host: "db.example.com", port: "5432", user: "reader", password: secret },
    comment: "the shop's database",
    properties: { purpose: "gallery" },
  });
  sales.grants.use(Group.named("analysts"));

  new RegisteredModel(stack, "model", {
    schema,
    name: "churn",
    comment: "who leaves",
  }).grants.execute(engineers);
  new MlflowExperiment(stack, "experiment", { name: "/Shared/gallery-churn" }).permissions.allow(
    "CAN_EDIT",
    engineers,
  );
  new MlflowModel(stack, "workspace-model", {
    name: "gallery-churn",
    description: "who leaves",
    tags: { purpose: "gallery" },
  });
  return new VectorSearchEndpoint(stack, "search", {
    name: "gallery",
    endpointType: "STANDARD",
    timeouts: { create: "30m" },
  });
}
