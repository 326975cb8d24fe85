#!/usr/bin/env bash
# cdktf 0.21.0: the hash of a TerraformAsset of a folder covers the contents of the files, one after
# the other, and not their names. A renamed file, a new empty file, and two files joined into one
# leave assetHash and the asset's path as they were.
# A folder of notebooks or SQL files is often uploaded to a path that contains assetHash, or the
# hash triggers the upload. A commit that renames a notebook changes neither: the job's task refers
# to the new name, and the workspace keeps the old file. An empty __init__.py, which turns a folder
# into a package, is not uploaded for the same reason.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2
cat > app.js <<'JS'
const { mkdirSync, rmSync, writeFileSync } = require("fs");
const { App, AssetType, TerraformAsset, TerraformStack } = require("cdktf");

const hashOf = (files) => {
  rmSync("notebooks", { recursive: true, force: true });
  mkdirSync("notebooks");
  for (const [name, text] of Object.entries(files)) writeFileSync(`notebooks/${name}`, text);
  const stack = new TerraformStack(new App(), "etl");
  const path = `${process.cwd()}/notebooks`;
  return new TerraformAsset(stack, "notebooks", { path, type: AssetType.DIRECTORY }).assetHash;
};
const hashes = {
  "load.py, sum.py": hashOf({ "load.py": "load()\n", "sum.py": "sum()\n" }),
  "renamed": hashOf({ "load_orders.py": "load()\n", "sum.py": "sum()\n" }),
  "with an empty file": hashOf({ "__init__.py": "", "load.py": "load()\n", "sum.py": "sum()\n" }),
  "joined": hashOf({ "all.py": "load()\nsum()\n" }),
  "with other code": hashOf({ "load.py": "load(1)\n", "sum.py": "sum()\n" }),
};
const [first, ...others] = Object.values(hashes);
for (const [name, hash] of Object.entries(hashes)) {
  console.log(`${name}: ${hash === first ? "the first hash" : "another hash"}`);
}
process.exit(others.map((hash) => hash === first).join() === "true,true,true,false" ? 0 : 1);
JS
node app.js
# Output seen:
#   load.py, sum.py: the first hash
#   renamed: the first hash
#   with an empty file: the first hash
#   joined: the first hash
#   with other code: another hash
