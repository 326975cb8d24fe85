/** Determines which values of a plan the code sets: in blocks, in dynamic blocks, by functions. */
import { withoutKeys } from "../../../src/terraform/references";
import { unsetValuesOf, type CodeOfBlock } from "../../../src/verify/desired/unset-values";

const planned = {
  task: [
    {
      task_key: "c",
      retry_on_timeout: true,
      new_cluster: [{ spark_version: "15.4.x-scala2.12", driver_node_type_id: "i3.4xlarge" }],
    },
  ],
};
const unsetPathsOf = (code: CodeOfBlock): { paths: string[]; unclear: boolean } => {
  const { values, unclear } = unsetValuesOf("databricks_job", planned, code);
  return { paths: values.map(({ path }) => path), unclear };
};
const key = { constant_value: "c" };
const cluster = {
  spark_version: { constant_value: "15.4.x-scala2.12" },
  driver_node_type_id: { constant_value: "i3.4xlarge" },
};

test("the code sets a value by a constant, a reference or a function; null sets nothing", () => {
  for (const retry of [{ constant_value: true }, { references: ["var.retry"] }, {}])
    expect(
      unsetPathsOf({
        expressions: { task: [{ task_key: key, retry_on_timeout: retry, new_cluster: [cluster] }] },
      }),
    ).toEqual({
      paths: [],
      unclear: false,
    });
  for (const retry of [{ constant_value: null }, undefined])
    expect(
      unsetPathsOf({
        expressions: { task: [{ task_key: key, retry_on_timeout: retry, new_cluster: [cluster] }] },
      }),
    ).toEqual({
      paths: ["task[c].retry_on_timeout"],
      unclear: false,
    });
});

test("a value that the rule of an enclosing block accepts is not reported", () => {
  const task = (attributes: object): object => ({
    task_key: "c",
    new_cluster: [{ spark_version: "15.4.x-scala2.12", aws_attributes: [attributes] }],
  });
  const spot = { availability: { constant_value: "SPOT" } };
  const expressions = { task: [{ task_key: key, new_cluster: [{ aws_attributes: [spot] }] }] };
  const pathsOf = (attributes: object): string[] =>
    unsetValuesOf("databricks_job", { task: [task(attributes)] }, { expressions }).values.map(
      ({ path }) => path,
    );
  expect(pathsOf({ availability: "SPOT", zone_id: "us-east-1a" })).toEqual([]);
});

test("a block of a task without an expression may be dynamic, which a plan without a state shows", () => {
  const expressions = { task: [{ task_key: key, retry_on_timeout: { constant_value: true } }] };
  expect(unsetPathsOf({ expressions })).toEqual({ paths: [], unclear: true });
  const unknown = {};
  expect(unsetPathsOf({ expressions, fresh: { values: planned, unknown } })).toEqual({
    paths: [],
    unclear: false,
  });
  const without = { task: [{ task_key: "c", retry_on_timeout: true }] };
  expect(unsetPathsOf({ expressions, fresh: { values: without, unknown } })).toEqual({
    paths: ["task[c].new_cluster.driver_node_type_id"],
    unclear: false,
  });
});

test("the code of a resource is found for any key of for_each", () => {
  expect(withoutKeys('module.m["x"].databricks_job.a[0]')).toBe("module.m.databricks_job.a");
  expect(withoutKeys(String.raw`databricks_job.a["b]c\"]d"]`)).toBe("databricks_job.a");
});
