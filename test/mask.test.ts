import { Mask } from "../src/mask";
import { canaries, forms, leaks } from "./support/canaries";

describe.each(Object.entries(canaries))("a secret that is %s", (_, secret) => {
  const mask = new Mask([secret]);
  test.each(Object.entries(forms))("is not in a message %s", (__, form) => {
    const masked = mask.message(`the workspace refused <<${form(secret)}>> as a value`);
    expect(leaks(masked, secret)).toBe(false);
  });
  test.each(Object.entries(forms))("is not in a value %s", (__, form) =>
    expect(leaks(mask.value(form(secret)), secret)).toBe(false),
  );
  test("is hidden inside a longer base64 text", () => {
    if (secret.trim().length < 6) return;
    for (const prefix of ["", "x", "xy"]) {
      const encoded = Buffer.from(`${prefix}${secret.trim()};rest of it`).toString("base64");
      expect(mask.message(encoded)).toContain("***");
    }
  });
});

test("a truncated long value is recognised by its beginning", () => {
  const secret = canaries["10 kB"] ?? "";
  const mask = new Mask([secret]);
  expect(mask.message(`invalid value: ${secret.slice(0, 300)}…`)).toBe("invalid value: ***…");
  expect(mask.message(`invalid value: ${secret.slice(0, 25)}`)).toBe("invalid value: ***");
});

test("a value that starts like another form of the secret is hidden to its end", () => {
  const secret = "dGhpcyBpcyBub3QgYSBzZWNyZXQ/+A==";
  expect(new Mask([secret]).value(`--with ${secret}`)).toBe("--with ***");
});

test("each line of a value of several lines is hidden", () => {
  const mask = new Mask([canaries["a key of several lines"] ?? ""]);
  expect(mask.message("line 2 is bad: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC")).toBe(
    "line 2 is bad: ***",
  );
});

describe("an ordinary word", () => {
  const mask = new Mask(["marmalade"], "(sensitive)");
  test("is kept in paths, keys, headings and sentences, where its absence would reveal it", () => {
    expect(mask.ownText("etl-prod/marmalade: the marmalade is running")).toBe(
      "etl-prod/marmalade: the marmalade is running",
    );
    expect(mask.deep({ marmalade: "marmalade", list: ["a marmalade"], n: 1 })).toEqual({
      marmalade: "(sensitive)",
      list: ["a (sensitive)"],
      n: 1,
    });
  });
  test("is hidden with the whole word around it", () =>
    expect(mask.value("big marmalades here")).toBe("big (sensitive) here"));
});

test("a value that cannot occur by chance is hidden everywhere", () => {
  const mask = new Mask(["dapi0123456789abcdef"]);
  expect(mask.ownText("path[dapi0123456789abcdef]")).toBe("path[***]");
});

test("a message with a short secret in it is withheld, and a message without it is shown", () => {
  const mask = new Mask(["q7z", "x"]);
  expect(mask.message("no such key: aq7zb")).toBe(
    "(18 characters withheld: a secret of fewer than 6 characters occurs in them)",
  );
  expect(mask.message("no such key: x")).toContain("withheld");
  expect(mask.message("example")).toBe("example");
  expect(mask.value("q7z")).toBe("***");
  expect(mask.value("--password q7z")).toBe("***");
  expect(mask.value("x")).toBe("***");
  expect(mask.value("example")).toBe("example");
});

test("the replacement text can be set for each secret", () => {
  expect(
    new Mask([{ value: "canary-4711", replacement: "(sensitive: var.x)" }]).value(
      "a canary-4711 b",
    ),
  ).toBe("a (sensitive: var.x) b");
});

test("an ordinary word in a very long word is found in linear time", () => {
  const long = "abcdef".repeat(200_000);
  const started = performance.now();
  expect(
    new Mask(["marmalade"]).value(`${long}marmalade${long} 𝒳marmalade𝒳 marmalade, marmalades`),
  ).toBe("*** *** ***, ***");
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("a long value that is not a word costs nothing: each separator is read once", () => {
  const started = performance.now();
  expect(new Mask([`${"a".repeat(35)}1!x`]).value("x")).toBe("x");
  expect(performance.now() - started).toBeLessThan(2_000);
});
