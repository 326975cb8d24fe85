import { childId, keyOf, type Grantee, type Principal } from "../access/principal";
import { GrantResource, type Construct, type GrantConfig } from "../core/bindings";
import { adoptResource, Element } from "../core/element";
import { errorAt } from "../core/errors";
import {
  redundantPrivileges,
  type CatalogPrivilege,
  type ConnectionPrivilege,
  type ExternalLocationPrivilege,
  type RegisteredModelPrivilege,
  type SchemaPrivilege,
  type ServiceCredentialPrivilege,
  type SharePrivilege,
  type StorageCredentialPrivilege,
  type TablePrivilege,
  type VolumePrivilege,
} from "./privileges";

type Securable = Pick<
  GrantConfig,
  | "catalog"
  | "schema"
  | "table"
  | "volume"
  | "externalLocation"
  | "storageCredential"
  | "credential"
  | "foreignConnection"
  | "model"
  | "share"
>;

interface GrantEntry<Privilege> {
  readonly principal: Grantee;
  readonly resource: GrantResource;
  readonly privileges: Set<Privilege>;
}

// The constructs import this file, so it cannot import them. These types describe what it uses.
type Catalog = { readonly kind: "catalog"; renderName(): string };
type Schema = { readonly kind: "schema"; readonly fullName: string };
type Volume = { readonly kind: "volume"; readonly fullName: string };
type ExternalLocation = { readonly kind: "external location"; renderName(): string };
type StorageCredential = { readonly kind: "storage credential"; renderName(): string };
type Credential = { readonly kind: "credential"; renderName(): string };
type Connection = { readonly kind: "connection"; renderName(): string };
type RegisteredModel = { readonly kind: "registered model"; renderFullName(): string };
type Table = { readonly kind: "table"; renderFullName(): string };
type Share = { readonly kind: "share"; renderName(): string };
type Recipient = Grantee & { readonly kind: "recipient" };

/**
 * The grants on one securable. The grants of each principal are a separate Terraform resource, so
 * those of other principals do not change.
 *
 * @example
 * catalog.grants.use(Group.named("analysts"));
 * catalog.grants.give(Group.named("data-engineers"), "CREATE_SCHEMA", "USE_CATALOG");
 */
export class Grants<Privilege extends string, To extends Grantee = Principal> {
  readonly #scope: Construct;
  readonly #securable: Securable;
  readonly #entries = new Map<string, GrantEntry<Privilege>>();

  /** @internal securables provide these as `grants` */
  constructor(scope: Construct, securable: Securable) {
    this.#scope = scope;
    this.#securable = securable;
  }

  /**
   * Grants privileges to a principal, in addition to those granted so far.
   * @throws ConstructError REDUNDANT_PRIVILEGE for a privilege that ALL_PRIVILEGES includes
   */
  give(principal: To, ...privileges: readonly Privilege[]): this {
    const existingEntry = this.#entries.get(keyOf(principal));
    const allPrivileges = new Set<Privilege>([...(existingEntry?.privileges ?? []), ...privileges]);
    const redundantNames = redundantPrivileges(allPrivileges);
    if (redundantNames.length > 0) {
      throw errorAt(
        this.#scope,
        "REDUNDANT_PRIVILEGE",
        `ALL_PRIVILEGES for ${principal.name} already includes the other privileges granted to it`,
        {
          value: redundantNames.sort().join(", "),
          fix: "grant ALL_PRIVILEGES alone, or the others without it",
        },
      );
    }
    const sortedPrivileges = [...allPrivileges].sort();
    if (existingEntry !== undefined) {
      for (const privilege of privileges) existingEntry.privileges.add(privilege);
      existingEntry.resource.privileges = sortedPrivileges;
      return this;
    }
    const resource = new GrantResource(this.#scope, childId(this.#scope, "Grant", principal), {
      ...this.#securable,
      principal: principal.renderName(),
      privileges: sortedPrivileges,
    });
    this.#entries.set(keyOf(principal), { principal, resource, privileges: allPrivileges });
    return this;
  }

  /**
   * Adopts the grants declared so far, which must already exist in the workspace. See
   * {@link Element.adopt}.
   * @param id the name of the securable: `main.sales`
   * @example
   * new Schema(stack, "sales", { catalog: Catalog.fromName("main"), name: "sales" }).grants
   *   .use(Group.named("analysts"))
   *   .adopt("main.sales");
   */
  adopt(id: string): this {
    const [field = ""] = Object.keys(this.#securable);
    const type =
      field === "foreignConnection"
        ? "connection"
        : field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    for (const { principal, resource } of this.#entries.values())
      adoptResource(resource, `${type}/${id}/${principal.name}`);
    return this;
  }

  /** Grants privileges to several principals. */
  protected giveEach(principals: readonly To[], privileges: readonly Privilege[]): this {
    for (const principal of principals) this.give(principal, ...privileges);
    return this;
  }
}

/** The construct that contains the grants on a securable that is managed elsewhere. */
class ExistingSecurable extends Element {}

/** The grants on a catalog. Its schemas, tables and volumes inherit them. */
export class CatalogGrants extends Grants<CatalogPrivilege> {
  /** Creates grants on a catalog that is managed elsewhere. In this stack, use `catalog.grants`. */
  static on(scope: Construct, id: string, catalog: Catalog): CatalogGrants {
    return new CatalogGrants(new ExistingSecurable(scope, id), { catalog: catalog.renderName() });
  }

  /** Grants USE CATALOG only. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_CATALOG"]);
  }

  /** Grants read access to all tables and volumes of the catalog. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_CATALOG", "USE_SCHEMA", "SELECT", "READ_VOLUME"]);
  }

  /**
   * Grants read and write access to all tables and volumes of the catalog, and permission to create
   * schemas, tables and volumes.
   */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, [
      "USE_CATALOG",
      "USE_SCHEMA",
      "SELECT",
      "MODIFY",
      "READ_VOLUME",
      "WRITE_VOLUME",
      "CREATE_SCHEMA",
      "CREATE_TABLE",
      "CREATE_VOLUME",
    ]);
  }
}

/** The grants on a schema. Its tables and volumes inherit them. */
export class SchemaGrants extends Grants<SchemaPrivilege> {
  /** Creates grants on a schema that is managed elsewhere. In this stack, use `schema.grants`. */
  static on(scope: Construct, id: string, schema: Schema): SchemaGrants {
    return new SchemaGrants(new ExistingSecurable(scope, id), { schema: schema.fullName });
  }

  /** Grants USE SCHEMA only. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_SCHEMA"]);
  }

  /** Grants read access to all tables and volumes of the schema. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_SCHEMA", "SELECT", "READ_VOLUME"]);
  }

  /**
   * Grants read and write access to all tables and volumes of the schema, and permission to create
   * tables and volumes.
   */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, [
      "USE_SCHEMA",
      "SELECT",
      "MODIFY",
      "READ_VOLUME",
      "WRITE_VOLUME",
      "CREATE_TABLE",
      "CREATE_VOLUME",
    ]);
  }
}

/** The grants on a volume. */
export class VolumeGrants extends Grants<VolumePrivilege> {
  /** Creates grants on a volume that is managed elsewhere. In this stack, use `volume.grants`. */
  static on(scope: Construct, id: string, volume: Volume): VolumeGrants {
    return new VolumeGrants(new ExistingSecurable(scope, id), { volume: volume.fullName });
  }

  /** Grants permission to read the files. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_VOLUME"]);
  }

  /** Grants permission to read and write the files. */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_VOLUME", "WRITE_VOLUME"]);
  }
}

/** The grants on a table or a view. */
export class TableGrants extends Grants<TablePrivilege> {
  /**
   * Creates grants on a table or view that is managed elsewhere. In this stack, use `table.grants`.
   */
  static on(scope: Construct, id: string, table: Table): TableGrants {
    return new TableGrants(new ExistingSecurable(scope, id), { table: table.renderFullName() });
  }

  /** Grants permission to read the rows. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["SELECT"]);
  }

  /** Grants permission to read and change the rows. */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["SELECT", "MODIFY"]);
  }
}

/** The grants on a share, to recipients. */
export class ShareGrants extends Grants<SharePrivilege, Recipient> {
  /** Creates grants on a share that is managed elsewhere. In this stack, use `share.grants`. */
  static on(scope: Construct, id: string, share: Share): ShareGrants {
    return new ShareGrants(new ExistingSecurable(scope, id), { share: share.renderName() });
  }

  /** Grants permission to read the objects of the share. */
  read(...recipients: readonly Recipient[]): this {
    return this.giveEach(recipients, ["SELECT"]);
  }
}

/** The grants on an external location. */
export class ExternalLocationGrants extends Grants<ExternalLocationPrivilege> {
  /**
   * Creates grants on a location that is managed elsewhere. In this stack, use `location.grants`.
   */
  static on(scope: Construct, id: string, location: ExternalLocation): ExternalLocationGrants {
    return new ExternalLocationGrants(new ExistingSecurable(scope, id), {
      externalLocation: location.renderName(),
    });
  }

  /** Grants permission to read the files directly. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_FILES"]);
  }

  /** Grants permission to read and write the files directly. */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_FILES", "WRITE_FILES"]);
  }
}

/** The grants on a storage credential. */
export class StorageCredentialGrants extends Grants<StorageCredentialPrivilege> {
  /**
   * Creates grants on a credential that is managed elsewhere. In this stack, use
   * `credential.grants`.
   */
  static on(scope: Construct, id: string, credential: StorageCredential): StorageCredentialGrants {
    return new StorageCredentialGrants(new ExistingSecurable(scope, id), {
      storageCredential: credential.renderName(),
    });
  }
}

/** The grants on a credential with the purpose SERVICE. */
export class CredentialGrants extends Grants<ServiceCredentialPrivilege> {
  /**
   * Creates grants on a credential that is managed elsewhere. In this stack, use
   * `credential.grants`.
   */
  static on(scope: Construct, id: string, credential: Credential): CredentialGrants {
    return new CredentialGrants(new ExistingSecurable(scope, id), {
      credential: credential.renderName(),
    });
  }

  /** Grants permission to call cloud services with the credential. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["ACCESS"]);
  }
}

/** The grants on a connection. */
export class ConnectionGrants extends Grants<ConnectionPrivilege> {
  /**
   * Creates grants on a connection that is managed elsewhere. In this stack, use
   * `connection.grants`.
   */
  static on(scope: Construct, id: string, connection: Connection): ConnectionGrants {
    return new ConnectionGrants(new ExistingSecurable(scope, id), {
      foreignConnection: connection.renderName(),
    });
  }

  /** Grants permission to query the other system. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_CONNECTION"]);
  }
}

/** The grants on a model of Unity Catalog. */
export class RegisteredModelGrants extends Grants<RegisteredModelPrivilege> {
  /** Creates grants on a model that is managed elsewhere. In this stack, use `model.grants`. */
  static on(scope: Construct, id: string, model: RegisteredModel): RegisteredModelGrants {
    return new RegisteredModelGrants(new ExistingSecurable(scope, id), {
      model: model.renderFullName(),
    });
  }

  /** Grants permission to load the model. */
  execute(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["EXECUTE"]);
  }
}
