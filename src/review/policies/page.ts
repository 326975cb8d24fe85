import type { Example, Policy } from "./policy";

/** The docs page of a policy, generated from the policy itself, so that the two cannot disagree. */
export function policyPage(policy: Policy): string {
  const { id, title, severity, explanation, fix, types, examples } = policy;
  return `# ${id}

${title[0]?.toUpperCase() ?? ""}${title.slice(1)}.

| | |
|---|---|
| severity | ${severity}, unless the profile says otherwise |
| looks at | ${types.map((type) => `\`${type}\``).join(", ")} |

## Why

${explanation}

## What to do

${fix[0]?.toUpperCase() ?? ""}${fix.slice(1)}.

Found:

${example(examples.bad)}

Fine:

${example(examples.good)}

## Not here

Another severity, or none, for one environment, in its profile (\`error\` and above make \`lakeform review\` exit 2):

\`\`\`ts
const policies = { "${id}": "off" }; // or "error", "warning", "info"
\`\`\`

For one construct, in the code, with a reason and an end, as \`lakeform review\` then reports: a suppression of \`${id}\`. See [review.md](../review.md#suppressions).
`;
}

function example({ type, config, environment, content, settings }: Example): string {
  const notes = [
    ...(environment === undefined ? [] : [`in the environment \`${environment}\``]),
    ...(settings === undefined ? [] : [`with \`${JSON.stringify(settings)}\` in the profile`]),
    ...(content === undefined ? [] : [`with the content \`${content.trim()}\``]),
  ];
  return `\`${type}\`${notes.length === 0 ? "" : `, ${notes.join(", ")}`}:

\`\`\`json
${JSON.stringify(config, null, 2)}
\`\`\``;
}
