/** Compares our codec of the plugin protocol with the library that most Node programs use. */
import fs from "node:fs";
import path from "node:path";
import { fromJSON } from "@grpc/proto-loader";
import fc from "fast-check";
import { calls, messages, type Field } from "../../src/provider/protocol";
import {
  encodeSchemas,
  readEncodedSchemas,
  schemaResponse,
} from "../../src/provider/schema-message";
import { Codec } from "../../src/provider/wire";
import { cutSchemas } from "../../src/resources/cut/schema-cut";
import { repository } from "../support/project";
import { anyCharacter } from "../support/random-text";

interface Peer {
  readonly requestSerialize: (value: object) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => object;
}

/** A service whose n-th call accepts the n-th message. */
const names = Object.keys(messages);
const methods = Object.fromEntries(
  names.map((name) => [`Take${name}`, { requestType: name, responseType: name }]),
);
const library = fromJSON(
  { nested: { tfplugin6: { nested: { ...messages, All: { methods } } } } } as Parameters<
    typeof fromJSON
  >[0],
  {
    keepCase: true,
    longs: Number,
    defaults: true,
  },
);
const peer = (name: string): Peer =>
  (library["tfplugin6.All"] as unknown as Record<string, Peer>)[`Take${name}`] as Peer;
const codec = new Codec(messages);

const text = fc.string({ unit: anyCharacter, maxLength: 200 });
const keyText = fc.string({ maxLength: 5 }).filter((key) => key !== "__proto__");

function valueOf(type: string, depth: number): fc.Arbitrary<unknown> {
  if (type === "string") return text;
  if (type === "bytes") return fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  if (type === "bool") return fc.boolean();
  if (type === "int32") return fc.integer();
  if (type === "int64") return fc.maxSafeInteger();
  return messageOf(type, depth - 1);
}

function fieldOf({ type, rule, keyType }: Field, depth: number): fc.Arbitrary<unknown> {
  const value = valueOf(type, depth);
  if (keyType !== undefined) return fc.dictionary(keyText, value, { maxKeys: 3 });
  return rule === "repeated" ? fc.array(value, { maxLength: 3 }) : value;
}

function messageOf(name: string, depth = 3): fc.Arbitrary<object> {
  const type = messages[name];
  const fields = Object.entries(type?.fields ?? {}).filter(
    ([, { type: inner }]) => depth > 0 || !(inner in messages),
  );
  const values = fields.map(([key, field]) => [key, fieldOf(field, depth)] as const);
  if (type?.oneofs !== undefined)
    return fc.oneof(...values.map(([key, value]) => fc.record({ [key]: value })));
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

describe("the wire format", () => {
  test.each(names)("encodes and decodes %s in the same way as the library", (name) => {
    fc.assert(
      fc.property(messageOf(name), (message) => {
        const bytes = codec.encode(name, message);
        const decoded = codec.decode(name, bytes);
        expect(decoded).toEqual(toPlain(peer(name).requestDeserialize(bytes)));
        expect(codec.decode(name, peer(name).requestSerialize(message))).toEqual(decoded);
      }),
      { numRuns: 15 },
    );
  });

  test("has a request and a response message for each call", () => {
    for (const call of calls)
      expect(names).toEqual(expect.arrayContaining([`${call}Request`, `${call}Response`]));
  });

  test("skips unknown fields of each wire type", () => {
    // Field 15 as varint, bytes, 32 bits and 64 bits.
    const unknown = Buffer.from([
      0x78, 0x96, 0x01, 0x7a, 2, 1, 2, 0x7d, 1, 2, 3, 4, 0x79, 1, 2, 3, 4, 5, 6, 7, 8,
    ]);
    expect(
      codec.decode(
        "TypeName",
        Buffer.concat([unknown, codec.encode("TypeName", { type_name: "a" }), unknown]),
      ),
    ).toEqual({
      type_name: "a",
    });
  });

  test("rejects a truncated message", () => {
    const bytes = codec.encode("DynamicValue", { msgpack: Buffer.alloc(200, 7) });
    for (const length of [1, 2, 3, 100, bytes.length - 1])
      expect(() => codec.decode("DynamicValue", bytes.subarray(0, length))).toThrow("ends within");
  });

  test("rejects a number of more than ten bytes", () => {
    expect(() => codec.decode("DynamicValue", Buffer.alloc(12, 0xff))).toThrow(
      "more than ten bytes",
    );
  });

  test("serves the schema encoded by the build", () => {
    const file = path.join(repository, "dist", "provider-schema-1.99.0.json");
    expect(fs.readFileSync(file, "utf8")).toBe(encodeSchemas("1.99.0"));
    const served = cutSchemas(undefined);
    const response = (encoded: Readonly<Record<string, Buffer>>): Buffer =>
      codec.encode("GetProviderSchemaResponse", schemaResponse(served, encoded));
    const encoded = response(readEncodedSchemas(file));
    expect(encoded.equals(response({}))).toBe(true);
    expect(peer("GetProviderSchemaResponse").requestDeserialize(encoded)).toEqual(
      codec.decode("GetProviderSchemaResponse", encoded),
    );
  });
});

/** Converts a message to the codec's format, with bytes as a Buffer. */
function toPlain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toPlain(field)]));
}
