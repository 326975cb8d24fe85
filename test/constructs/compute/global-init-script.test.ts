import { Content, GlobalInitScript } from "../../../constructs";
import { codes, defaultChild, synth } from "../support";

const content = Content.text("#!/bin/bash\n");

describe("global init script", () => {
  test("has content, a position and an enabled flag", () => {
    const { resourceOf } = synth((stack) => {
      const script = new GlobalInitScript(stack, "s", {
        name: "proxy",
        content,
        enabled: true,
        position: 0,
      });
      expect(defaultChild(script)).toBe("databricks_global_init_script");
    });
    expect(resourceOf("databricks_global_init_script")).toMatchObject({
      name: "proxy",
      enabled: true,
      position: 0,
      content_base64: Buffer.from("#!/bin/bash\n").toString("base64"),
    });
  });
  test("rejects an invalid name, an invalid position and more than 64 KB", () => {
    const errorCodes = ["BAD_GLOBAL_INIT_SCRIPT"];
    expect(codes((stack) => new GlobalInitScript(stack, "s", { name: "a/b", content }))).toEqual(
      errorCodes,
    );
    expect(
      codes((stack) => new GlobalInitScript(stack, "s", { name: "a", content, position: -1 })),
    ).toEqual(errorCodes);
    expect(
      codes(
        (stack) =>
          new GlobalInitScript(stack, "s", {
            name: "a",
            content: Content.text("x".repeat(65_537)),
          }),
      ),
    ).toEqual(errorCodes);
  });
});
