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
 * Adds tags to every job, cluster, instance pool and SQL warehouse below a construct. Existing tags
 * are kept.
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
    if (construct instanceof JobResource) construct.tags = this.#merged(construct.tagsInput);
    else if (construct instanceof ClusterResource || construct instanceof InstancePoolResource)
      construct.customTags = this.#merged(construct.customTagsInput);
    else if (construct instanceof SqlEndpointResource) {
      const existingTags = construct.tagsInput?.customTags;
      const before = Array.isArray(existingTags)
        ? Object.fromEntries(existingTags.map(({ key, value }) => [key, value]))
        : {};
      construct.putTags(renderWarehouseTags(this.#merged(before)) ?? {});
    }
  }

  #merged(before: Tags | undefined): Record<string, string> {
    return Object.fromEntries(
      Object.entries({ ...this.#tags, ...before }).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}
