import type { Artifact } from "../artifacts/artifact";
import type { IVolumeFile } from "../artifacts/volume-file";
import type { IWorkspaceFile } from "../artifacts/workspace-file";

/** The access to a bucket, for logs and init scripts in S3. */
export interface S3Location {
  /** A folder for logs (`s3://bucket/logs`), or the file of a script (`s3://bucket/setup.sh`). */
  readonly destination: string;
  /** The region of the bucket. Set `region` or `endpoint`. */
  readonly region?: string;
  /** The URL of an S3 endpoint. Set `region` or `endpoint`. */
  readonly endpoint?: string;
  /** Encrypt uploaded files on the server. */
  readonly enableEncryption?: boolean;
  /** The kind of encryption. @default "sse-s3" */
  readonly encryptionType?: "sse-s3" | "sse-kms";
  /** The KMS key for `sse-kms`. */
  readonly kmsKey?: string;
  /** The canned ACL of uploaded files, such as `bucket-owner-full-control`. */
  readonly cannedAcl?: string;
}

interface Destination {
  readonly destination: string;
}

export interface RenderedInitScript {
  readonly workspace?: Destination;
  readonly volumes?: Destination;
  readonly abfss?: Destination;
  readonly gcs?: Destination;
  readonly dbfs?: Destination;
  readonly file?: Destination;
  readonly s3?: S3Location;
}

/**
 * A script that each node runs at startup. A cluster can have at most ten.
 *
 * @example
 * const scripts = [
 *   InitScript.workspace("/Shared/init/setup.sh"),
 *   InitScript.volume("/Volumes/main/etl/scripts/setup.sh"),
 * ];
 */
export class InitScript {
  /** A workspace file, as its path or as a {@link WorkspaceFile}. */
  static workspace(file: string | IWorkspaceFile): InitScript {
    return new InitScript({ workspace: { destination: renderFile(file) } });
  }

  /** A file in a volume, as its path or as a {@link VolumeFile}. */
  static volume(file: string | IVolumeFile): InitScript {
    return new InitScript({ volumes: { destination: renderFile(file) } });
  }

  /** A file in an S3 bucket. */
  static s3(location: S3Location): InitScript {
    return new InitScript({ s3: location });
  }

  /** A file in Azure storage: `abfss://container@account.dfs.core.windows.net/path`. */
  static abfss(destination: string): InitScript {
    return new InitScript({ abfss: { destination } });
  }

  /** A file in Google Cloud storage: `gs://bucket/path`. */
  static gcs(destination: string): InitScript {
    return new InitScript({ gcs: { destination } });
  }

  /** A file on the node itself, for custom container images. */
  static file(destination: string): InitScript {
    return new InitScript({ file: { destination } });
  }

  /**
   * A file in DBFS.
   * @deprecated init scripts in DBFS no longer run; use {@link workspace} or {@link volume}
   */
  static dbfs(destination: string): InitScript {
    return new InitScript({ dbfs: { destination } });
  }

  /** Prevents objects of other classes from being accepted as a script. */
  readonly #brand = "InitScript";
  private constructor(
    /** @internal */
    readonly rendered: RenderedInitScript,
  ) {}

  toString(): string {
    return `${this.#brand} ${JSON.stringify(this.rendered)}`;
  }
}

/** Where a cluster writes its logs. */
export class LogDelivery {
  /** A folder in a volume: `/Volumes/main/etl/logs`. */
  static volume(destination: string): LogDelivery {
    return new LogDelivery({ volumes: { destination } });
  }

  /** A folder in an S3 bucket. */
  static s3(location: S3Location): LogDelivery {
    return new LogDelivery({ s3: location });
  }

  /** A folder in DBFS: `dbfs:/cluster-logs`. */
  static dbfs(destination: string): LogDelivery {
    return new LogDelivery({ dbfs: { destination } });
  }

  /** Prevents objects of other classes from being accepted as a target of logs. */
  readonly #brand = "LogDelivery";
  private constructor(
    /** @internal */
    readonly rendered: {
      readonly volumes?: Destination;
      readonly s3?: S3Location;
      readonly dbfs?: Destination;
    },
  ) {}

  toString(): string {
    return `${this.#brand} ${JSON.stringify(this.rendered)}`;
  }
}

function renderFile(file: string | Artifact): string {
  return typeof file === "string" ? file : file.renderPath();
}
