// Writes docs/licences.md: the licences of all packages that `npm install lakeform` installs. `--check` compares instead of writing.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");
const { packages } = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
const rows = Object.entries(packages)
  .filter(([place, { dev, link }]) => place !== "" && dev !== true && link !== true)
  .map(([place, { version, license, optional, peer }]) => {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    const kind = peer === true ? "peer" : optional === true ? "optional" : "";
    return `| ${name} | ${version} | ${license ?? "see the package"} | ${kind} |`;
  });
const page = `# Licences of the dependencies

The packages that \`npm install lakeform\` can install, from \`package-lock.json\`. Written by \`node scripts/licences.mjs\`; the release adds an SBOM in CycloneDX format.

| package | version | licence | |
|---|---|---|---|
${[...new Set(rows)].sort().join("\n")}
`;
const file = path.join(root, "docs", "licences.md");
if (process.argv.includes("--check")) {
  if (fs.readFileSync(file, "utf8") !== page) {
    console.error("docs/licences.md is not what package-lock.json contains\n  fix: node scripts/licences.mjs");
    process.exitCode = 1;
  }
} else fs.writeFileSync(file, page);
