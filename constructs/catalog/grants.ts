import type { Principal } from "../access/principal";
import { GrantResource, type Construct, type GrantConfig } from "../core/bindings";
import { adoptResource, Element } from "../core/element";
import { errorAt } from "../core/errors";
import { redundantPrivileges, type CatalogPrivilege, type SchemaPrivilege, type VolumePrivilege } from "./privileges";

type Securable = Pick<GrantConfig, "catalog" | "schema" | "volume">;

// The interface that a construct needs for grants. The constructs import this file, so it imports none of them.
type Catalog = { readonly kind: "catalog"; renderName(): string };
type Schema = { readonly kind: "schema"; readonly fullName: string };
type Volume = { readonly kind: "volume"; readonly fullName: string };

/**
 * The grants on one securable. One Terraform resource per principal: grants of other principals are not changed.
 *
 * @example
 * catalog.grants.use(Group.named("analysts"));
 * catalog.grants.give(Group.named("data-engineers"), "CREATE_SCHEMA", "USE_CATALOG");
 */
export class Grants<Privilege extends string> {
  readonly #scope: Construct;
  readonly #securable: Securable;
  readonly #given = new Map<string, { readonly resource: GrantResource; readonly privileges: Set<Privilege> }>();

  /** @internal securables provide these as `grants` */
  constructor(scope: Construct, securable: Securable) {
    this.#scope = scope;
    this.#securable = securable;
  }

  /**
   * Grants privileges to a principal, in addition to earlier ones.
   * @throws ConstructError REDUNDANT_PRIVILEGE for a privilege that ALL_PRIVILEGES includes
   */
  give(principal: Principal, ...privileges: readonly Privilege[]): this {
    const before = this.#given.get(principal.name);
    const all = new Set<Privilege>([...(before?.privileges ?? []), ...privileges]);
    const redundant = redundantPrivileges(all);
    if (redundant.length > 0) {
      throw errorAt(
        this.#scope,
        "REDUNDANT_PRIVILEGE",
        `ALL_PRIVILEGES for ${principal.name} already includes the other privileges granted to it`,
        {
          value: redundant.sort().join(", "),
          fix: "grant ALL_PRIVILEGES alone, or the others without it",
        },
      );
    }
    const sorted = [...all].sort();
    if (before !== undefined) {
      for (const privilege of privileges) before.privileges.add(privilege);
      before.resource.privileges = sorted;
      return this;
    }
    const resource = new GrantResource(this.#scope, `Grant-${principal.name}`, {
      ...this.#securable,
      principal: principal.name,
      privileges: sorted,
    });
    this.#given.set(principal.name, { resource, privileges: all });
    return this;
  }

  /**
   * Takes over what has been given so far and exists in the workspace, as {@link Element.adopt} does for an object.
   * @param id the name of the securable: `main.sales`
   * @example
   * new Schema(stack, "sales", { catalog: Catalog.fromName("main"), name: "sales" }).grants.use(Group.named("analysts")).adopt("main.sales");
   */
  adopt(id: string): this {
    const [type] = Object.keys(this.#securable);
    for (const [principal, { resource }] of this.#given) adoptResource(resource, `${type ?? ""}/${id}/${principal}`);
    return this;
  }

  protected giveEach(principals: readonly Principal[], privileges: readonly Privilege[]): this {
    for (const principal of principals) this.give(principal, ...privileges);
    return this;
  }
}

/** The scope for grants on a securable that is managed elsewhere. */
class ExistingSecurable extends Element {}

export class CatalogGrants extends Grants<CatalogPrivilege> {
  /** For a catalog that is managed elsewhere; a catalog of this stack has `grants`. */
  static on(scope: Construct, id: string, catalog: Catalog): CatalogGrants {
    return new CatalogGrants(new ExistingSecurable(scope, id), { catalog: catalog.renderName() });
  }

  /** USE CATALOG only. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_CATALOG"]);
  }

  /** Reads all tables and volumes of the catalog. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_CATALOG", "USE_SCHEMA", "SELECT", "READ_VOLUME"]);
  }

  /** Reads and writes all tables and volumes of the catalog, and creates new ones. */
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

export class SchemaGrants extends Grants<SchemaPrivilege> {
  /** For a schema that is managed elsewhere; a schema of this stack has `grants`. */
  static on(scope: Construct, id: string, schema: Schema): SchemaGrants {
    return new SchemaGrants(new ExistingSecurable(scope, id), { schema: schema.fullName });
  }

  /** USE SCHEMA only. */
  use(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_SCHEMA"]);
  }

  /** Reads all tables and volumes of the schema. */
  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_SCHEMA", "SELECT", "READ_VOLUME"]);
  }

  /** Reads and writes all tables and volumes of the schema, and creates new ones. */
  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["USE_SCHEMA", "SELECT", "MODIFY", "READ_VOLUME", "WRITE_VOLUME", "CREATE_TABLE", "CREATE_VOLUME"]);
  }
}

export class VolumeGrants extends Grants<VolumePrivilege> {
  /** For a volume that is managed elsewhere; a volume of this stack has `grants`. */
  static on(scope: Construct, id: string, volume: Volume): VolumeGrants {
    return new VolumeGrants(new ExistingSecurable(scope, id), { volume: volume.fullName });
  }

  read(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_VOLUME"]);
  }

  write(...principals: readonly Principal[]): this {
    return this.giveEach(principals, ["READ_VOLUME", "WRITE_VOLUME"]);
  }
}
