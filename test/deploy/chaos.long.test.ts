import fs from "node:fs";
import path from "node:path";
import { removeFolders, repository } from "../support/project";
import { scaled } from "../support/scale";
import { chaos, table } from "./chaos";

afterAll(removeFolders);

test(
  "bad days: one plain deploy afterwards ends with 0, everything is there once, nothing is left behind",
  async () => {
    // At the smallest size, the first runs have the kinds of bad days that those of chaos.test.ts leave out.
    const result = await chaos(scaled(100, 3), 1005, 37);
    if (process.env.UPDATE_RELIABILITY === "1") {
      const file = path.join(repository, "docs", "reliability.md");
      const [before, , after] = fs.readFileSync(file, "utf8").split(/(?<=<!-- chaos -->\n)|(?=<!-- \/chaos -->)/);
      fs.writeFileSync(file, `${before ?? ""}\n${table(result)}\n\n${after ?? ""}`);
    }
    expect(result.wrong).toEqual([]);
  },
  3 * 3_600_000,
);
