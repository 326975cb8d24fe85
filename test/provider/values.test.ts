import { decode, encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { useEmptyValuesOfPlan } from "../../src/provider/state";
import {
  hasUnknown,
  sameButForZero,
  UNKNOWN,
  Unknown,
  withoutUnknown,
} from "../../src/provider/unknown";
import { conform, decodeState, decodeValue, encodeValue } from "../../src/provider/values";
import type { Block, Type } from "../../src/resources/shape/schema";

const block: Block = {
  attributes: {
    text: { type: "string" },
    count: { type: "number" },
    on: { type: "bool" },
    tags: { type: ["map", "string"] },
  },
  blocks: {
    item: { nesting: "list", block: { attributes: { key: { type: "string" } }, blocks: {} } },
    timeouts: {
      nesting: "single",
      block: { attributes: { create: { type: "string" } }, blocks: {} },
    },
  },
};

describe("values on the wire", () => {
  test("can be decoded after encoding", () => {
    const value = fc.record({
      text: fc.option(fc.string()),
      count: fc.option(
        fc.oneof(
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }).map((item) => item + 0),
          fc.maxSafeInteger(),
        ),
      ),
      on: fc.option(fc.boolean()),
      tags: fc.option(
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          fc.string(),
          { noNullPrototype: true },
        ),
      ),
      item: fc.array(fc.record({ key: fc.option(fc.string()) })),
      timeouts: fc.option(fc.record({ create: fc.option(fc.string()) })),
    });
    fc.assert(
      fc.property(value, (values) =>
        expect(decodeValue(block, encodeValue(conform(block, values)))).toEqual(values),
      ),
    );
  });

  test("encode unknown as an extension, read with and without refinements", () => {
    const { msgpack } = encodeValue(conform(block, { text: UNKNOWN }));
    expect([...msgpack].join(" ")).toContain("212 0 0"); // fixext 1, type 0, one byte
    expect(hasUnknown(decodeValue(block, { msgpack })?.["text"])).toBe(true);
    const withRefinements = Buffer.concat([
      Buffer.from([0x81, 0xa4]),
      Buffer.from("text"),
      Buffer.from([0xc7, 0x03, 0x0c, 0x81, 0x01, 0xc2]),
    ]);
    expect(decodeValue(block, { msgpack: withRefinements })?.["text"]).toBeInstanceOf(Unknown);
  });

  test("are read as numbers from integers, floats and strings", () => {
    const decodeCount = (count: unknown) =>
      decodeValue(block, { msgpack: encode({ count }) })?.["count"];
    expect([
      decodeCount(3),
      decodeCount(0.5),
      decodeCount("1000000000000000000"),
      decodeCount("0.25"),
    ]).toEqual([3, 0.5, 1e18, 0.25]);
  });

  test("have exactly the keys of the schema", () => {
    const { msgpack } = encodeValue(conform(block, { other: 1, item: [{}] }));
    expect(decode(msgpack)).toEqual({
      text: null,
      count: null,
      on: null,
      tags: null,
      item: [{ key: null }],
      timeouts: null,
    });
  });

  test("contain exactly the fields of the attribute's type in objects", () => {
    const status: Type = [
      "object",
      { message: "string", instances: "number", parts: ["map", ["object", { id: "string" }]] },
    ];
    const computed: Block = {
      attributes: { status: { type: status }, all: { type: ["list", status] } },
      blocks: {},
    };
    const actual = { message: "m", gone: 1, parts: { a: { gone: 2 }, b: null } };
    const conformed = { message: "m", instances: null, parts: { a: { id: null }, b: null } };
    expect(conform(computed, { status: actual, all: [actual, null] })).toEqual({
      status: conformed,
      all: [conformed, null],
    });
    expect(conform(computed, { status: UNKNOWN, all: [UNKNOWN] })).toEqual({
      status: UNKNOWN,
      all: [UNKNOWN],
    });
    expect(conform(computed, {})).toEqual({ status: null, all: null });
  });

  test("encode a missing object as nil", () => {
    expect([...encodeValue(undefined).msgpack]).toEqual([0xc0]);
    expect(decodeValue(block, { msgpack: Uint8Array.from([0xc0]) })).toBeUndefined();
  });

  test("omit removed fields when the state has an older schema", () => {
    expect(
      decodeState(block, Buffer.from(JSON.stringify({ text: "a", gone: [1], item: null }))),
    ).toEqual(conform(block, { text: "a" }));
  });

  test("keep null or empty in the state as planned", () => {
    expect(
      useEmptyValuesOfPlan(block, conform(block, { tags: {} }), conform(block, { tags: null }))[
        "tags"
      ],
    ).toBeNull();
    expect(
      useEmptyValuesOfPlan(block, conform(block, { tags: null }), conform(block, { tags: {} }))[
        "tags"
      ],
    ).toEqual({});
    expect(
      useEmptyValuesOfPlan(block, conform(block, { tags: { a: "b" } }), conform(block, {}))["tags"],
    ).toEqual({ a: "b" });
  });

  test("distinguish zero values and null from other values", () => {
    expect(sameButForZero({ a: "", b: [] }, { a: null })).toBe(true);
    expect(sameButForZero({ a: "x" }, { a: null })).toBe(false);
    expect(withoutUnknown([UNKNOWN, "x"])).toEqual([null, "x"]);
  });
});

test("values without unknowns are not copied when unknowns are removed", () => {
  const withoutUnknowns = { name: "a", task: [{ key: "b", tags: { c: "d" } }] };
  expect(withoutUnknown(withoutUnknowns)).toBe(withoutUnknowns);
  const replaced = withoutUnknown({
    task: withoutUnknowns.task,
    id: UNKNOWN,
    list: [UNKNOWN, "e"],
  });
  expect(replaced).toEqual({ ...withoutUnknowns, name: undefined, id: null, list: [null, "e"] });
  expect((replaced as { task: object }).task).toBe(withoutUnknowns.task);
});
