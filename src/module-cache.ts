/**
 * Compiles modules of node_modules from V8's code cache. The toolkit and its bindings have several
 * megabytes of JavaScript, which Node.js would compile again in each run of an app.
 */
import { createHash } from "node:crypto";
import Module from "node:module";
import path from "node:path";
import type { Script } from "node:vm";
import { compileModule, runModule } from "./code-cache";
import { cacheFolder, readPrivate, writePrivate } from "./private-files";

type Compile = (this: object, code: string, file: string, ...rest: unknown[]) => unknown;

const loader = Module.prototype as unknown as { _compile?: Compile };
/** Most of a generated file is its source map, which only tools read, from the file itself. */
const sourceMap = "\n//# sourceMappingURL=data:";
/** The version of the format, in the name of the cache. */
const format = 1;

export class ModuleCache {
  readonly #file: string;
  readonly #id: string;
  /** The compiled code by the hash of its source. */
  readonly #cached: ReadonlyMap<string, Buffer>;
  readonly #scripts = new Map<string, Script>();
  #isComplete = true;

  /** @param id identifies the packages and their versions: `cdktf-0.21.0` */
  constructor(id: string) {
    this.#id = id;
    this.#file = path.join(cacheFolder(), `modules-${process.version}-${format}-${id}.bin`);
    this.#cached = parse(readPrivate(this.#file));
    process.on("exit", () => this.#write());
  }

  /** Calls a function. The modules that the function loads are compiled from the cache. */
  load<T>(load: () => T): T {
    const compile = loader._compile;
    // With source maps enabled, Node.js reads the map of each file that it compiles.
    if (compile === undefined || process.sourceMapsEnabled) return load();
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the loader passes the module
    const cache = this;
    loader._compile = function (code, file, ...rest) {
      return cache.#isCacheable(code, file)
        ? cache.#run(this as NodeJS.Module, code, file)
        : compile.call(this, code, file, ...rest);
    };
    try {
      return load();
    } finally {
      loader._compile = compile;
    }
  }

  #isCacheable(code: string, file: string): boolean {
    // Only Node's own loader supports `import()`.
    return file.includes(`${path.sep}node_modules${path.sep}`) && !code.includes("import(");
  }

  #run(module: NodeJS.Module, content: string, file: string): unknown {
    const end = content.lastIndexOf(sourceMap);
    const code = end === -1 ? content : content.slice(0, end);
    // V8 compares only the length of the source.
    const hash = createHash("sha1").update(code).digest("hex");
    const cachedData = this.#cached.get(hash);
    const script = compileModule(code, file, cachedData);
    this.#isComplete &&= cachedData !== undefined && script.cachedDataRejected !== true;
    this.#scripts.set(hash, script);
    return runModule(script, file, module);
  }

  #write(): void {
    // An app that failed has used little of the code.
    if (this.#isComplete || (process.exitCode ?? 0) !== 0) return;
    const entries = new Map(this.#cached);
    for (const [hash, script] of this.#scripts) entries.set(hash, script.createCachedData());
    const id = this.#id.replaceAll(/[.+]/g, "\\$&");
    const obsoleteFiles = new RegExp(`^modules-.*-${id}\\.bin$`);
    // Without the cache, the next app only takes longer.
    writePrivate(this.#file, serialize(entries), obsoleteFiles, () => undefined);
  }
}

/**
 * Returns the content of the cache: the size of the index in four bytes, the index, and the
 * compiled code of each entry.
 */
function serialize(entries: ReadonlyMap<string, Buffer>): Buffer {
  const index = Buffer.from(
    JSON.stringify([...entries].map(([hash, code]) => [hash, code.length])),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(index.length);
  return Buffer.concat([size, index, ...entries.values()]);
}

function parse(content: Buffer | undefined): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  if (content === undefined || content.length < 4) return entries;
  let offset = 4 + content.readUInt32LE(0);
  try {
    const index = JSON.parse(content.toString("utf8", 4, offset)) as readonly [string, number][];
    for (const [hash, length] of index) {
      // V8 rejects a part that is too short, at the end of a truncated file.
      entries.set(hash, content.subarray(offset, offset + length));
      offset += length;
    }
  } catch {
    entries.clear(); // not a cache: it is written again
  }
  return entries;
}
