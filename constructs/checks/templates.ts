import { eachString, type Check, type Finding } from "./rendered";

/** The objects of Terraform's language. Any other first name is a resource type and has a `_`. */
const objects = /^(?:count|data|each|ephemeral|local|module|path|provider|self|terraform|var)$/;
/** Matches the first name in `${…}`, and the delimiter after it. */
const expression = /(?<!\$)\$\{~?\s*([A-Za-z][\w-]*)\s*(~?\}|\.|\[)/g;
/** Matches `%{` that is not followed by a keyword of a directive, such as `if`. */
const unknownDirective = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b[^}]*\})/;
/** Matches `%{ if }`, which has no condition. */
const emptyCondition = /(?<!%)%\{~?\s*if\s*~?\}/;
/** Expressions that declare variables, to which a name may refer. */
const declaresVariables = /\bfor\b|\btemplatestring\b/;

/**
 * Finds strings that Terraform would evaluate as a template and reject: a shell's `${HOME}`, a
 * Spark configuration value such as `${spark.app.name}`, or `%{`.
 */
export const checkTemplates: Check = ({ body, json }) => {
  const findings: Finding[] = [];
  if (json.includes("${") || json.includes("%{"))
    eachString(body, [], (path, text) => {
      const template = templateIn(text);
      if (template === undefined) return;
      findings.push({
        code: "NOT_AN_EXPRESSION",
        message: `${path.join(".")} contains ${template}, which Terraform would evaluate`,
        value: template,
        allowed: "a reference to another resource",
        fix: `for literal text, double the first character: ${template.charAt(0)}${template}`,
      });
    });
  return findings;
};

function templateIn(text: string): string | undefined {
  const position = (unknownDirective.exec(text) ?? emptyCondition.exec(text))?.index;
  if (position !== undefined) return text.slice(position, position + 2);
  if (declaresVariables.test(text)) return undefined;
  for (const [match, root = "", delimiter] of text.matchAll(expression)) {
    if (/^(?:true|false|null)$/.test(root)) continue;
    if (delimiter?.endsWith("}") === true) return match;
    if (!root.includes("_") && !objects.test(root)) return `\${${root}`;
  }
  return undefined;
}
