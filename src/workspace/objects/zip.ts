import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const DEFLATED = 8;
/** Larger files are not extracted. */
const MAX_CONTENT = 64 * 1024 * 1024;

/**
 * Creates an archive with one file. (A zip library would mostly add features that are not needed.)
 */
export function zip(name: string, content: Buffer): Buffer {
  const path = Buffer.from(name);
  const packed = deflateRawSync(content);
  // Both headers contain these 26 bytes: version 2.0, names in UTF-8, deflate, 1980-01-01.
  const commonHeader = Buffer.alloc(26);
  commonHeader.writeUInt16LE(20, 0);
  commonHeader.writeUInt16LE(0x0800, 2);
  commonHeader.writeUInt16LE(DEFLATED, 4);
  commonHeader.writeUInt16LE(0x21, 8);
  commonHeader.writeUInt32LE(crc32(content), 10);
  commonHeader.writeUInt32LE(packed.length, 14);
  commonHeader.writeUInt32LE(content.length, 18);
  commonHeader.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([uint32(LOCAL), commonHeader, path, packed]);
  const central = Buffer.concat([
    uint32(CENTRAL),
    Buffer.from([20, 0]),
    commonHeader,
    Buffer.alloc(14),
    path,
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, uint32(END), end]);
}

export interface ZipEntry {
  readonly name: string;
  /** Extracts the file. @throws for corrupt or oversized content */
  content(): Buffer;
}

/** Lists the files of an archive. Returns undefined if the bytes are not a zip archive. */
export function unzip(bytes: Buffer): ZipEntry[] | undefined {
  const end = bytes.lastIndexOf(uint32(END));
  if (end < 0 || end + 22 > bytes.length) return undefined;
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) return undefined;
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const lengths = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const [nameLength = 0] = lengths;
    const start = bytes.readUInt32LE(at + 42);
    if (start + 30 > bytes.length) return undefined;
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    const from = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const content = (): Buffer => {
      const kept = bytes.subarray(from, from + packed);
      return method === DEFLATED ? inflateRawSync(kept, { maxOutputLength: MAX_CONTENT }) : kept;
    };
    if (!name.endsWith("/")) entries.push({ name, content });
    at += 46 + lengths.reduce((sum, length) => sum + length, 0);
  }
  return entries;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
