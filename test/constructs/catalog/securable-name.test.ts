import { Connection, ExternalLocation } from "../../../constructs";
import { problems } from "../support";

test("rejects invalid names of securables, naming the kind and the allowed characters", () => {
  const [problem] = problems(
    (stack) => new Connection(stack, "c", { name: "a b", connectionType: "MYSQL", options: {} }),
  );
  expect(problem).toMatchObject({
    code: "BAD_NAME",
    message: "the name of the connection contains an invalid character",
  });
  expect(() => ExternalLocation.fromName("")).toThrow("the name of the external location is empty");
});
