import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { terraformWorkspace } from "../src/terraform-workspace";

describe("the selected Terraform workspace", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lakeform-selected-workspace-"));
  const save = (name: string): void => fs.writeFileSync(path.join(folder, "environment"), name);
  afterAll(() => fs.rmSync(folder, { recursive: true }));

  it("is the one of TF_WORKSPACE", () => {
    save("selected");
    expect(terraformWorkspace(folder, "blue")).toBe("blue");
  });

  it("is the one that Terraform saved, without the line end, if TF_WORKSPACE is empty", () => {
    save("selected\n");
    expect(terraformWorkspace(folder, "")).toBe("selected");
    expect(terraformWorkspace(folder, undefined)).toBe("selected");
  });

  it("is default if the file is empty or missing", () => {
    save("");
    expect(terraformWorkspace(folder, undefined)).toBe("default");
    expect(terraformWorkspace(path.join(folder, "missing"), undefined)).toBe("default");
  });
});
