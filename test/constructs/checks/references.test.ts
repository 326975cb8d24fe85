import { checkReferences, namesIn, parametersOf } from "../../../constructs/checks/references";

describe("dynamic value references", () => {
  test.each([
    ["job.parameters.name", ["job", "parameters", "name"]],
    [" tasks.ingest.values.rows ", ["tasks", "ingest", "values", "rows"]],
    ["job.parameters.[name]", ["job", "parameters", "name"]],
    ["tasks.[a b].values.[c]", ["tasks", "a b", "values", "c"]],
    ["tasks[a b].values[c]", ["tasks", "a b", "values", "c"]],
    ["job.parameters.`dotted.name`", ["job", "parameters", "dotted.name"]],
    ["job.parameters.[`dotted.name`]", ["job", "parameters", "dotted.name"]],
  ])("%s is split into names", (reference, names) => expect(namesIn(reference)).toEqual(names));

  test.each(["", "job.", "job..name", "job.parameters.[open"])(
    "%j is not a reference",
    (reference) => expect(namesIn(reference)).toBeUndefined(),
  );

  const task = (value: string) => ({
    task_key: "load",
    notebook_task: { base_parameters: { x: value } },
  });
  const codes = (value: string): string[] =>
    checkReferences(task(value), new Set(["ingest", "a b"]), new Set(["day", "dotted.name"])).map(
      ({ code }) => code,
    );

  test("accepts upstream tasks and declared parameters in every spelling", () => {
    expect(
      codes(
        "{{tasks.ingest.values.rows}} {{tasks.[a b].values.c}} {{job.parameters.[day]}} {{job.parameters.`dotted.name`}}",
      ),
    ).toEqual([]);
  });

  test("rejects a value of a task that is not upstream, and an undeclared parameter", () => {
    expect(codes("{{tasks.publish.values.rows}}")).toEqual(["NOT_UPSTREAM"]);
    expect(codes("{{job.parameters.[month]}}")).toEqual(["UNKNOWN_PARAMETER"]);
  });

  test("rejects a dotted parameter without backquotes, and shows how to write it", () => {
    const [finding] = checkReferences(
      task("{{job.parameters.dotted.name}}"),
      new Set(),
      new Set(["dotted.name"]),
    );
    expect(finding).toMatchObject({
      code: "UNKNOWN_PARAMETER",
      fix: expect.stringContaining("{{job.parameters.`dotted.name`}}") as unknown,
    });
  });

  test("reads the names of a job's parameters", () => {
    expect(parametersOf({ parameter: [{ name: "day", default: "1" }] })).toEqual(new Set(["day"]));
  });
});
