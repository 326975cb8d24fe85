import fs from "node:fs";
import path from "node:path";

const groups = [
  { text: "Start", pages: ["start.md", "concepts.md", "comparison.md", "performance.md"] },
  {
    text: "Guides",
    pages: [
      "guides/README.md",
      "adopt.md",
      "guides/moving.md",
      "guides/several-stacks.md",
      "guides/secrets.md",
      "testing.md",
      "execution.md",
      "outcomes.md",
      "review.md",
      "guides/own-policies.md",
      "deploy.md",
      "state.md",
      "reliability.md",
      "guides/ci.md",
      "promotion.md",
      "guides/nightly-drift.md",
      "verify.md",
      "guides/own-constructs.md",
      "guides/offline.md",
      "commands.md",
      "toolkits.md",
      "upgrading.md",
      "api.md",
    ],
  },
  {
    text: "Reference",
    pages: [
      "reference/README.md",
      "reference/commands.md",
      "errors.md",
      "reference/policies.md",
      "reference/report-schemas.md",
      "reference/compared-fields.md",
      "reference/routes.md",
      "workspace.md",
      "provider.md",
      "provider-differences.md",
      "verify-matrix.md",
      "licences.md",
    ],
  },
  { text: "Constructs", folder: "constructs", collapsed: true },
  { text: "Policies", folder: "policies", collapsed: true },
  {
    text: "The REST guide with lakeform",
    collapsed: true,
    pages: [
      "README.md",
      "curl.md",
      "postman.md",
      "python.md",
      "terraform.md",
      "ci-cd.md",
      "best-practices.md",
    ].map((page) => `rest-guide/${page}`),
  },
  { text: "Decisions", folder: "decisions", collapsed: true },
  { text: "Contributing", pages: ["extending.md"] },
];

/** Returns the sidebar. Pages without a group are listed in one at the end. */
export function sidebar(docs) {
  const pagesOf = (folder) =>
    fs.readdirSync(path.join(docs, folder)).filter((file) => file.endsWith(".md"));
  const title = (page) =>
    /^# (.+)$/m
      .exec(fs.readFileSync(path.join(docs, page), "utf8"))?.[1]
      .replaceAll("`", "")
      .replace(/^lakeform (verify): .*/, "Verify") ?? page;
  const listed = new Set(["README.md"]);
  const itemOf = (page) => {
    listed.add(page);
    return { text: title(page), link: `/${page.replace(/README\.md$/, "").replace(/\.md$/, "")}` };
  };
  const sidebarGroups = groups.map(({ text, collapsed, folder, pages }) => {
    const names =
      pages ??
      pagesOf(folder)
        .sort((a, b) => Number(b === "README.md") - Number(a === "README.md") || a.localeCompare(b))
        .map((page) => `${folder}/${page}`);
    return {
      text,
      ...(collapsed === true && { collapsed }),
      items: names.map(itemOf),
    };
  });
  const pages = fs
    .readdirSync(docs, { recursive: true })
    .map((file) => file.split(path.sep).join("/"))
    .filter((file) => file.endsWith(".md"));
  const others = pages.filter((page) => !listed.has(page)).sort();
  if (others.length > 0) sidebarGroups.push({ text: "More", items: others.map(itemOf) });
  return sidebarGroups;
}
