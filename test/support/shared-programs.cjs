// Creates TypeScript programs that share the parsed files of this repository and its packages
// between the suites of a worker (compile-once-runtime.cjs loads this file once). Parsing takes two
// seconds, and only a program's own files differ.
const path = require("node:path");
const ts = require("typescript");

const repository = path.join(__dirname, "..", "..") + path.sep;
/** Parsed files by path and the options that affect parsing. */
const parsedFiles = new Map();

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
    if (!parsedFiles.has(key)) parsedFiles.set(key, getSourceFile(file, language, ...rest));
    return parsedFiles.get(key);
  };
  return ts.createProgram([...files], options, host);
};
