/** Evaluates expressions with lakeform and with Terraform, and compares the results. */
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { desiredOfStack } from "../../../src/verify/desired/desired";
import { Unresolved } from "../../../src/verify/expressions/values";
import { makeFolder, removeFolders } from "../../support/project";

afterAll(removeFolders);

const list = '["b", "a", "c", "a"]';
const map = '{b = "2", a = "1"}';
const expressions = [
  `[for x in ${list} : upper(x)]`,
  `[for i, x in ${list} : "\${i}-\${x}" if x != "a"]`,
  `[for k, v in ${map} : "\${k}=\${v}"]`,
  `[for k, v in toset(${list}) : "\${k}-\${v}"]`,
  `[for k, v in true ? setunion(["b"], ["a"]) : toset([1]) : k]`,
  `[for k, v in tolist(toset(["b", "a"])) : k]`,
  `{for k, v in ${map} : v => k}`,
  `{for i, x in ${list} : x => i...}`,
  `[for x in [{n = {v = 1}}, {n = {v = 2}}] : x.n.v]`,
  `[for x in ${list} : {(x) = 1, x = 2}]`,
  `[{n = [{v = 1}]}, {n = [{v = 2}]}][*].n[0].v`,
  `[{n = 1}, {n = 2}].*.n`,
  `[{n = 1}, {n = 2}].*.n[1]`,
  `"x"[*]`,
  `flatten([["a", ["b"]], [], ["c"]])`,
  `formatlist("%s/%d", ["a", "b"], [1, 2])`,
  `formatlist("%s-%s", "p", ["a", "b"])`,
  `format("%05d|%-4s|%4s|%q|%v", 42, "a", "b", "c\\"d", ["x"])`,
  `setunion(["b"], ["a", "b"])`,
  `setintersection(["a", "b"], ["b", "c"])`,
  `setsubtract(["a", "b"], ["b"])`,
  `setproduct(["a", "b"], [1, 2])`,
  `range(3)`,
  `range(1, 8, 3)`,
  `range(3, 0)`,
  `regex("[a-z]+", "12ab34")`,
  `regex("(\\\\d+)-(\\\\d+)", "10-20")`,
  `regex("(?P<year>\\\\d{4})-(?P<month>\\\\d\\\\d)", "2027-03")`,
  `regexall("[a-z]", "1a2b")`,
  `replace("a1b22", "/[0-9]+/", "<$0>")`,
  `replace("hello", "/l(.)/", "\${1}x")`,
  `replace("a.b", ".", "-")`,
  `yamlencode({a = [1, "two", true, null], b = {c = "d", e = []}, f = {}, g = [{h = 1, i = [2]}], "k l" = "\\"q\\""})`,
  `yamlencode(["a", ["b"]])`,
  `yamldecode("a: [1, two]\\nb: {c: true}")`,
  `jsonencode({b = 1.5, a = "<é>"})`,
  `jsonencode(yamldecode("d: &d {t: 600, r: 3}\\na: {t: 60, <<: *d}\\nb: {<<: *d, t: 60}\\nc: {\\"<<\\": {x: 1}}"))`,
  `yamldecode("[y, Y, yes, on, oFF, NO, ~, Null, \\"yes\\", 'on', true, 017, 0o17, 0o9, 0x1F, 0b1, 1_0, 1e3, .5, -1., 12:30:00]")`,
  `yamldecode("yes: a b\\n2: |\\n  x\\n  y\\nc: >\\n  x\\n  y\\nc: x\\n  y")`,
  `jsonencode(true ? {max = 8, type = "range", on = true} : {})`,
  `jsonencode([true ? {a = 1, b = "x"} : {a = 2, b = "y"}, true ? {a = 1} : {b = 2}, true ? {a = 1, b = "x"} : null])`,
  `jsonencode([true ? {a = 1, b = [1]} : {a = "x", b = ["y"]}, true ? {a = null, b = 1} : {b = "x"}])`,
  `jsonencode([true ? [1, "a"] : [], true ? [1, 2] : ["a"], true ? [1, "a"] : [2, "b"], true ? [] : [1]])`,
  `jsonencode([true ? [{a = 1, b = "x"}, {a = 1}] : [], true ? [{a = 1}, {a = 2}] : []])`,
  `jsonencode([true ? 1 : "a", true ? true : "a", false ? "a" : 1.5, true ? 1 : null])`,
  `jsonencode([tomap({a = 1, b = "x"}), tolist([1, "x"]), toset([2, "x"]), toset([10, 9]), distinct([1, "1", true])])`,
  `jsonencode([coalesce(null, 1, "x"), coalesce("", 1), chunklist([1, "x"], 1), tolist([{a = 1}, {b = "x"}])])`,
  `jsonencode([setunion([1], ["x"]), setintersection(["1"], [1]), setsubtract([1, 2], ["1"])])`,
  `[contains([1, 2], "1"), contains(["1"], 1), contains([1], 1.0), contains([{a = 1}], {a = 1})]`,
  `[lookup({a = null}, "a", "d"), lookup({a = 1}, "b", "d")]`,
  `upper("straße é")`,
  `trim("--a-b--", "-")`,
  `chomp("a\\n\\n")`,
  `indent(2, "a\\nb")`,
  `title("hello big-world it's")`,
  `strrev("abc")`,
  `substr("hello", 1, 3)`,
  `substr("hello", -3, -1)`,
  `strcontains("hello", "ell")`,
  `split(",", "a,b")`,
  `split(",", "")`,
  `join("-", [1, 2])`,
  `reverse(${list})`,
  `slice(${list}, 1, 3)`,
  `sort(${list})`,
  `distinct(${list})`,
  `toset(${list})`,
  `chunklist(${list}, 3)`,
  `index(${list}, "c")`,
  `one([])`,
  `one(["x"])`,
  `coalesce("", "b")`,
  `coalescelist([], ["b"])`,
  `compact(["a", "", "b"])`,
  `zipmap(["a", "b"], [1, 2])`,
  `transpose({a = ["1", "2"], b = ["2"]})`,
  `merge(${map}, {c = "3"}, null)`,
  `merge([${map}, {a = "9"}]...)`,
  `max([3, 7, 5]...)`,
  `keys(${map})`,
  `values(${map})`,
  `lookup(${map}, "z", "none")`,
  `contains(${list}, "c")`,
  `alltrue([true, "true"])`,
  `anytrue([])`,
  `sum([1, 2.5])`,
  `[abs(-2), ceil(1.2), floor(-1.2), signum(-3), pow(2, 5), parseint("ff", 16), min(2, 1)]`,
  `7 % 3 + 8 / 4 - -1`,
  `"a" == "b" ? 1 : 2`,
  `!(1 > 2) && (2 >= 2 || false)`,
  `"%{ if 1 == 1 }yes%{ else }no%{ endif }!"`,
  `"%{ for x in ${list.replaceAll('"', '"')} }[\${x}]%{ endfor }"`,
  `"a \${~ "b" ~} c"`,
  `templatefile("list.tftpl", {items = ["x", "y"], title = "T"})`,
  `[md5("a"), sha1("a"), sha256("a"), sha512("a"), base64sha256("a"), base64encode("é"), base64decode("YQ==")]`,
  `[filemd5("list.tftpl"), fileexists("nothing"), basename("/a/b"), dirname("/a/b")]`,
  `urlencode("a b/ü!*")`,
  `[tonumber("5"), tobool("true"), tostring(7)]`,
  `[parseint("007", 10), parseint("-0FF", 16), parseint("0", 2)]`,
  `try({a = 1}.b, "fallback")`,
  `[{a = null}.a == null, try({a = null}.a, "x") == null, [null][0] == null, try([1][1], "x")]`,
  `[try(regex("x", "a"), "no"), try(tonumber("x"), 1), try(file("missing"), jsondecode("{"), 2)]`,
  `[try(base64decode("a"), "no"), try(base64decode("/w=="), "no"), base64decode("Y\\nQ=="), try(base64decode("a-b="), "no")]`,
  `[try(tonumber("0x1F"), "no"), try(tonumber(" 5"), "no"), tonumber("1e3"), tonumber("-.5"), try(tonumber(""), "no")]`,
  `format("%05d|%5d|%-5d|", -42, -42, -42)`,
  `[startswith("abc", "ab"), endswith("abc", "bc"), trimprefix("abc", "a"), trimsuffix("abc", "c"), trimspace(" a ")]`,
  `element(${list}, 5)`,
  `{"x-y" = 1, ("p\${"q"}") = 2}`,
  `[tostring(0.0000001), tostring(1.5e21), "\${1e-9}", tostring(9007199254740991), tostring(123456.789)]`,
  `[10 / 4, 0.5 + 0.25, 7.5 % 2, -7 % 3, 0.125 * 3, 1700000000000 * 1000, sum([0.5, 2]), pow(2, 40), range(0, 1, 0.25)]`,
  `[1 == "1", [1] == "a", null == [], "a" != null, 0.2 > 0.1 ? "a" : "b"]`,
];

/** Terraform evaluates these to a value that JavaScript's numbers or lakeform's types do not give. */
const unsupported = [
  `0.1 + 0.2`,
  `1 / 3`,
  `0.1 * 3`,
  `sum([0.1, 0.2])`,
  `pow(10, 20)`,
  `parseint("Zz", 62)`,
  `try(cidrhost("10.0.0.0/8", 1), "fallback")`,
  `try(0.1 + 0.2, 1)`,
  `try(sum([0.1, 0.2]), 1)`,
  `4503599627370497 * 0.5`,
  `9007199254740991 + 2`,
  `9007199254740993`,
  `"\${1.234567890123456789}"`,
  `tonumber("9007199254740993")`,
  `tonumber("1.00000000000000000001")`,
  `9007199254740991.5`,
  `jsondecode("[9007199254740993]")`,
  `jsonencode(0.0000001)`,
  `tolist(["a"]) == ["a"]`,
  `{a = 1} != tomap({a = 1})`,
];

test.each(unsupported)("%s is not evaluated, because the result could differ", (expression) => {
  const resource = { databricks_x: { y: { value: `\${${expression}}` } } };
  const desired = desiredOfStack({ resource }, { directory: ".", state: new Map() });
  expect(desired.get("databricks_x.y")?.attributes["value"]).toBeInstanceOf(Unresolved);
});

test("every expression has the same result as in Terraform", async () => {
  const folder = makeFolder("functions");
  fs.writeFileSync(
    path.join(folder, "list.tftpl"),
    '${title}:\n%{ for i, item in items ~}\n  - ${i} ${item}\n%{ endfor ~}\n%{ if title == "T" }\n  yes\n%{~ else ~}\n  no\n%{ endif }\nend $${x}\n',
  );
  const output = Object.fromEntries(
    expressions.map((text, index) => [`o${index}`, { value: `\${${text}}` }]),
  );
  fs.writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify({ output }, null, 1));
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const run = (...words: string[]): Promise<{ stdout: string }> =>
    promisify(execFile)("terraform", words, { cwd: folder, env });
  await run("apply", "-auto-approve", "-input=false", "-no-color");
  const terraformOutputs = JSON.parse((await run("output", "-json")).stdout) as Record<
    string,
    { value: unknown }
  >;
  const values = Object.fromEntries(expressions.map((text, index) => [`o${index}`, `\${${text}}`]));
  const lakeformValues = desiredOfStack(
    { resource: { databricks_x: { y: values } } },
    { directory: folder, state: new Map() },
  ).get("databricks_x.y");
  const outputsOf = (expressionOf: (key: string) => unknown): Record<string, unknown> =>
    Object.fromEntries(expressions.map((text, index) => [text, expressionOf(`o${index}`)]));
  expect(outputsOf((key) => lakeformValues?.attributes[key])).toEqual(
    outputsOf((key) => terraformOutputs[key]?.value ?? null),
  );
}, 60_000);
