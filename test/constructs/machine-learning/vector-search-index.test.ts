import { Schema, Table, VectorSearchEndpoint, VectorSearchIndex } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const index = {
  schema: Schema.fromName("main.search"),
  endpoint: VectorSearchEndpoint.fromName("docs"),
  primaryKey: "id",
};

describe("vector search index", () => {
  test("is synchronized with a table, or written directly", () => {
    const { resourcesOf } = synth((stack) => {
      const source = Table.fromName("main.search.docs");
      const vectorColumns = [{ name: "v", embeddingDimension: 8 }];
      const synced = new VectorSearchIndex(stack, "a", {
        ...index,
        name: "a",
        deltaSync: { source, vectorColumns },
      });
      new VectorSearchIndex(stack, "b", {
        ...index,
        name: "b",
        directAccess: { schema: { id: "int" }, vectorColumns },
      });
      expect(defaultChild(synced)).toBe("databricks_vector_search_index");
    });
    const common = { endpoint_name: "docs", primary_key: "id" };
    const embedding_vector_columns = [{ name: "v", embedding_dimension: 8 }];
    expect(resourcesOf("databricks_vector_search_index")).toEqual([
      {
        ...common,
        name: "main.search.a",
        index_type: "DELTA_SYNC",
        delta_sync_index_spec: {
          source_table: "main.search.docs",
          pipeline_type: "TRIGGERED",
          embedding_vector_columns,
        },
      },
      {
        ...common,
        name: "main.search.b",
        index_type: "DIRECT_ACCESS",
        direct_access_index_spec: { schema_json: '{"id":"int"}', embedding_vector_columns },
      },
    ]);
  });
  test("rejects an index without a type", () => {
    expect(codes((stack) => new VectorSearchIndex(stack, "a", { ...index, name: "a" }))).toEqual([
      "ONE_OF",
    ]);
  });
});
