import {
  Group,
  RegisteredModel,
  Schema,
  SecretReference,
  ServingEndpoint,
} from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

describe("serving endpoint", () => {
  test("serves models of this stack and existing models, with traffic and an access list", () => {
    const { resourceOf } = synth((stack) => {
      const entity = new RegisteredModel(stack, "m", {
        schema: Schema.fromName("main.ml"),
        name: "churn",
      });
      const endpoint = new ServingEndpoint(stack, "e", {
        name: "churn",
        servedEntities: [
          {
            name: "own",
            entity,
            entityVersion: "3",
            environmentVars: { KEY: new SecretReference("scope", "key") },
          },
          {
            name: "other",
            externalModel: { name: "gpt", provider: "openai", task: "llm/v1/chat" },
          },
        ],
        traffic: { own: 90, other: 10 },
      });
      endpoint.permissions.allow("CAN_QUERY", Group.users);
      expect(defaultChild(endpoint)).toBe("databricks_model_serving");
    });
    expect(resourceOf("databricks_model_serving").config).toMatchObject({
      served_entities: [
        {
          name: "own",
          entity_name: expect.stringMatching(/^\$\{databricks_registered_model\./) as unknown,
          environment_vars: { KEY: "{{secrets/scope/key}}" },
        },
        { name: "other", external_model: { provider: "openai" } },
      ],
      traffic_config: {
        routes: [{ served_entity_name: "own", traffic_percentage: 90 }, { traffic_percentage: 10 }],
      },
    });
    expect(resourceOf("databricks_permissions").serving_endpoint_id).toMatch(
      /\.serving_endpoint_id\}$/,
    );
  });
  test("rejects an invalid name, an entity without a type, a duplicate name, and traffic that does not add up to 100", () => {
    const served = { name: "a", entity: "main.ml.a", entityVersion: "1" };
    const build = (props: Partial<ConstructorParameters<typeof ServingEndpoint>[2]>): string[] =>
      codes(
        (stack) =>
          new ServingEndpoint(stack, "e", { name: "e", servedEntities: [served], ...props }),
      );
    expect(build({ name: "a.b" })).toEqual(["BAD_NAME"]);
    expect(build({ servedEntities: [{ name: "a" }] })).toEqual(["BAD_SERVED_ENTITY"]);
    expect(build({ servedEntities: [served, served] })).toEqual(["BAD_SERVED_ENTITY"]);
    expect(build({ traffic: { a: 50 } })).toEqual(["BAD_TRAFFIC"]);
    expect(build({ traffic: { b: 100 } })).toEqual(["BAD_TRAFFIC"]);
  });
});
