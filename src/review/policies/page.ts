import type { Example, Policy } from "./policy";

/** Generates the docs page of a policy, so that page and policy cannot disagree. */
export function policyPage(policy: Policy): string {
  const { id, title, severity, explanation, fix, types, examples } = policy;
  return `# ${id}

${title[0]?.toUpperCase() ?? ""}${title.slice(1)}.

| | |
|---|---|
| severity | ${severity}, unless the profile sets another |
| checks | ${types.map((type) => `\`${type}\``).join(", ")} |

## Why

${explanation}

## What to do

${fix[0]?.toUpperCase() ?? ""}${fix.slice(1)}.

A finding:

${example(examples.bad)}

No finding:

${example(examples.good)}

## Exceptions

To change the severity for one environment, or to disable the policy there, set it in the profile (\`lakeform review\` exits with 2 for findings of severity \`error\`):

\`\`\`ts
const policies = { "${id}": "off" }; // or "error", "warning", "info"
\`\`\`

For one construct, suppress \`${id}\` in the code, with a reason and an expiry date. See [review.md](../review.md#suppressions).
`;
}

function example({ type, config, environment, content, settings, stateReaders }: Example): string {
  const notes = [
    ...(environment === undefined ? [] : [`in the environment \`${environment}\``]),
    ...(settings === undefined ? [] : [`with \`${JSON.stringify(settings)}\` in the profile`]),
    ...(stateReaders === undefined
      ? []
      : [`readable by ${["the deployer and admins", ...stateReaders].join(" and by ")}`]),
    ...(content === undefined ? [] : [`with the content \`${content.trim()}\``]),
  ];
  return `\`${type}\`${notes.length === 0 ? "" : `, ${notes.join(", ")}`}:

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\``;
}
