import { readFileSync } from "node:fs";
import path from "node:path";
import { startWorkspace } from "../../src/workspace/server";
import { nightly } from "./example";

const root = path.join(__dirname, "..", "..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

describe("the page docs/api.md", () => {
  test("has the working example of test/api/example.ts", async () => {
    const source = read("test/api/example.ts");
    expect(read("docs/api.md")).toContain(`\`\`\`ts\n${source}\`\`\``);
    const workspace = await startWorkspace();
    expect(await nightly(workspace.host, workspace.token, Buffer.from("{}"))).toBe("no such job");
    await workspace.close();
  });

  test("lists every code for a broken connection or an unexpected response", () => {
    const codes = [
      "src/api/transport/connection-errors.ts",
      "src/api/transport/answer.ts",
      "src/api/transport/call.ts",
    ].flatMap((file) =>
      [...read(file).matchAll(/"([A-Z]+_[A-Z_]+)"/g)].map((match) => match[1] ?? ""),
    );
    const documentedCodes = codes.filter(
      (code) =>
        /^(ANSWER|CONNECT|CONNECTION|DNS|TLS|BAD|DEADLINE|CALL)_/.test(code) &&
        !code.startsWith("TEMPORARILY"),
    );
    expect(documentedCodes.length).toBeGreaterThan(8);
    for (const code of documentedCodes) expect(read("docs/api.md")).toContain(`\`${code}\``);
  });
});
