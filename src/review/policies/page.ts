import type { Example, Policy } from "./policy";

/** Generates the docs page of a policy. */
export function policyPage(policy: Policy): string {
  const { id, title, severity, explanation, fix, types, examples } = policy;
  const environment = examples.bad.environment ?? "dev";
  const appliesInProduction = environment === "prod";
  return `# ${id}

${title[0]?.toUpperCase() ?? ""}${title.slice(1)}.${appliesInProduction ? " [Which environments count as production](../review.md#policies) is set in the profile." : ""}

| | |
|---|---|
| severity | ${severity}, unless [the environment's profile](../review.md#policies) sets another |
| checks | ${types.map((type) => `\`${type}\``).join(", ")} |

## Why

${explanation}

## What to do

${fix[0]?.toUpperCase() ?? ""}${fix.slice(1)}.

${example(examples.bad, "is reported")}

${example(examples.good, "is not reported")}

## Exceptions

To change the severity for one environment, or to disable the policy there, set it in the environment's profile. \`lakeform review\` exits with 2 for findings of severity \`error\`.

\`\`\`ts
import { defineEnvironments } from "lakeform/constructs";

const environments = defineEnvironments([
  { name: "${environment}", values: {}, policies: { "${id}": "off" } }, // or "error", "warning", "info"
]);
\`\`\`

For one construct, suppress \`${id}\` in the code, with a reason and an expiry date. See [review.md](../review.md#suppressions).
`;
}

function example(
  { type, config, environment, content, settings, stateReaders }: Example,
  result: string,
): string {
  const notes = [
    ...(environment === undefined ? [] : [`in the environment \`${environment}\``]),
    ...(settings === undefined
      ? []
      : [`with the policy's settings \`${JSON.stringify(settings)}\``]),
    ...(stateReaders === undefined
      ? []
      : [`readable by ${["the deployer and admins", ...stateReaders].join(" and by ")}`]),
    ...(content === undefined ? [] : [`with the content \`${content.trim()}\``]),
  ];
  const block = type === "terraform" ? "`terraform` block" : `\`${type}\``;
  return `This ${block}${notes.length === 0 ? "" : `, ${notes.join(", ")},`} ${result}:

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\``;
}
