/** Inserts an item into a list that is sorted by key, before items with the same key. */
export function insertSorted<T>(list: T[], item: T, keyOf: (item: T) => string): void {
  const key = keyOf(item);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const middleItem = list[middle];
    if (middleItem !== undefined && keyOf(middleItem) < key) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, item);
}
