import { VolumeResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { isReference } from "../core/names";
import { VolumeGrants } from "./grants";
import type { ISchema } from "./schema";
import { checkName, splitFullName } from "./securable-name";

export interface VolumeProps {
  /** The schema that contains the volume. Cannot be changed later. */
  readonly schema: ISchema;
  /** The name, without catalog and schema. */
  readonly name: string;
  /** A description for users of the volume. @default - none */
  readonly comment?: string;
  /**
   * The owner: the name of a user or group, or the application id of a service principal.
   * @default - the deploying identity
   */
  readonly owner?: string;
  /**
   * External storage: `s3://bucket/folder`, or a folder below `url` of an {@link ExternalLocation}.
   * Cannot be changed later.
   * @default - managed by Unity Catalog
   */
  readonly storageLocation?: string;
}

/**
 * A volume, managed by this stack or elsewhere. Used for shares and `VolumeGrants.on`; `pathTo`
 * returns paths for files, logs, init scripts and triggers.
 */
export interface IVolume {
  /** Distinguishes a volume from other handles at compile time. */
  readonly kind: "volume";
  /** The name of the volume. */
  readonly name: string;
  /** `catalog.schema.volume` */
  readonly fullName: string;
  /** `/Volumes/catalog/schema/volume` */
  readonly path: string;
  /** Returns the full name, which is a Terraform reference for a volume of this stack. */
  renderFullName(): string;
  /**
   * Returns the path of a file or a folder in the volume. For a volume of this stack it is a
   * Terraform reference, so that Terraform creates the volume first.
   */
  pathTo(file: string): string;
}

/**
 * A volume: a folder of files that Unity Catalog governs.
 *
 * @example
 * const landing = new Volume(stack, "landing", {
 *   schema: Schema.fromName("main.etl"),
 *   name: "landing",
 * });
 * new VolumeFile(stack, "sample", {
 *   path: landing.pathTo("sample.json"),
 *   content: Content.file("stacks/data/sample.json"),
 * });
 * @see https://docs.databricks.com/aws/en/volumes/
 */
export class Volume extends Element implements IVolume {
  /**
   * A volume that is managed elsewhere, as `catalog.schema.volume`.
   * @throws ConstructError BAD_NAME
   */
  static fromName(fullName: string): IVolume {
    const parts = splitFullName(fullName, "catalog.schema.volume");
    const path = `/Volumes/${parts.join("/")}`;
    return {
      kind: "volume",
      name: parts[2] ?? "",
      fullName,
      path,
      renderFullName: () => fullName,
      pathTo: (file) => joinPath(path, file),
    };
  }

  readonly kind = "volume";
  readonly name: string;
  readonly fullName: string;
  readonly path: string;
  /** The grants on the volume. */
  readonly grants: VolumeGrants;
  readonly #resource: VolumeResource;

  /** @throws ConstructError BAD_NAME, BAD_URL for an invalid storage location */
  constructor(scope: Construct, id: string, props: VolumeProps) {
    super(scope, id);
    checkName(this, "volume", props.name);
    const { schema, storageLocation, ...rest } = props;
    if (
      storageLocation !== undefined &&
      !/^(s3|abfss|gs|r2):\/\//.test(storageLocation) &&
      !isReference(storageLocation)
    ) {
      throw errorAt(this, "BAD_URL", "not a cloud storage URL", {
        value: storageLocation,
        allowed: "s3://…, abfss://…, gs://…, r2://…",
        fix: "use a URL in an external location",
      });
    }
    this.name = props.name;
    this.fullName = `${schema.fullName}.${props.name}`;
    this.path = `/Volumes/${this.fullName.replaceAll(".", "/")}`;
    this.#resource = new VolumeResource(this, "Resource", {
      ...rest,
      catalogName: schema.renderCatalogName(),
      schemaName: schema.renderName(),
      volumeType: storageLocation === undefined ? "MANAGED" : "EXTERNAL",
      storageLocation,
    });
    this.grants = new VolumeGrants(this, { volume: this.#resource.id });
  }

  renderFullName(): string {
    return this.#resource.id;
  }

  pathTo(file: string): string {
    return joinPath(this.#resource.volumePath, file);
  }
}

function joinPath(folder: string, file: string): string {
  return `${folder}/${file.replace(/^\/+/, "")}`;
}
