/** Trusted HTML. {@link html} escapes all other values. */
export class Html {
  constructor(readonly text: string) {}
}

export type Part = Html | string | number | undefined | false | readonly Part[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes a string for HTML text and quoted attributes. */
export const escape = (value: string): string =>
  value.replace(/[&<>"']/g, (char) => entities[char] ?? char);

/**
 * A template that escapes its values; all pages use it. Attribute values must be in double quotes.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let result = strings[0] ?? "";
  parts.forEach((part, index) => {
    result += renderPart(part) + (strings[index + 1] ?? "");
  });
  return new Html(result);
}

function renderPart(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "string" || typeof part === "number") return escape(String(part));
  return part.map(renderPart).join("");
}

/** Returns a path with encoded segments: `link("jobs", id)`. */
export const link = (...segments: readonly (string | number)[]): string =>
  `/${segments.map((segment) => encodeURIComponent(segment)).join("/")}`;

/** Returns a path with a query. */
export const withQuery = (path: string, query: Readonly<Record<string, string>>): string =>
  `${path}?${new URLSearchParams(query).toString()}`;
