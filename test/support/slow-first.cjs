// The order of the suites: Jest's own, by the durations of earlier runs. A fresh clone has none,
// and Jest would order by file size: the suites that take longest would be among the last, with one
// worker waiting for the other.
const path = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

const longest = ["docs", "adopt/adopt", "promote/promotion", "deploy/used-stacks"].concat(
  [
    "adopt/company",
    "state/serve",
    "workspace/fuzz",
    "workspace/durability",
    "deploy/stuck-state",
    "deploy/approve",
  ],
  [
    "cli/warnings",
    "adopt/terraform-projects",
    "adopt/inputs",
    "deploy/bad-days",
    "verify/unmanaged/access-lists",
    "workspace/web",
  ],
  // the long tests at a twentieth
  [
    "package.long",
    "docs.long",
    "deploy/chaos.long",
    "promote/ci.long",
    "deploy/kill-places.long",
    "stacks/gallery.long",
    "adopt/gallery.long",
  ],
  [
    "provider/lost-answers.long",
    "terraform/both-ways.long",
    "toolkits.long",
    "provider/schema-cut.long",
    "api/families/dbfs.long",
  ],
);

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const place = ({ path: file, context }) => {
      const at = longest.indexOf(
        path.relative(path.join(context.config.rootDir, "test"), file).replace(/\.test\.ts$/, ""),
      );
      return at === -1 ? longest.length : at;
    };
    return sorted.sort((one, other) => place(one) - place(other));
  }
};
