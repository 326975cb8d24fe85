import { planResource, type PlanOutput } from "../../src/provider/plan";
import { UNKNOWN, Unknown, type DynamicObject } from "../../src/provider/unknown";
import { conform } from "../../src/provider/values";
import type { Block } from "../../src/resources/shape/schema";

const block: Block = {
  attributes: {
    id: { type: "string", optional: true, computed: true },
    name: { type: "string", optional: true, default: "Untitled" },
    size: { type: "number", optional: true },
    path: { type: "string", optional: true, forceNew: true },
    enabled: { type: "bool", optional: true, default: false },
    url: { type: "string", computed: true },
    state: { type: "string", optional: true, computed: true },
    mode: { type: "string", optional: true, suppress: true },
    tags: { type: ["map", "string"], optional: true },
    mails: { type: ["list", "string"], optional: true, suppress: true },
  },
  blocks: {
    step: {
      nesting: "list",
      block: {
        attributes: {
          key: { type: "string", required: true },
          retry: { type: "bool", optional: true, computed: true },
          options: { type: ["map", "string"], optional: true },
          when: { type: "string", optional: true, suppress: true },
        },
        blocks: {
          machine: {
            nesting: "list",
            maxItems: 1,
            suppress: true,
            block: {
              attributes: { role: { type: "string", optional: true, suppress: true } },
              blocks: {},
            },
          },
        },
      },
    },
    queue: {
      nesting: "list",
      maxItems: 1,
      suppress: true,
      block: {
        attributes: {
          on: { type: "bool", required: true, suppress: true },
          size: { type: "number", optional: true },
        },
        blocks: {},
      },
    },
    lib: {
      nesting: "set",
      block: {
        attributes: {
          jar: { type: "string", optional: true },
          whl: { type: "string", optional: true },
          options: { type: ["map", "string"], optional: true },
        },
        blocks: {},
      },
    },
    image: {
      nesting: "set",
      block: {
        attributes: { url: { type: "string", required: true, forceNew: true } },
        blocks: {},
      },
    },
    run_as: {
      nesting: "list",
      computed: true,
      block: { attributes: { user: { type: "string", optional: true } }, blocks: {} },
    },
  },
};

function plan(
  prior: Record<string, unknown> | undefined,
  proposed: Record<string, unknown>,
): PlanOutput {
  return planResource({
    block,
    prior: prior === undefined ? undefined : conform(block, { id: "1", ...prior }),
    // terraform's proposal: computed values of `prior` where the configuration sets none
    proposed: conform(block, {
      ...(prior === undefined ? {} : { id: "1", url: prior["url"], state: prior["state"] }),
      ...proposed,
    }),
    config: conform(block, proposed),
    keyed: { step: "key" },
    suppresses: () => undefined,
  });
}

const isUnknown = (value: unknown): boolean => value instanceof Unknown;

describe("the plan of a new resource", () => {
  const { planned, replaces } = plan(undefined, { step: [{ key: "a" }] });

  test("contains the defaults", () =>
    expect([planned["name"], planned["enabled"]]).toEqual(["Untitled", false]));
  test("leaves computed values unknown, also in blocks", () => {
    expect(isUnknown(planned["id"])).toBe(true);
    expect(isUnknown(planned["url"])).toBe(true);
    expect(isUnknown(planned["run_as"])).toBe(true);
    expect(isUnknown((planned["step"] as DynamicObject[])[0]?.["retry"])).toBe(true);
  });
  test("replaces nothing", () => expect(replaces).toEqual([]));
  test("keeps unknown configuration unknown", () => {
    expect(isUnknown(plan(undefined, { size: UNKNOWN }).planned["size"])).toBe(true);
    expect(isUnknown(plan(undefined, { step: UNKNOWN }).planned["step"])).toBe(true);
  });
});

describe("the plan of a change", () => {
  test("treats null and zero as equal", () => {
    expect(plan({ name: "n", size: 0, enabled: null, tags: {} }, { name: "n" }).changed).toBe(
      false,
    );
    expect(plan({ name: "n", size: null }, { name: "n", size: 0 }).changed).toBe(false);
  });
  test("sets a removed value to null, and a removed map to an empty one", () => {
    const { planned, changed } = plan({ name: "n", size: 5, tags: { a: "b" } }, { name: "n" });
    expect([changed, planned["size"], planned["tags"]]).toEqual([true, null, {}]);
  });
  test("keeps map entries with empty values, also in blocks and sets", () => {
    expect(
      plan({ name: "n", tags: { a: "b" } }, { name: "n", tags: { a: "b", c: "" } }).planned["tags"],
    ).toEqual({ a: "b", c: "" });
    expect(
      plan({ name: "n", tags: { a: "b", c: "" } }, { name: "n", tags: { a: "b" } }).planned["tags"],
    ).toEqual({ a: "b" });
    expect(plan({ name: "n", tags: { c: "" } }, { name: "n" }).planned["tags"]).toEqual({});
    expect(plan({ name: "n" }, { name: "n", tags: { c: "" } }).planned["tags"]).toEqual({ c: "" });
    expect(plan({ name: "n", tags: { c: "" } }, { name: "n", tags: { c: "" } }).changed).toBe(
      false,
    );
    const step = (options: Record<string, string> | null): Record<string, unknown> => ({
      name: "n",
      step: [{ key: "a", options }],
    });
    expect(plan(step({ x: "" }), step({})).changed).toBe(true);
    const lib = (options: Record<string, string> | null): Record<string, unknown> => ({
      name: "n",
      lib: [{ jar: "a", options }],
    });
    expect(plan(lib({ x: "" }), lib(null)).changed).toBe(true);
    expect(plan(lib({}), lib(null)).changed).toBe(false);
  });
  test("keeps computed values", () => {
    const { planned } = plan({ name: "n", url: "u", state: "UP", size: 1 }, { name: "n", size: 2 });
    expect([planned["url"], planned["state"], planned["size"]]).toEqual(["u", "UP", 2]);
  });
  test("ignores a suppressed value that the configuration does not set", () => {
    expect(plan({ name: "n", mode: "FAST" }, { name: "n" }).changed).toBe(false);
    expect(plan({ name: "n", queue: [{ on: true }] }, { name: "n" }).changed).toBe(false);
  });
  test("plans a suppressed list as empty, without blank elements", () => {
    expect(plan({ name: "n", mails: ["a", "b"] }, { name: "n" }).planned["mails"]).toEqual([]);
    expect(
      plan({ name: "n", mails: ["a", "b"] }, { name: "n", mails: ["c"] }).planned["mails"],
    ).toEqual(["c"]);
  });
  test("keeps the suppressed values of a block that is no longer configured, and removes the others", () => {
    const { planned, changed } = plan({ name: "n", queue: [{ on: true, size: 3 }] }, { name: "n" });
    expect([changed, planned["queue"]]).toEqual([true, [{ on: true, size: null }]]);
  });
  test("returns the path of a changed force_new field", () => {
    expect(plan({ name: "n", path: "/a" }, { name: "n", path: "/b" }).replaces).toEqual([["path"]]);
    expect(plan({ name: "n", path: "/a" }, { name: "n", path: UNKNOWN }).replaces).toEqual([
      ["path"],
    ]);
  });
  test("leaves other blocks unchanged if a block is added", () => {
    const { planned } = plan(
      { name: "n", step: [{ key: "b", retry: true }] },
      { name: "n", step: [{ key: "b", retry: true }, { key: "c" }] },
    );
    expect(planned["step"]).toMatchObject([
      { key: "b", retry: true },
      { key: "c", retry: null },
    ]);
  });
  test("treats sets in another order as equal", () => {
    const prior = {
      name: "n",
      lib: [
        { jar: "a", whl: "" },
        { jar: null, whl: "b" },
      ],
    };
    expect(plan(prior, { name: "n", lib: [{ whl: "b" }, { jar: "a" }] }).changed).toBe(false);
    expect(plan(prior, { name: "n", lib: [{ whl: "b" }] }).changed).toBe(true);
  });
  test.each([
    ["added", [{ url: "a" }, { url: "b" }]],
    ["changed", [{ url: "b" }]],
    ["removed", []],
  ])(
    "returns the path of the set if a force_new field of its elements is %s, since they have no index",
    (_, image) => {
      expect(plan({ name: "n", image: [{ url: "a" }] }, { name: "n", image }).replaces).toEqual([
        ["image"],
      ]);
    },
  );
  test("keeps a computed block that the configuration does not set", () => {
    expect(plan({ name: "n", run_as: [{ user: "x" }] }, { name: "n" }).changed).toBe(false);
  });
  test("keeps the value of the state if only null became zero", () => {
    const { planned, changed } = plan({ name: "n" }, { name: "n", enabled: false });
    expect([changed, planned["enabled"]]).toEqual([false, null]);
  });
});

describe("a list of elements with a key", () => {
  const a = { key: "a" };
  const b = { key: "b", retry: true, when: "ALL_FAILED", machine: [{ role: "writer" }] };
  const c = { key: "c", retry: false };
  const steps = (prior: object[], proposed: object[]): DynamicObject[] =>
    plan({ name: "n", step: prior }, { name: "n", step: proposed }).planned[
      "step"
    ] as DynamicObject[];
  const elementWithKey = (key: string): object => ({
    key,
    retry: null,
    options: null,
    when: null,
    machine: [],
  });

  test("does not give an element that moves up the values of the removed one", () => {
    // Terraform proposes the computed value of the element that was at this position.
    expect(steps([a, b, c], [{ key: "a" }, { key: "c" }])).toEqual([
      elementWithKey("a"),
      { ...elementWithKey("c"), retry: false },
    ]);
  });
  test("does not give a new element the values of the element that it moves down", () => {
    const plannedSteps = steps([a, b, c], [{ key: "a" }, { key: "x" }, { key: "b" }, { key: "c" }]);
    expect(plannedSteps.slice(1, 3)).toMatchObject([elementWithKey("x"), b]);
  });
  test("treats a renamed element as a new one", () =>
    expect(steps([b], [{ key: "z" }])).toEqual([elementWithKey("z")]));
  test("plans a different order as a change in which each element keeps its values", () => {
    const { changed } = plan(
      { name: "n", step: [b, c] },
      { name: "n", step: [{ key: "c" }, { key: "b" }] },
    );
    expect(changed).toBe(true);
    expect(steps([b, c], [{ key: "c" }, { key: "b" }]).map(({ retry }) => retry)).toEqual([
      false,
      true,
    ]);
  });
  test("gives an element with an unknown key no earlier values", () =>
    expect(steps([b], [{ key: UNKNOWN }])[0]).toMatchObject({
      retry: null,
      when: null,
      machine: [],
    }));
  test("matches elements with the same key by their order", () => {
    const equalItems = [
      { ...a, retry: true },
      { ...a, retry: false },
    ];
    expect(steps([...equalItems, c], [a, a]).map(({ retry }) => retry)).toEqual([true, false]);
  });
});
