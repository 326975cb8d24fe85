// Writes docs/licences.md: the licences of the packages that `npm install lakeform` can install,
// and of those bundled in dist/. `--check` compares instead of writing.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundledPackages } from "./bundled.mjs";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
const bundled = new Set(await bundledPackages());
const rows = Object.entries(packages)
  .filter(
    ([packagePath, { dev, link }]) =>
      packagePath !== "" && (dev !== true || bundled.has(packagePath)) && link !== true,
  )
  .map(([packagePath, { version, license, optional, peer, dev }]) => {
    const name = packagePath.slice(
      packagePath.lastIndexOf("node_modules/") + "node_modules/".length,
    );
    const kind =
      dev === true ? "bundled" : peer === true ? "peer" : optional === true ? "optional" : "";
    return `| ${name} | ${version} | ${license ?? "see the package"} | ${kind} |`;
  });
const page = `# Licences of the dependencies

The packages that \`npm install lakeform\` can install, and those bundled in whole or in part into its own files (*bundled*; their licences are in \`dist/licences.txt\`), from \`package-lock.json\`. Written by \`node scripts/licences.mjs\`; the release adds an SBOM in CycloneDX format.

| package | version | licence | |
|---|---|---|---|
${[...new Set(rows)].sort().join("\n")}
`;
const file = path.join(root, "docs", "licences.md");
if (process.argv.includes("--check")) {
  if (fs.readFileSync(file, "utf8") !== page) {
    console.error("docs/licences.md is outdated\n  fix: node scripts/licences.mjs");
    process.exitCode = 1;
  }
} else fs.writeFileSync(file, page);
