/** Harmless payloads for user-controlled text, and checks of their effect on a page. */
export const payloads: readonly string[] = [
  "\u001b[2J\u001b[1;1Hcleared",
  "\u001b]0;title\u0007",
  "\u009b31mred",
  "one\nthe workspace matches the code: 3 match",
  "a\r overwritten",
  "\u202egnp.exe\u202c \u2066x\u2069 \u200b",
  "a | b | c\n|---|",
  "@somebody and @org/team",
  "![pic](https://example.com/p.png) [click](https://example.com)",
  "see https://example.com/x and www.example.com or mail a@example.com, #12, org/repo#3",
  "<img src=x onerror=1><script>1</script><!-- -->",
  "`code` ``` ~~~ **bold** _it_ \\",
  "</details></summary><a href='x'>",
  "```\n# heading\n```",
];

export const hostile = payloads.join(" ");

/** Terminal control characters, except for line feeds. */
export const controlCharacters = /[^\n\P{Cc}]|[\p{Cf}\u2028\u2029]/u;

/**
 * Markup that a code host would render: links, images, mentions, foreign tags, rows with a
 * different number of cells.
 */
export function markdownFaults(page: string): string[] {
  const faults: string[] = [];
  const markup = page
    .replaceAll(/^ *(`{3,})(\w*)\n[\s\S]*?\n *\1 *$/gm, "")
    .replaceAll(/(?<![\\`])(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, "CODE")
    .replaceAll(/<code>[\w&#;\s/.,-]*<\/code>/g, "CODE")
    .replaceAll("<!-- -->", "\u0001")
    .replaceAll(/\\[\\`*_[\]|~]/g, "");
  for (const [construct, pattern] of [
    ["a picture", /!\[/],
    ["a link", /\]\((?!<http:\/\/|<https:\/\/w\.example)/],
    ["an address", /(?<!\]\(<)https?:\/\/(?!w\.example|h\.example)|www\./],
    ["a mention", /@[A-Za-z]/],
    ["an issue", /(?<!&)#\d/],
    ["a tag", /<(?!\/?(details|summary|code)\b|https?:)[a-z!/]/i],
  ] as const)
    if (pattern.test(markup))
      faults.push(
        `${construct}: ${pattern.exec(markup)?.[0] ?? ""} in ${markup.slice(Math.max(0, markup.search(pattern) - 60)).slice(0, 160)}`,
      );
  const rows = markup.split("\n").map((line) => line.trim());
  rows.forEach((row, index) => {
    const header = rows[index - 1];
    if (/^\|[-:|]+\|$/.test(row) && header !== undefined) {
      const cells = row.split("|").length;
      for (let rowIndex = index + 1; rows[rowIndex]?.startsWith("|") === true; rowIndex += 1)
        if (rows[rowIndex]?.split("|").length !== cells)
          faults.push(`a row with a different number of cells: ${rows[rowIndex] ?? ""}`);
    }
  });
  return faults;
}
