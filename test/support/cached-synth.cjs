// Runs the app of a test project: `node cached-synth.cjs FILE`. Its output is cached in the project
// and reused while files and environment stay the same.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const runApp = require("./app-runner.cjs");

const root = process.cwd();
const outdir = path.resolve(process.env.CDKTF_OUTDIR ?? "cdktf.out");
const ignoredNames = new Set([
  ".git",
  "node_modules",
  "cdktf.out",
  ".lakeform",
  path.basename(outdir),
]);

function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (folder === root && (ignoredNames.has(entry.name) || /^\.cdktf\.out\./.test(entry.name)))
      continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(file);
    else yield file;
  }
}

/**
 * Returns the content of a file, or the target path of a link. Links are not followed, because the
 * packages and constructs that they point to do not change during a test.
 */
const contentOf = (file) =>
  fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file);

// The output folder and the HOME of the test differ between runs.
const environment = Object.entries(process.env).filter(
  ([name]) => name !== "CDKTF_OUTDIR" && name !== "HOME",
);
const hash = createHash("sha256").update(
  JSON.stringify([process.argv.slice(2), environment.sort()]),
);
for (const file of [...filesBelow(root)].sort())
  hash.update(`${path.relative(root, file)} `).update(contentOf(file));
const cacheFolder = path.join(root, ".lakeform", "synth-cache", hash.digest("hex").slice(0, 16));

// Only lakeform's temporary output folder is cached. cdktf's own output folder also contains
// Terraform's files, which must not be restored.
const isTemporaryOutput = /^\.cdktf\.out\./.test(path.basename(outdir));
if (isTemporaryOutput && fs.existsSync(cacheFolder))
  fs.cpSync(cacheFolder, outdir, { recursive: true });
else {
  process.once("exit", (code) => {
    // The output of an app that fails is not cached.
    if (code !== 0 || !isTemporaryOutput) return;
    fs.cpSync(outdir, `${cacheFolder}.${process.pid}`, { recursive: true });
    fs.renameSync(`${cacheFolder}.${process.pid}`, cacheFolder);
  });
  runApp(process.argv[2]);
}
