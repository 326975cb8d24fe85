// TypeScript programs that share the files of this repository and its packages, across the suites
// of a worker (compile-once-runtime.cjs loads this file once): reading them takes two seconds, and
// all of a program but its own files is the same each time.
const path = require("node:path");
const ts = require("typescript");

const repository = path.join(__dirname, "..", "..") + path.sep;
/** By name, and by what the compiler reads a file as. */
const read = new Map();

/**
 * @param {readonly string[]} files absolute
 * @param {import("typescript").CompilerOptions} options
 */
module.exports.programOf = (files, options) => {
  const host = ts.createCompilerHost(options);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (file, language, ...rest) => {
    if (!file.startsWith(repository)) return getSourceFile(file, language, ...rest);
    const { languageVersion, impliedNodeFormat, jsDocParsingMode } =
      typeof language === "object" ? language : { languageVersion: language };
    const key = [
      file,
      languageVersion,
      impliedNodeFormat,
      jsDocParsingMode,
      options.module,
      options.target,
    ].join("\n");
    if (!read.has(key)) read.set(key, getSourceFile(file, language, ...rest));
    return read.get(key);
  };
  return ts.createProgram([...files], options, host);
};
