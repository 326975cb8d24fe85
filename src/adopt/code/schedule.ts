/** Generates the triggers of a job. */
import { escapeValue, copyFields, textOf } from "./common";
import type { Fields } from "./fields";
import { call, fieldsIfAny, list, literal, text, type Code } from "./print";
import { NotExpressible, type SourceFile } from "./source-file";

const waitFields = ["min_time_between_triggers_seconds", "wait_after_last_change_seconds"];

export function scheduleOf(from: Fields, file: SourceFile): Code | undefined {
  const [schedule, trigger, continuous] = [
    from.block("schedule"),
    from.block("trigger"),
    from.block("continuous"),
  ];
  const settings = schedule ?? trigger ?? continuous;
  if (settings === undefined) return undefined;
  const name = file.use("Schedule");
  const paused = settings.string("pause_status") === "PAUSED" ? ".paused()" : "";
  const code =
    schedule !== undefined
      ? call(
          `${name}.cron`,
          textOf(schedule.string("quartz_cron_expression")),
          textOf(schedule.string("timezone_id")),
        )
      : trigger !== undefined
        ? triggerCode(trigger, name)
        : call(`${name}.continuous`, fieldsIfAny(copyFields(settings, "task_retry_mode")));
  return typeof code === "string" ? code : { ...code, close: `${code.close}${paused}` };
}

function triggerCode(trigger: Fields, name: string): Code {
  const [periodic, files, tables, model] = [
    trigger.block("periodic"),
    trigger.block("file_arrival"),
    trigger.block("table_update"),
    trigger.block("model"),
  ];
  if (periodic !== undefined)
    return call(
      `${name}.every`,
      String(periodic.number("interval") ?? 0),
      text(periodic.string("unit") ?? ""),
    );
  if (files !== undefined)
    return call(
      `${name}.fileArrival`,
      textOf(files.string("url") ?? ""),
      fieldsIfAny(copyFields(files, ...waitFields)),
    );
  if (tables !== undefined) {
    const names = tables.strings("table_names") ?? [];
    return call(
      `${name}.tableUpdate`,
      list(names.map((table) => literal(escapeValue(table)))),
      fieldsIfAny(copyFields(tables, "condition", ...waitFields)),
    );
  }
  if (model === undefined) throw new NotExpressible("a trigger of an unknown type");
  return call(
    `${name}.modelUpdate`,
    textOf(model.string("condition") ?? ""),
    fieldsIfAny(copyFields(model, "securable_name", "aliases", ...waitFields)),
  );
}
