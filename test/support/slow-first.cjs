// Runs the longest suites first in a fresh clone. Without durations of earlier runs, Jest orders
// suites by file size, and could start the longest ones last, while the other workers are idle.
const path = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

const longestSuites = ["adopt/adopt", "adopt/company", "promote/promotion", "docs"].concat(
  ["deploy/used-stacks", "deploy/approve", "state/deploy", "deploy/half-failed", "stacks/guide"],
  ["provider/lifecycle", "deploy/stuck-state", "verify/second-order", "verify/verify"],
  ["workspace/web", "workspace/execution", "state/store", "cli/plain-terraform"],
  // long tests
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
    "deploy/used-stacks.long",
    "promote/promotion.long",
  ],
);

module.exports = class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    const rank = ({ path: file, context }) => {
      const index = longestSuites.indexOf(
        path.relative(path.join(context.config.rootDir, "test"), file).replace(/\.test\.ts$/, ""),
      );
      return index === -1 ? longestSuites.length : index;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
};
