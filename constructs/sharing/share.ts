import { defined } from "../../src/defined";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import { ShareGrants } from "../catalog/grants";
import { checkName, checkExistingName } from "../catalog/securable-name";

/** A part of a table: rows that meet all of these conditions. */
export type SharedPartition = readonly {
  /** The partition column. */
  readonly name: string;
  /** The comparison. */
  readonly op: "EQUAL" | "LIKE";
  /** The value to compare with. */
  readonly value?: string;
  /** A property of the recipient to compare with, instead of a value. */
  readonly recipientPropertyKey?: string;
}[];

export interface SharedObject {
  /**
   * The object to share: a table, view, volume or model, of this stack or existing, or the full
   * name of any object, such as `main.shop.orders`. Set `type` for other objects than tables.
   */
  readonly object: string | { renderFullName(): string };
  /** The type of the object. @default TABLE */
  readonly type?:
    | "TABLE"
    | "VIEW"
    | "SCHEMA"
    | "VOLUME"
    | "MODEL"
    | "FUNCTION"
    | "MATERIALIZED_VIEW"
    | "STREAMING_TABLE"
    | "NOTEBOOK_FILE";
  /** A description for recipients. @default - none */
  readonly comment?: string;
  /**
   * The name that recipients see: `shop.orders`. Cannot be changed later.
   * @default - the schema and the name of the object
   */
  readonly sharedAs?: string;
  /** The name of a notebook or volume that recipients see. */
  readonly stringSharedAs?: string;
  /** The content of a notebook. */
  readonly content?: string;
  /** Share the change data feed of a table. @default false */
  readonly cdfEnabled?: boolean;
  /**
   * Share the history of a table, so that recipients can use time travel.
   * @default - decided by the platform
   */
  readonly historyDataSharing?: boolean;
  /** The first version of the history to share. */
  readonly startVersion?: number;
  /** The parts of the table to share. @default - the complete table */
  readonly partitions?: readonly SharedPartition[];
}

export interface ShareProps {
  /** The name, which must be unique in the metastore. Cannot be changed later. */
  readonly name: string;
  /** A description of the share. @default - none */
  readonly comment?: string;
  /** The owner of the share. @default - the deploying identity */
  readonly owner?: string;
  /** The storage location of the share. @default - the metastore's storage */
  readonly storageRoot?: string;
  /** The objects to share; {@link Share.add} adds more. @default - none */
  readonly objects?: readonly SharedObject[];
}

/** A share, managed by this stack or elsewhere. Used for `ShareGrants.on`. */
export interface IShare {
  /** Distinguishes a share from other handles at compile time. */
  readonly kind: "share";
  /** Returns the name, which is a Terraform reference for a share of this stack. */
  renderName(): string;
}

/**
 * Tables, views, volumes, models and other objects that recipients can read.
 *
 * @example
 * const share = new Share(stack, "sales", {
 *   name: "sales",
 *   objects: [{ object: "main.shop.orders", historyDataSharing: true }],
 * });
 * share.add({
 *   object: "main.shop.customers",
 *   partitions: [[{ name: "country", op: "EQUAL", value: "DE" }]],
 * });
 * share.grants.read(Recipient.fromName("partner"));
 * @see https://docs.databricks.com/aws/en/delta-sharing/create-share
 */
export class Share extends Element implements IShare {
  /** A share that is managed elsewhere. @throws ConstructError BAD_NAME */
  static fromName(name: string): IShare {
    checkExistingName("share", name);
    return { kind: "share", renderName: () => name };
  }

  readonly kind = "share";
  readonly name: string;
  /** The grants on the share. */
  readonly grants: ShareGrants;
  readonly #resource;
  readonly #objects = new Map<string, object>();

  /** @throws ConstructError BAD_NAME, DUPLICATE_SHARED_OBJECT */
  constructor(scope: Construct, id: string, props: ShareProps) {
    super(scope, id);
    checkName(this, "share", props.name);
    const { objects = [], ...rest } = props;
    const { Share: ShareResource } = load("share");
    this.name = props.name;
    this.#resource = new ShareResource(this, "Resource", rest);
    this.grants = new ShareGrants(this, { share: this.#resource.name });
    for (const object of objects) this.add(object);
  }

  /** Adds an object. @throws ConstructError DUPLICATE_SHARED_OBJECT */
  add(shared: SharedObject): this {
    const { object, type = "TABLE", historyDataSharing, partitions, ...rest } = shared;
    const name = typeof object === "string" ? object : object.renderFullName();
    if (this.#objects.has(name))
      throw errorAt(this, "DUPLICATE_SHARED_OBJECT", "the share already contains this object", {
        value: name,
        fix: "remove one of the two",
      });
    const rendered = {
      ...rest,
      name,
      dataObjectType: type,
      ...(historyDataSharing !== undefined && {
        historyDataSharingStatus: historyDataSharing ? "ENABLED" : "DISABLED",
      }),
      ...defined({
        partition: partitions?.map((conditions) => ({
          value: conditions.map((condition) => ({ ...condition })),
        })),
      }),
    };
    this.#objects.set(name, rendered);
    this.#resource.putObject([...(this.#objects.values() as Iterable<typeof rendered>)]);
    return this;
  }

  renderName(): string {
    return this.#resource.name;
  }
}
