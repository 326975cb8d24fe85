// The app of a test's project, run once for each state of its files and environment:
// `node cached-synth.cjs FILE`. What the app writes is kept in the project.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const runApp = require("./app-runner.cjs");

const root = process.cwd();
const outdir = path.resolve(process.env.CDKTF_OUTDIR ?? "cdktf.out");
const passed = new Set([".git", "node_modules", "cdktf.out", ".lakeform", path.basename(outdir)]);

function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (folder === root && (passed.has(entry.name) || /^\.cdktf\.out\./.test(entry.name))) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(file);
    else yield file;
  }
}

/** What links lead to (the packages, the constructs) stays the same in a test. */
const content = (file) =>
  fs.lstatSync(file).isSymbolicLink() ? fs.readlinkSync(file) : fs.readFileSync(file);

// The folder to write into and the test's own HOME are others each time.
const environment = Object.entries(process.env).filter(
  ([name]) => name !== "CDKTF_OUTDIR" && name !== "HOME",
);
const hash = createHash("sha256").update(
  JSON.stringify([process.argv.slice(2), environment.sort()]),
);
for (const file of [...filesBelow(root)].sort())
  hash.update(`${path.relative(root, file)} `).update(content(file));
const kept = path.join(root, ".lakeform", "synth-cache", hash.digest("hex").slice(0, 16));

// lakeform's own draft is a new folder; cdktf writes into one that also has what Terraform keeps
// there.
const isDraft = /^\.cdktf\.out\./.test(path.basename(outdir));
if (isDraft && fs.existsSync(kept)) fs.cpSync(kept, outdir, { recursive: true });
else {
  process.once("exit", (code) => {
    // What an app that fails prints belongs to each run of it.
    if (code !== 0 || !isDraft) return;
    fs.cpSync(outdir, `${kept}.${process.pid}`, { recursive: true });
    fs.renameSync(`${kept}.${process.pid}`, kept);
  });
  runApp(process.argv[2]);
}
