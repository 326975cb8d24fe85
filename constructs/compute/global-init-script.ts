import type { Content } from "../artifacts/content";
import { load, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";

export interface GlobalInitScriptProps {
  /** The name: up to 100 letters, digits, spaces, -, _ and . */
  readonly name: string;
  /** The script, at most 64 KB. */
  readonly content: Content;
  /** Whether clusters run the script. @default false */
  readonly enabled?: boolean;
  /** The position in the order of scripts, starting at 0. @default - after the others */
  readonly position?: number;
}

/**
 * A script that every cluster of the workspace runs at startup.
 *
 * @example
 * new GlobalInitScript(stack, "proxy", {
 *   name: "proxy",
 *   content: Content.text("#!/bin/bash\necho proxy\n"),
 *   enabled: true,
 * });
 * @see https://docs.databricks.com/aws/en/init-scripts/global
 */
export class GlobalInitScript extends Element {
  /** @throws ConstructError BAD_GLOBAL_INIT_SCRIPT for an invalid name, content or position */
  constructor(scope: Construct, id: string, props: GlobalInitScriptProps) {
    super(scope, id);
    const { content, ...rest } = props;
    const { name } = props;
    const size = content.bytes()?.length ?? 0;
    const problem = (value: string, allowed: string): Error =>
      errorAt(this, "BAD_GLOBAL_INIT_SCRIPT", "invalid global init script", {
        value,
        allowed,
        fix: "change the name, the content or the position",
      });
    if (!/^[-\w. ]{1,100}$/.test(name))
      throw problem(name, "a name of up to 100 letters, digits, spaces, -, _ and .");
    if (size > 64 * 1024) throw problem(`${size} bytes`, "at most 65536 bytes");
    if (props.position !== undefined && (!Number.isInteger(props.position) || props.position < 0))
      throw problem(`position ${props.position}`, "an integer of at least 0");
    const { GlobalInitScript: GlobalInitScriptResource } = load("global-init-script");
    new GlobalInitScriptResource(this, "Resource", { ...rest, ...content.render(this) });
  }
}
