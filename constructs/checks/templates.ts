import { eachString, type Check, type Finding } from "./rendered";

/** The objects of Terraform's language; all others are resource types, which have a `_`. */
const objects = /^(?:count|data|each|ephemeral|local|module|path|provider|self|terraform|var)$/;
const expression = /(?<!\$)\$\{~?\s*([A-Za-z][\w-]*)\s*(~?\}|\.|\[)/g;
const directive = /(?<!%)%\{(?!~?\s*(?:if|else|endif|for|endfor)\b[^}]*\})/;
const condition = /(?<!%)%\{~?\s*if\s*~?\}/;
/** In these, names are variables of the expression itself. */
const ownVariables = /\bfor\b|\btemplatestring\b/;

/**
 * Strings that Terraform would take for a template, and reject: `${HOME}` of a shell, a value of
 * Spark's configuration such as `${spark.app.name}`, `%{`.
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
  const odd = (directive.exec(text) ?? condition.exec(text))?.index;
  if (odd !== undefined) return text.slice(odd, odd + 2);
  if (ownVariables.test(text)) return undefined;
  for (const [written, root = "", end] of text.matchAll(expression)) {
    if (/^(?:true|false|null)$/.test(root)) continue;
    if (end?.endsWith("}") === true) return written;
    if (!root.includes("_") && !objects.test(root)) return `\${${root}`;
  }
  return undefined;
}
