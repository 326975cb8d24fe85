import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_RECORD = 0x06054b50;
const DEFLATED = 8;
/** The maximum size of an extracted file. */
const MAX_CONTENT = 64 * 1024 * 1024;

/**
 * Creates an archive with one file. (A zip library would mostly add features that are not needed.)
 */
export function zip(name: string, content: Buffer): Buffer {
  const path = Buffer.from(name);
  const compressed = deflateRawSync(content);
  // Both headers contain these 26 bytes: version 2.0, names in UTF-8, deflate, 1980-01-01.
  const commonHeader = Buffer.alloc(26);
  commonHeader.writeUInt16LE(20, 0);
  commonHeader.writeUInt16LE(0x0800, 2);
  commonHeader.writeUInt16LE(DEFLATED, 4);
  commonHeader.writeUInt16LE(0x21, 8);
  commonHeader.writeUInt32LE(crc32(content), 10);
  commonHeader.writeUInt32LE(compressed.length, 14);
  commonHeader.writeUInt32LE(content.length, 18);
  commonHeader.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([uint32(LOCAL_HEADER), commonHeader, path, compressed]);
  const central = Buffer.concat([
    uint32(CENTRAL_HEADER),
    // The version of the writer; below, an empty comment, no attributes, and offset 0.
    Buffer.from([20, 0]),
    commonHeader,
    Buffer.alloc(14),
    path,
  ]);
  const end = Buffer.alloc(18);
  // One entry in total, all on this disk; the size and the offset of the central directory.
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, uint32(END_RECORD), end]);
}

export interface ZipEntry {
  readonly name: string;
  /** Extracts the file. @throws Error for corrupt or oversized compressed content */
  content(): Buffer;
}

/** Lists the files of an archive. Returns undefined if the bytes are not a zip archive. */
export function unzip(bytes: Buffer): ZipEntry[] | undefined {
  const end = bytes.lastIndexOf(uint32(END_RECORD));
  if (end < 0 || end + 22 > bytes.length) return undefined;
  const entries: ZipEntry[] = [];
  let offset = bytes.readUInt32LE(end + 16);
  for (let remaining = bytes.readUInt16LE(end + 10); remaining > 0; remaining--) {
    if (offset + 46 > bytes.length || bytes.readUInt32LE(offset) !== CENTRAL_HEADER)
      return undefined;
    const [method, compressedSize] = [
      bytes.readUInt16LE(offset + 10),
      bytes.readUInt32LE(offset + 20),
    ];
    const lengths = [28, 30, 32].map((field) => bytes.readUInt16LE(offset + field));
    const [nameLength = 0] = lengths;
    const start = bytes.readUInt32LE(offset + 42);
    if (start + 30 > bytes.length) return undefined;
    const name = bytes.toString("utf8", offset + 46, offset + 46 + nameLength);
    const contentStart =
      start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    const content = (): Buffer => {
      const compressed = bytes.subarray(contentStart, contentStart + compressedSize);
      return method === DEFLATED
        ? inflateRawSync(compressed, { maxOutputLength: MAX_CONTENT })
        : compressed;
    };
    if (!name.endsWith("/")) entries.push({ name, content });
    offset += 46 + lengths.reduce((sum, length) => sum + length, 0);
  }
  return entries;
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
