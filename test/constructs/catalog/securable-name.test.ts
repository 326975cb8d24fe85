import { Connection, ExternalLocation } from "../../../constructs";
import { problems } from "../support";

test("rejects invalid names of securables, and names the kind and the allowed characters", () => {
  const [problem] = problems(
    (stack) => new Connection(stack, "c", { name: "a b", connectionType: "MYSQL", options: {} }),
  );
  expect(problem).toMatchObject({
    code: "BAD_NAME",
    message: "the name of the connection contains an invalid character",
    details: {
      path: "test-local/c",
      value: "a b",
      allowed: "1 to 255 characters without dots, spaces, slashes and control characters",
    },
  });
  expect(() => ExternalLocation.fromName("")).toThrow("the name of the external location is empty");
});
