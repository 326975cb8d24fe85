// The site: docs/ as it is in the repository. Pages keep their paths; README.md of a folder is its
// index.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { checkSite } from "../check-site.mjs";
import { adaptLinks, slug } from "../links.mjs";
import { sidebar } from "../sidebar.mjs";

const docs = path.join(path.dirname(fileURLToPath(import.meta.url)), "..", "..", "docs");

const files = fs
  .readdirSync(docs, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    path.relative(docs, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"),
  );

/** `constructs/README.md` → `constructs/index.md`. */
const indexes = Object.fromEntries(
  files
    .filter((file) => path.basename(file) === "README.md")
    .map((file) => [file, file.replace(/README\.md$/, "index.md")]),
);

export default defineConfig({
  title: "lakeform",
  description: "Databricks as code in TypeScript",
  lang: "en",
  srcDir: docs,
  outDir: path.join(docs, "..", "website", "dist"),
  cacheDir: path.join(docs, "..", "website", ".cache"),
  rewrites: indexes,
  base: process.env.SITE_BASE ?? "/",
  markdown: {
    // Pages are read on code hosts, too: no HTML or Vue in them, and the anchors of code hosts.
    html: false,
    anchor: { slugify: slug },
    attrs: { disable: true },
    config: (markdown) => adaptLinks(markdown, docs),
  },
  vite: {
    // Dropping unused code takes a third of the build's time and saves less than 1% of its size.
    build: { rollupOptions: { treeshake: false } },
    // docs/ is outside of this folder, and its pages become modules that import vue.
    resolve: {
      alias: [
        {
          find: /^vue(?=$|\/)/,
          replacement: path.join(docs, "..", "website", "node_modules", "vue"),
        },
      ],
    },
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        // The index has the text of a page only: highlighting it would cost as much as for the
        // page.
        _render: (source, env, markdown) => {
          const { highlight } = markdown.options;
          markdown.options.highlight = null;
          try {
            return markdown.render(source, env);
          } finally {
            markdown.options.highlight = highlight;
          }
        },
      },
    },
    outline: { level: [2, 3] },
    nav: [
      { text: "Start", link: "/start" },
      { text: "Guides", link: "/guides/" },
      { text: "Reference", link: "/reference/" },
    ],
    sidebar: sidebar(docs),
  },
  buildEnd: ({ outDir, pages }) => {
    for (const file of files.filter((each) => !each.endsWith(".md")))
      fs.cpSync(path.join(docs, file), path.join(outDir, file));
    checkSite(outDir, pages);
  },
});
