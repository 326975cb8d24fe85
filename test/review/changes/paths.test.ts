import { overlaps, PathIndex } from "../../../src/review/changes/paths";

/** Returns paths that combine a few names, so that many pairs overlap. */
function paths(): string[] {
  const heads = [
    "a",
    "ab",
    "a[x]",
    "a[x y]",
    "a[x y z]",
    "a[xy]",
    "a b[x]",
    "a[y.z]",
    "b",
    "access_control[users]",
    "access_control[users CAN_VIEW]",
  ];
  const tails = ["", ".c", ".c.d", "[x]", ".c[x y]", ".c[x].d"];
  return heads.flatMap((head) => tails.map((tail) => head + tail));
}

test("the path index gives the same results as comparing each pair", () => {
  const all = paths();
  for (const [position, path] of all.entries()) {
    const single = new PathIndex([path]);
    expect(all.filter((other) => single.overlaps(other))).toEqual(
      all.filter((other) => overlaps(path, other)),
    );
    const several = all.filter((_other, index) => (index * 7 + position) % 13 === 0);
    const index = new PathIndex(several);
    expect(all.filter((other) => index.overlaps(other))).toEqual(
      all.filter((other) => several.some((text) => overlaps(text, other))),
    );
  }
});
