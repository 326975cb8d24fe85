/**
 * Encodes and decodes the messages of `protocol.ts`, without a protobuf library: loading one and
 * generating its code took half of the provider's start time.
 */
import type { Field, MessageType } from "./protocol";

export type Message = Readonly<Record<string, unknown>>;

const varintType = 0;
const bytesType = 2;

const scalars: Readonly<Record<string, { readonly wire: number; readonly zero: unknown }>> = {
  string: { wire: bytesType, zero: "" },
  bytes: { wire: bytesType, zero: Buffer.alloc(0) },
  bool: { wire: varintType, zero: false },
  int32: { wire: varintType, zero: 0 },
  int64: { wire: varintType, zero: 0 },
};

/** Encodes and decodes a set of messages that refer to each other. */
export class Codec {
  readonly #types: Readonly<Record<string, MessageType>>;
  readonly #byId = new Map<MessageType, ReadonlyMap<number, readonly [string, Field]>>();
  readonly #reversed = new Map<MessageType, readonly (readonly [string, Field])[]>();

  constructor(types: Readonly<Record<string, MessageType>>) {
    this.#types = types;
  }

  /**
   * Encodes a message. Null fields are omitted; so are default values, except in lists, in maps and
   * in messages with a oneof group. A nested message may be encoded already, as a Buffer.
   */
  encode(name: string, message: object): Buffer {
    const writer = new Writer();
    this.#write(this.#type(name), message as Message, writer);
    return writer.result();
  }

  /**
   * Decodes a message. Absent fields get their default: null for messages, else "", 0, false, empty
   * bytes, [] or {}. In a message with a oneof group they stay undefined. Unknown fields are
   * skipped.
   */
  decode(name: string, bytes: Buffer): Message {
    const type = this.#type(name);
    const message: Record<string, unknown> = {};
    if (type.oneofs === undefined)
      for (const [field, fieldType] of Object.entries(type.fields))
        message[field] = defaultOf(fieldType);
    const fieldsById = this.#fieldsById(type);
    const reader = new Reader(bytes);
    while (!reader.done) {
      const tag = reader.varint();
      const field = fieldsById.get(tag >>> 3);
      if (field === undefined) reader.skip(tag & 7);
      else this.#readInto(message, field[0], field[1], reader);
    }
    return message;
  }

  #type(name: string): MessageType {
    const type = this.#types[name];
    if (type === undefined) throw new Error(`the protocol has no message ${name}`);
    return type;
  }

  #fieldsById(type: MessageType): ReadonlyMap<number, readonly [string, Field]> {
    const fields =
      this.#byId.get(type) ??
      new Map(
        Object.entries(type.fields).map(([name, field]) => [field.id, [name, field]] as const),
      );
    this.#byId.set(type, fields);
    return fields;
  }

  #reversedFields(type: MessageType): readonly (readonly [string, Field])[] {
    const fields = this.#reversed.get(type) ?? Object.entries(type.fields).reverse();
    this.#reversed.set(type, fields);
    return fields;
  }

  #write(type: MessageType, message: Message, writer: Writer): void {
    for (const [name, field] of this.#reversedFields(type)) {
      const value = message[name] ?? undefined;
      if (value === undefined) continue;
      if (field.rule === "repeated") {
        const list = value as readonly unknown[];
        for (let index = list.length - 1; index >= 0; index--)
          this.#writeField(field.id, field.type, list[index], writer);
      } else if (field.keyType !== undefined) {
        for (const [key, item] of Object.entries(value).reverse()) {
          const end = writer.length;
          this.#writeField(2, field.type, item, writer);
          this.#writeField(1, field.keyType, key, writer);
          writer.delimit(field.id, end);
        }
      } else if (type.oneofs !== undefined || !isZero(field.type, value))
        this.#writeField(field.id, field.type, value, writer);
    }
  }

  #writeField(id: number, type: string, value: unknown, writer: Writer): void {
    const end = writer.length;
    if (type === "string") writer.string(value as string);
    else if (type === "bytes") writer.bytes(value as Uint8Array);
    else if (type in scalars) {
      writer.varint(Number(value));
      return writer.varint(id * 8 + varintType);
    } else if (Buffer.isBuffer(value)) writer.bytes(value);
    else this.#write(this.#type(type), value as Message, writer);
    writer.delimit(id, end);
  }

  #readInto(message: Record<string, unknown>, name: string, field: Field, reader: Reader): void {
    if (field.keyType !== undefined) {
      const entry = new Reader(reader.bytes());
      const [tag, key] = [entry.varint(), entry.bytes().toString()];
      if (tag >>> 3 !== 1) throw new Error(`${name}: an entry without a key`);
      const value = entry.done ? defaultOf(field) : (entry.varint(), this.#read(field.type, entry));
      (message[name] as Record<string, unknown>)[key] = value;
    } else if (field.rule === "repeated")
      (message[name] as unknown[]).push(this.#read(field.type, reader));
    else message[name] = this.#read(field.type, reader);
  }

  #read(type: string, reader: Reader): unknown {
    if (type === "string") return reader.bytes().toString();
    if (type === "bytes") return reader.bytes();
    if (type === "bool") return reader.varint() !== 0;
    if (type in scalars) return reader.varint();
    return this.decode(type, reader.bytes());
  }
}

function defaultOf(field: Field): unknown {
  if (field.rule === "repeated") return [];
  if (field.keyType !== undefined) return {};
  return scalars[field.type]?.zero ?? null;
}

function isZero(type: string, value: unknown): boolean {
  return type === "bytes" ? (value as Uint8Array).length === 0 : value === scalars[type]?.zero;
}

/** Writes backwards, so that the length of a message is known when its prefix is written. */
class Writer {
  #buffer = Buffer.allocUnsafe(1024);
  #position = this.#buffer.length;

  get length(): number {
    return this.#buffer.length - this.#position;
  }

  result(): Buffer {
    return this.#buffer.subarray(this.#position);
  }

  /** Makes a field of everything that was written since the length was `end`. */
  delimit(id: number, end: number): void {
    this.varint(this.length - end);
    this.varint(id * 8 + bytesType);
  }

  string(text: string): void {
    const size = Buffer.byteLength(text);
    this.#reserve(size);
    this.#buffer.write(text, this.#position);
  }

  bytes(content: Uint8Array): void {
    this.#reserve(content.length);
    this.#buffer.set(content, this.#position);
  }

  varint(value: number): void {
    if (value >= 0 && value < 128) {
      this.#reserve(1);
      this.#buffer[this.#position] = value;
      return;
    }
    const bytes: number[] = [];
    // Negative numbers are encoded as 64 bits in ten bytes.
    for (let remaining = BigInt.asUintN(64, BigInt(value)); ; remaining >>= 7n) {
      const low = Number(remaining & 127n);
      if (remaining < 128n) return this.bytes(Uint8Array.from([...bytes, low]));
      bytes.push(low | 128);
    }
  }

  #reserve(size: number): void {
    if (size > this.#position) {
      const { length } = this;
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, length + size));
      larger.set(this.result(), larger.length - length);
      this.#position = larger.length - length;
      this.#buffer = larger;
    }
    this.#position -= size;
  }
}

class Reader {
  #position = 0;

  constructor(private readonly buffer: Buffer) {}

  get done(): boolean {
    return this.#position >= this.buffer.length;
  }

  varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.buffer[this.#position++];
      if (byte === undefined) throw new Error("the message ends within a number");
      if (shift > 63n) throw new Error("the message contains a number of more than ten bytes");
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
  }

  bytes(): Buffer {
    const length = this.varint();
    const end = this.#position + length;
    if (length < 0 || end > this.buffer.length) throw new Error("the message ends within a field");
    const content = this.buffer.subarray(this.#position, end);
    this.#position = end;
    return content;
  }

  /** Skips a value. @param wire its wire type: 1 has 8 bytes, 5 has 4 */
  skip(wire: number): void {
    if (wire === varintType) this.varint();
    else if (wire === bytesType) this.bytes();
    else if (wire === 1) this.#position += 8;
    else if (wire === 5) this.#position += 4;
    else throw new Error(`unknown wire type ${wire}`);
  }
}
