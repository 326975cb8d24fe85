import { execFileSync } from "node:child_process";
import { apiCommand } from "../../../src/resources/shape/api-command";

test("a printed command passes its path and body to the shell unchanged", () => {
  const path = "/api/2.0/x?name=a&force=true";
  const body = { text: "it's $HOME" };
  const words = execFileSync("sh", [
    "-c",
    `lakeform() { printf '%s\\n' "$@"; }; ${apiCommand("DELETE", path, body)}`,
  ]);
  expect(words.toString().trim().split("\n")).toEqual([
    "api",
    "DELETE",
    path,
    "--json",
    JSON.stringify(body),
  ]);
});

// A ? in a word without quotes is a pattern: zsh rejects a command with one that matches no file.
test("a path with a query is quoted, and a plain path is not", () => {
  expect(apiCommand("DELETE", "/api/2.0/x?id=1")).toBe("lakeform api DELETE '/api/2.0/x?id=1'");
  expect(apiCommand("DELETE", "/api/2.0/x/1")).toBe("lakeform api DELETE /api/2.0/x/1");
});
