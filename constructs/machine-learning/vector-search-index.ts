import { defined } from "../../src/defined";
import type { ISchema } from "../catalog/schema";
import { checkName } from "../catalog/securable-name";
import type { ITable } from "../catalog/table";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { checkOneOf } from "../core/one-of";
import type { IVectorSearchEndpoint } from "./vector-search-endpoint";

export interface EmbeddingSourceColumn {
  /** The name of the text column. */
  readonly name: string;
  /** The serving endpoint of the model that computes the embeddings. */
  readonly embeddingModelEndpointName: string;
  /**
   * The serving endpoint that computes the embeddings of queries.
   * @default - `embeddingModelEndpointName`
   */
  readonly modelEndpointNameForQuery?: string;
}

export interface EmbeddingVectorColumn {
  /** The name of the column with the embeddings. */
  readonly name: string;
  /** The number of elements of each embedding. */
  readonly embeddingDimension: number;
}

interface Columns {
  /** The text columns for which the platform computes embeddings. */
  readonly sourceColumns?: readonly EmbeddingSourceColumn[];
  /** The columns that contain embeddings. */
  readonly vectorColumns?: readonly EmbeddingVectorColumn[];
}

/** The properties of an index. None of them can be changed later. */
export interface VectorSearchIndexProps {
  /** The schema that contains the index. */
  readonly schema: ISchema;
  /** The name, without catalog and schema. */
  readonly name: string;
  /** The endpoint that serves the index. */
  readonly endpoint: IVectorSearchEndpoint;
  /** The column that identifies a row. */
  readonly primaryKey: string;
  /** Synchronizes the index with a Delta table. Set either `deltaSync` or `directAccess`. */
  readonly deltaSync?: Columns & {
    /** The table to synchronize from. */
    readonly source: ITable;
    /** When the index is synchronized. @default TRIGGERED */
    readonly pipelineType?: "TRIGGERED" | "CONTINUOUS";
    /** A table to which the computed embeddings are written. */
    readonly embeddingWritebackTable?: string;
  };
  /** Lets clients write to the index. */
  readonly directAccess?: Columns & {
    /** The types of the columns by name: `{ id: "bigint" }`. */
    readonly schema: Readonly<Record<string, string>>;
  };
  /** The time limits of Terraform operations. */
  readonly timeouts?: {
    /** The time limit of a create: `30m`. */
    readonly create?: string;
  };
}

/**
 * An index, served by a vector search endpoint.
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
    checkOneOf(this, "a vector search index", { deltaSync, directAccess });
    const renderColumns = ({ sourceColumns, vectorColumns }: Columns) =>
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
        ...renderColumns(deltaSync),
      },
      directAccessIndexSpec: directAccess && {
        schemaJson: JSON.stringify(directAccess.schema),
        ...renderColumns(directAccess),
      },
      timeouts,
    }).name;
  }

  /** `catalog.schema.index`, as a Terraform reference. */
  renderFullName(): string {
    return this.#name;
  }
}
