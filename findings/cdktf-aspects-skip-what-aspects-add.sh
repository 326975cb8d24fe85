#!/usr/bin/env bash
# cdktf 0.21.0 with @cdktf/provider-databricks 15.16.1: a resource that an aspect adds to the stack
# is visited by no aspect of the stack: neither by those registered later nor by the one that added
# it. There is no warning. Added below the visited resource, by the same code, it is visited by all
# of them.
# One aspect gives each Databricks job a cluster policy, another one sets a common prefix of names,
# or rejects resources that break a rule. The scope of the added resources decides whether the rule
# applies to them: with the stack as their scope, they are deployed without the prefix, or against
# the rule. Add them with the visited node as their scope.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
npm init -y >/dev/null
npm install --silent cdktf@0.21.0 constructs@10.4.2 @cdktf/provider-databricks@15.16.1
cat > app.js <<'JS'
const { Aspects, TerraformStack, Testing } = require("cdktf");
const { clusterPolicy, job } = require("@cdktf/provider-databricks");

const namesOf = (scopeOf) => {
  const stack = new TerraformStack(Testing.app(), "etl");
  new clusterPolicy.ClusterPolicy(stack, "common", { name: "common" });
  new job.Job(stack, "load", { name: "load" });
  Aspects.of(stack).add({
    visit: (node) => {
      if (!(node instanceof job.Job)) return;
      new clusterPolicy.ClusterPolicy(scopeOf(node, stack), `${node.node.id}-policy`, { name: "load" });
    },
  });
  Aspects.of(stack).add({
    visit: (node) => {
      if (node instanceof clusterPolicy.ClusterPolicy) node.name = `team-${node.nameInput}`;
    },
  });
  const policies = JSON.parse(Testing.synth(stack)).resource.databricks_cluster_policy;
  return Object.values(policies).map((policy) => policy.name).sort().join(", ");
};
const seen = [namesOf((node, stack) => stack), namesOf((node) => node)];
console.log(`added to the stack: ${seen[0]}`);
console.log(`added to the job: ${seen[1]}`);
process.exit(seen.join("; ") === "load, team-common; team-common, team-load" ? 0 : 1);
JS
node app.js
# Output seen:
#   added to the stack: load, team-common
#   added to the job: team-common, team-load
