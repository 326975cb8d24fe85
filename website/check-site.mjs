import fs from "node:fs";
import path from "node:path";

/**
 * Checks that every link within the site leads to an existing file and anchor.
 * @throws Error that lists the broken links
 */
export function checkSite(folder, pages) {
  const base = process.env.SITE_BASE ?? "/";
  const html = new Map();
  const read = (file) => {
    if (!html.has(file)) {
      const text = fs.readFileSync(file, "utf8");
      html.set(file, {
        text,
        ids: new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)),
      });
    }
    return html.get(file);
  };
  const broken = [];
  let links = 0;
  for (const page of pages) {
    const file = path.join(
      folder,
      page.replace(/README\.md$/, "index.md").replace(/\.md$/, ".html"),
    );
    for (const [, href] of read(file).text.matchAll(/<(?:a|img)[^>]*?\s(?:href|src)="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      links++;
      const { pathname, hash } = new URL(href, `http://site/${path.relative(folder, file)}`);
      const local = pathname.startsWith(base) ? `/${pathname.slice(base.length)}` : pathname;
      const target = path.join(
        folder,
        decodeURIComponent(local.endsWith("/") ? `${local}index.html` : local),
      );
      if (!fs.existsSync(target)) broken.push(`${page}: ${href}: no such file`);
      else if (hash !== "" && !read(target).ids.has(decodeURIComponent(hash.slice(1))))
        broken.push(`${page}: ${href}: no such anchor`);
    }
  }
  if (broken.length > 0)
    throw new Error(`${broken.length} broken links:\n${[...new Set(broken)].join("\n")}`);
  if (links < pages.length) throw new Error(`only ${links} links on ${pages.length} pages`);
  console.log(`${pages.length} pages, ${links} links checked`);
}
