import fs from "node:fs";
import path from "node:path";

export const matrixPage = path.join(__dirname, "..", "..", "..", "docs", "verify-matrix.md");

export function readMatrixPage(): string {
  return fs.readFileSync(matrixPage, "utf8");
}
