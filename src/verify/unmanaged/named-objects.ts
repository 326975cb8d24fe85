/** Finds objects in the workspace by their name in the code. */
import { traitsOf } from "../../resources";
import type { Attributes, KindReader, Remote } from "../../resources/kind";
import { textOrEmpty } from "../../resources/shape/attributes";
import type { Access } from "../remote/shared-reads";

type ByKey = ReadonlyMap<string, readonly Remote[]>;

export class ObjectsByName {
  readonly #lists = new Map<string, Promise<ByKey | undefined>>();

  constructor(
    private readonly api: Access,
    /** Called once for each list that could not be read. */
    private readonly onListError: (reader: KindReader, error: unknown) => void,
  ) {}

  /**
   * True if objects of this type are found by name in a list. For other types, the natural key is
   * the id, or the type has a look-up.
   */
  isListed(type: string): boolean {
    const { comparedInList, foundInList } = traitsOf(type);
    return comparedInList === true || foundInList !== undefined;
  }

  /**
   * Returns all objects of a listed kind with this natural key; undefined if the list could not be
   * read.
   */
  async findListed(
    reader: KindReader,
    key: string,
    attributes: Attributes,
  ): Promise<readonly Remote[] | undefined> {
    const containerField = reader.traits?.foundInList?.container;
    const container =
      containerField === undefined ? undefined : textOrEmpty(attributes, containerField);
    const list = `${reader.type}\0${container ?? ""}`;
    const objects = this.#lists.get(list) ?? this.#readList(reader, container);
    this.#lists.set(list, objects);
    return (await objects)?.get(key) ?? ((await objects) === undefined ? undefined : []);
  }

  /** Returns the state id of an object of a kind that is not listed; undefined if there is none. */
  async idOf(reader: KindReader, key: string, attributes: Attributes): Promise<string | undefined> {
    return reader.locate === undefined
      ? key.slice(key.indexOf(":") + 1)
      : reader.locate(this.api, attributes);
  }

  async #readList(reader: KindReader, container: string | undefined): Promise<ByKey | undefined> {
    if (reader.list === undefined) return undefined;
    const byKey = new Map<string, Remote[]>();
    try {
      for await (const remote of reader.list(this.api, container)) {
        const key = reader.identity.naturalKey(remote.attributes);
        if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), remote]);
      }
      return byKey;
    } catch (error) {
      this.onListError(reader, error);
      return undefined;
    }
  }
}
