import fs from "node:fs";
import path from "node:path";

/** The anchors that code hosts give to headings. */
export const slug = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/**
 * Adapts links to the site. Links to a README.md lead to the index of its folder. Other files of
 * docs/ (schemas, pictures) are copied. Links to files outside docs/ become plain text, or links
 * below SITE_REPOSITORY (`https://host/owner/lakeform/blob/main`).
 */
export function adaptLinks(markdown, docs) {
  const repository = process.env.SITE_REPOSITORY;
  markdown.core.ruler.push("adapt-links", ({ tokens, env }) => {
    for (const inline of tokens.filter(({ type }) => type === "inline")) {
      const removedLinks = [];
      for (const token of inline.children) {
        if (
          token.type === "link_close" &&
          removedLinks.length > 0 &&
          removedLinks.at(-1).level === token.level
        ) {
          removedLinks.pop();
          token.hidden = true;
          Object.assign(token, { type: "text", content: "", tag: "", nesting: 0 });
        }
        if (token.type !== "link_open") continue;
        const [target = "", anchor] = token.attrGet("href").split("#");
        if (target === "" || /^[a-z]+:/.test(target)) continue;
        const file = path.resolve(docs, path.dirname(env.relativePath), decodeURI(target));
        const relative = path.relative(docs, file);
        const suffix = anchor === undefined ? "" : `#${anchor}`;
        if (relative.startsWith("..")) {
          if (repository !== undefined)
            token.attrSet(
              "href",
              `${repository}/${path.relative(path.join(docs, ".."), file)}${suffix}`,
            );
          else {
            removedLinks.push({ level: token.level });
            Object.assign(token, { type: "text", content: "", tag: "", nesting: 0 });
          }
        } else if (path.basename(file) === "README.md")
          token.attrSet("href", target.replace(/README\.md$/, "index.md") + suffix);
        else if (fs.existsSync(file) && fs.statSync(file).isDirectory())
          token.attrSet("href", `${target.replace(/\/?$/, "/")}index.md${suffix}`);
      }
    }
  });
  // Vue would evaluate `{{…}}` in prose.
  const render = markdown.renderer.render.bind(markdown.renderer);
  markdown.renderer.render = (...args) => render(...args).replaceAll("{{", "&#123;&#123;");
}
