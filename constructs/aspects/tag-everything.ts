import {
  ClusterResource,
  InstancePoolResource,
  JobResource,
  SqlEndpointResource,
  type IAspect,
  type IConstruct,
} from "../core/bindings";
import { renderWarehouseTags } from "../sql/sql-warehouse";

type Tags = Readonly<Record<string, string>>;

/**
 * Adds tags to every job, cluster, instance pool and SQL warehouse below a construct. Resources of
 * other types do not change. Tags that a resource already has take precedence.
 *
 * @example
 * Aspects.of(stack).add(new TagEverything({ team: "analytics", "cost-center": "4711" }));
 */
export class TagEverything implements IAspect {
  readonly #tags: Tags;

  constructor(tags: Tags) {
    this.#tags = tags;
  }

  /** The toolkit calls this for each construct. */
  visit(construct: IConstruct): void {
    if (construct instanceof JobResource) construct.tags = this.#withTags(construct.tagsInput);
    else if (construct instanceof ClusterResource || construct instanceof InstancePoolResource)
      construct.customTags = this.#withTags(construct.customTagsInput);
    else if (construct instanceof SqlEndpointResource) {
      const tagList = construct.tagsInput?.customTags;
      const existingTags = Array.isArray(tagList)
        ? Object.fromEntries(tagList.map(({ key, value }) => [key, value]))
        : {};
      construct.putTags(renderWarehouseTags(this.#withTags(existingTags)) ?? {});
    }
  }

  #withTags(existingTags: Tags | undefined): Record<string, string> {
    return Object.fromEntries(
      Object.entries({ ...this.#tags, ...existingTags }).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}
