import path from "node:path";
import {
  AzurermBackend,
  GcsBackend,
  HttpBackend,
  LocalBackend,
  PgBackend,
  S3Backend,
  type Construct,
  type TerraformRemoteState,
} from "./bindings";
import { projectRoot } from "./project-root";

/**
 * Where Terraform stores the state of a stack: `local` (the default), `workspace` (in the
 * Databricks workspace itself), `s3`, `azurerm`, `gcs`, `http` or `pg`. Credentials are never set
 * here: Terraform reads them from its environment (`AWS_*`, `ARM_*`, `GOOGLE_*`, `TF_HTTP_*`,
 * `PG_CONN_STR`).
 *
 * @example
 * const environments = defineEnvironments([
 *   {
 *     name: "dev",
 *     values: {},
 *     backend: {
 *       kind: "s3",
 *       bucket: "acme-states",
 *       region: "eu-central-1",
 *       dynamodbTable: "acme-locks",
 *     },
 *   },
 *   {
 *     name: "prod",
 *     values: {},
 *     backend: { kind: "azurerm", storageAccountName: "acmestates", containerName: "prod" },
 *   },
 * ]);
 */
export type Backend =
  /** A file on the machine that runs the command. */
  | { readonly kind: "local" }
  /**
   * The Databricks workspace, next to the deployment record. Needs no bucket; see docs/state.md.
   */
  | { readonly kind: "workspace" }
  | {
      readonly kind: "s3";
      /** The name of the bucket. */
      readonly bucket: string;
      /** The AWS region of the bucket. */
      readonly region: string;
      /** The key of the state. @default `lakeform/<project>/<stack>.tfstate` */
      readonly key?: string;
      /** The DynamoDB table for the lock. @default no lock table */
      readonly dynamodbTable?: string;
      /** The ARN of the KMS key that encrypts the state. @default - S3's own key */
      readonly kmsKeyId?: string;
    }
  | {
      readonly kind: "azurerm";
      /** The name of the storage account. */
      readonly storageAccountName: string;
      /** The name of the blob container. */
      readonly containerName: string;
      /**
       * The resource group of the storage account. Needed only to look up its access key.
       * @default - none
       */
      readonly resourceGroupName?: string;
      /** The key of the state. @default `lakeform/<project>/<stack>.tfstate` */
      readonly key?: string;
    }
  | {
      readonly kind: "gcs";
      /** The name of the bucket. */
      readonly bucket: string;
      /** The prefix of the state. @default `lakeform/<project>/<stack>` */
      readonly prefix?: string;
    }
  | {
      readonly kind: "http";
      /**
       * The base URL: the state is stored at `<address>/<stack>`. Terraform reads user and password
       * from TF_HTTP_USERNAME and TF_HTTP_PASSWORD.
       */
      readonly address: string;
      /** Lock and unlock with POST and DELETE at `<address>/<stack>/lock`. @default false */
      readonly lock?: boolean;
    }
  | {
      readonly kind: "pg";
      /**
       * The schema of the state. The connection comes from PG_CONN_STR.
       * @default `lakeform_<stack>`, with _ instead of -
       */
      readonly schemaName?: string;
    };

/**
 * Adds the backend to a stack. Paths are relative, so that a commit synthesizes to the same bytes
 * everywhere.
 */
export function addBackend(
  stack: Construct,
  backend: Backend,
  project: string,
  name: string,
  outdir: string,
): void {
  const key = `lakeform/${project}/${name}`;
  switch (backend.kind) {
    case "local":
      new LocalBackend(stack, { path: localStatePath(name, outdir) });
      return;
    case "workspace":
      new WorkspaceBackend(stack, name);
      return;
    case "s3":
      new S3Backend(stack, {
        bucket: backend.bucket,
        region: backend.region,
        key: backend.key ?? `${key}.tfstate`,
        encrypt: true,
        dynamodbTable: backend.dynamodbTable,
        kmsKeyId: backend.kmsKeyId,
      });
      return;
    case "azurerm":
      new AzurermBackend(stack, {
        storageAccountName: backend.storageAccountName,
        containerName: backend.containerName,
        resourceGroupName: backend.resourceGroupName,
        key: backend.key ?? `${key}.tfstate`,
      });
      return;
    case "gcs":
      new GcsBackend(stack, { bucket: backend.bucket, prefix: backend.prefix ?? key });
      return;
    case "http": {
      const address = `${backend.address.replace(/\/$/, "")}/${name}`;
      const lock = `${address}/lock`;
      new HttpBackend(stack, {
        address,
        ...(backend.lock === true && {
          lockAddress: lock,
          lockMethod: "POST",
          unlockAddress: lock,
          unlockMethod: "DELETE",
        }),
      });
      return;
    }
    case "pg": {
      // cdktf requires a connection string, but Terraform should use PG_CONN_STR.
      const pg = new PgBackend(stack, {
        connStr: "",
        schemaName: backend.schemaName ?? `lakeform_${name.replaceAll("-", "_")}`,
      });
      pg.addOverride("conn_str", undefined);
    }
  }
}

/**
 * Terraform's `http` backend, which every lakeform command serves while it runs. Each command sets
 * the address and the password in the environment (TF_HTTP_ADDRESS, TF_HTTP_PASSWORD). The user
 * name selects the stack, also when another stack reads this one's outputs.
 */
class WorkspaceBackend extends HttpBackend {
  constructor(stack: Construct, name: string) {
    super(stack, { address: "", username: name });
    this.addOverride("address", undefined);
  }

  override getRemoteStateDataSource(
    scope: Construct,
    name: string,
    fromStack: string,
  ): TerraformRemoteState {
    const source = super.getRemoteStateDataSource(scope, name, fromStack);
    source.addOverride("config.address", undefined);
    return source;
  }
}

/**
 * Returns the path of the local state. Terraform runs in `<outdir>/stacks/<stack>`, and the state
 * is in `<project>/.lakeform/state`. For an output folder outside the project, the path is the same
 * as for `<project>/cdktf.out`.
 */
function localStatePath(name: string, outdir: string): string {
  const relativeOutdir = path.relative(projectRoot(), path.resolve(outdir));
  const isInside =
    relativeOutdir !== "" && !relativeOutdir.startsWith("..") && !path.isAbsolute(relativeOutdir);
  const toProject = isInside
    ? path.posix.join(...relativeOutdir.split(path.sep).map(() => ".."), "..", "..")
    : "../../..";
  return `${toProject}/.lakeform/state/${name}.tfstate`;
}
