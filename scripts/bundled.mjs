// The packages whose code is in dist/: in the provider's bundle or in dist/vendor. Users do not
// install them.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Large packages of which little is used, with their file in dist/vendor. */
export const vendored = { selfsigned: "selfsigned.js", "@viz-js/viz": "viz.js" };

/** Options of esbuild for all bundles. */
export const bundling = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  write: false,
  logLevel: "warning",
};

/** Returns the source of the file that is bundled for a package: it exports all of the package. */
export const entryOf = (name) => ({
  stdin: { contents: `module.exports = require(${JSON.stringify(name)});`, resolveDir: root },
});

/** Returns the folders of the bundled packages, relative to the root. */
export async function bundledPackages() {
  const imports = Object.keys(vendored).map((name) => `import ${JSON.stringify(name)};`);
  const contents = ['import "./src/provider/main.ts";', ...imports].join("\n");
  const { metafile } = await esbuild.build({
    ...bundling,
    stdin: { contents, resolveDir: root },
    metafile: true,
    loader: { ".json": "empty" },
  });
  const folders = Object.keys(metafile.inputs).flatMap(
    (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Returns the licences of the bundled packages, which must be distributed with their code. */
export async function bundledLicences() {
  const texts = (await bundledPackages()).map((folder) => {
    const { name, version, license } = JSON.parse(
      fs.readFileSync(path.join(root, folder, "package.json"), "utf8"),
    );
    const file = fs
      .readdirSync(path.join(root, folder))
      .find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text =
      file === undefined
        ? `Licence: ${license}`
        : fs.readFileSync(path.join(root, folder, file), "utf8").trim();
    return `${name} ${version}\n\n${text}\n`;
  });
  return `Parts of these packages are in this folder.\n\n${texts.join("\n---\n\n")}`;
}
