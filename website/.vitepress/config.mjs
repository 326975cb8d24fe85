// The site shows docs/ as it is in the repository. Pages keep their paths; the README.md of a
// folder is its index.
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
    // Pages must also work on GitHub and other code hosts: no HTML or Vue in pages, and the anchors
    // of code hosts.
    html: false,
    anchor: { slugify: slug },
    attrs: { disable: true },
    config: (markdown) => adaptLinks(markdown, docs),
  },
  vite: {
    // Tree shaking takes a third of the build time and reduces the size by less than 1%.
    build: { rollupOptions: { treeshake: false } },
    // docs/ is outside of this folder, and its pages are compiled to modules that import vue.
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
        // The search index has only text, so it skips syntax highlighting, which takes as long as
        // for the page.
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
    for (const file of files.filter((file) => !file.endsWith(".md")))
      fs.cpSync(path.join(docs, file), path.join(outDir, file));
    checkSite(outDir, pages);
  },
});
