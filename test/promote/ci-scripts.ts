import { parse } from "yaml";

/** The shell scripts of a pipeline file, in the order of the file. */
export function scriptsOf(system: string, text: string): string[] {
  if (system === "jenkins")
    return [...text.matchAll(/sh\((?:label: '[^']*', )?script: '''([\s\S]*?)'''(?=[,)])/g)].map(
      (match) => match[1] ?? "",
    );
  const scripts: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (
          (key === "run" || (key === "script" && system === "azure-devops")) &&
          typeof inner === "string"
        )
          scripts.push(inner);
        else walk(inner);
      }
    }
  };
  walk(parse(text));
  return scripts;
}
