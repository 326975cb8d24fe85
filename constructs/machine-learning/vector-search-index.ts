import { defined } from "../../src/defined";
import type { ISchema } from "../catalog/schema";
import { checkName } from "../catalog/securable-name";
import type { ITable } from "../catalog/table";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { checkOneOf } from "../core/one-of";
import type { IVectorSearchEndpoint } from "./vector-search-endpoint";

export interface EmbeddingSourceColumn {
  readonly name: string;
  /** The serving endpoint of the model that computes the embeddings. */
  readonly embeddingModelEndpointName: string;
  /** @default - the same */
  readonly modelEndpointNameForQuery?: string;
}

export interface EmbeddingVectorColumn {
  readonly name: string;
  readonly embeddingDimension: number;
}

interface Columns {
  /** Text columns from which the platform computes vectors. */
  readonly sourceColumns?: readonly EmbeddingSourceColumn[];
  /** Columns that hold vectors. */
  readonly vectorColumns?: readonly EmbeddingVectorColumn[];
}

/** Nothing of it can be changed later. */
export interface VectorSearchIndexProps {
  readonly schema: ISchema;
  readonly name: string;
  readonly endpoint: IVectorSearchEndpoint;
  readonly primaryKey: string;
  /** Synchronized with a Delta table. Set either `deltaSync` or `directAccess`. */
  readonly deltaSync?: Columns & {
    readonly source: ITable;
    /** @default TRIGGERED */
    readonly pipelineType?: "TRIGGERED" | "CONTINUOUS";
    /** A table that gets the vectors, too. */
    readonly embeddingWritebackTable?: string;
  };
  /** Clients write the index; `schema` has the type of each column. */
  readonly directAccess?: Columns & { readonly schema: Readonly<Record<string, string>> };
  /** How long Terraform waits: `30m`. */
  readonly timeouts?: { readonly create?: string };
}

/**
 * An index that a vector search endpoint serves.
 *
 * @example
 * new VectorSearchIndex(stack, "docs-index", {
 *   schema: Schema.fromName("main.search"),
 *   name: "docs_index",
 *   endpoint: VectorSearchEndpoint.fromName("docs"),
 *   primaryKey: "id",
 *   deltaSync: {
 *     source: Table.fromName("main.search.docs"),
 *     sourceColumns: [{ name: "text", embeddingModelEndpointName: "databricks-gte-large-en" }],
 *   },
 * });
 * @see https://docs.databricks.com/aws/en/vector-search/create-vector-search
 */
export class VectorSearchIndex extends Element {
  readonly #name: string;

  /** @throws ConstructError BAD_NAME, ONE_OF */
  constructor(scope: Construct, id: string, props: VectorSearchIndexProps) {
    super(scope, id);
    checkName(this, "vector search index", props.name);
    const { schema, name, endpoint, primaryKey, deltaSync, directAccess, timeouts } = props;
    checkOneOf(this, "vector search index", { deltaSync, directAccess });
    const columns = ({ sourceColumns, vectorColumns }: Columns) =>
      defined({
        embeddingSourceColumns: sourceColumns?.map((column) => ({ ...column })),
        embeddingVectorColumns: vectorColumns?.map((column) => ({ ...column })),
      });
    const { VectorSearchIndex: VectorSearchIndexResource } = load("vector-search-index");
    this.#name = new VectorSearchIndexResource(this, "Resource", {
      name: `${schema.renderCatalogName()}.${schema.renderName()}.${name}`,
      endpointName: endpoint.renderName(),
      primaryKey,
      indexType: deltaSync === undefined ? "DIRECT_ACCESS" : "DELTA_SYNC",
      deltaSyncIndexSpec: deltaSync && {
        sourceTable: deltaSync.source.renderFullName(),
        pipelineType: deltaSync.pipelineType ?? "TRIGGERED",
        embeddingWritebackTable: deltaSync.embeddingWritebackTable,
        ...columns(deltaSync),
      },
      directAccessIndexSpec: directAccess && {
        schemaJson: JSON.stringify(directAccess.schema),
        ...columns(directAccess),
      },
      timeouts,
    }).name;
  }

  /** `catalog.schema.index`, as a reference. */
  renderFullName(): string {
    return this.#name;
  }
}
