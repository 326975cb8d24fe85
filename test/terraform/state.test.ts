import { execFile } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { isDeepStrictEqual, promisify } from "node:util";
import { findEngine } from "../../src/terraform/engine";
import type { TerraformContext } from "../../src/terraform/run";
import { selectedWorkspace } from "../../src/terraform/selected-workspace";
import { readState } from "../../src/terraform/state";
import { parseState, parseStateLazily } from "../../src/terraform/state-format";
import type { SynthesizedStack } from "../../src/terraform/stack";
import { makeFolder, removeFolders } from "../support/project";

afterAll(removeFolders);

describe("parseState", () => {
  const validState = JSON.stringify({ version: 4, serial: 3, lineage: "a", resources: [] });

  test("reads a state of format 4", () => {
    expect(parseState(validState, "x.tfstate")).toMatchObject({ serial: 3, resources: [] });
  });

  test.each([
    ["truncated", validState.slice(0, 20)],
    ["of an older format", JSON.stringify({ version: 3, modules: [] })],
    ["in JSON without an object", "null"],
  ])("rejects a state that is %s, and never suggests deleting it", (_what, text) => {
    expect(() => parseState(text, "x.tfstate")).toThrow(
      expect.objectContaining({
        code: "BROKEN_STATE",
        details: expect.objectContaining({
          value: "x.tfstate",
          fix: expect.stringContaining("do not delete it") as string,
        }) as unknown,
      }) as Error,
    );
  });
  test("names a newer Terraform for a newer format, instead of a truncated file", () => {
    const newer = JSON.stringify({ version: 5, serial: 3, lineage: "a", resources: [] });
    expect(() => parseState(newer, "x.tfstate")).toThrow(
      expect.objectContaining({ code: "NEWER_STATE" }) as Error,
    );
  });
});

/**
 * A resource without attributes, at any depth, that are null or an empty list.
 * @param depth containers around the value
 */
function withoutEmpty(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  const isEmpty = (inner: unknown): boolean =>
    depth >= 3 && (inner === null || (Array.isArray(inner) && inner.length === 0));
  const entries = Object.entries(value).filter(([, inner]) => !isEmpty(inner));
  return Object.fromEntries(entries.map(([name, inner]) => [name, withoutEmpty(inner, depth + 1)]));
}

describe("parseStateLazily", () => {
  const resource = (name: string): object => ({
    mode: "managed",
    type: "databricks_job",
    name,
    instances: [
      {
        schema_version: 2,
        attributes: {
          zero: null,
          name: 'a "]} of \\',
          task: [{ x: [], y: null }, {}, null, { a: [], b: [null, []] }],
          nothing: null,
          no: [],
          umlaut: "ä€😀",
          last: null,
        },
      },
    ],
  });
  const state = {
    version: 4,
    outputs: { resources: { value: [{ resources: [] }], type: "string" } },
    serial: 3,
    lineage: "resources",
    resources: [resource("a"), resource("b\\"), resource("c")],
    check_results: null,
  };

  test.each([undefined, 2, "\t"])(
    "returns the same resources as JSON.parse (indentation %j)",
    (indentation) => {
      const text = JSON.stringify(state, null, indentation);
      const { resources, ...head } = parseStateLazily(Buffer.from(text), "x.tfstate");
      const { resources: expected, ...expectedHead } = parseState(text, "x.tfstate");
      expect([...resources]).toEqual(expected.map((resource) => withoutEmpty(resource)));
      expect([...resources]).toEqual(expected.map((resource) => withoutEmpty(resource)));
      expect(Array.isArray(resources)).toBe(false);
      expect(head).toEqual(expectedHead);
    },
  );

  const { outputs, resources, check_results } = state;
  /** Formats a state as Terraform writes it. */
  const layout = JSON.stringify(
    {
      version: 4,
      terraform_version: "1.11.4",
      serial: 3,
      lineage: "l",
      outputs,
      resources,
      check_results,
    },
    null,
    2,
  );

  test("returns the same resources for Terraform's own layout", () => {
    for (const text of [layout, layout.replace(/"outputs": \{.*?\n {2}\}/s, '"outputs": {}')]) {
      const { resources: expected, ...head } = parseState(text, "x.tfstate");
      for (const includesEmpty of [false, true]) {
        const { resources, ...otherHead } = parseStateLazily(
          Buffer.from(`${text}\n`),
          "x.tfstate",
          includesEmpty,
        );
        expect([...resources]).toEqual(
          includesEmpty ? expected : expected.map((resource) => withoutEmpty(resource)),
        );
        expect(otherHead).toEqual(head);
      }
    }
  });

  // A lone surrogate cannot be encoded as UTF-8.
  test.each([
    ["on one line", JSON.stringify(state), false],
    ["in Terraform's formatting, with empty fields", layout, true],
    ["in Terraform's formatting, without empty fields", layout, false],
  ])(
    "rejects a state that is truncated or damaged anywhere, and returns no part of it (%s)",
    (_how, stateText, includesEmpty) => {
      const text = stateText.replaceAll("😀", "");
      const resultOf = (work: () => { readonly resources: Iterable<unknown> }): unknown => {
        try {
          return [...work().resources];
        } catch (error) {
          return (error as { code: unknown }).code;
        }
      };
      const different: string[] = [];
      for (let position = 0; position < text.length; position += 1) {
        const [textBefore, textAfter] = [text.slice(0, position), text.slice(position)];
        // All files use the same white space.
        if (/ $/.test(textBefore) && textAfter.startsWith(" ")) continue;
        for (const damaged of [
          textBefore,
          `${textBefore},${textAfter}`,
          `${textBefore}]${textAfter}`,
          textBefore + textAfter.slice(1),
        ]) {
          const [streamed, parsed] = [
            resultOf(() => parseStateLazily(Buffer.from(damaged), "x", includesEmpty)),
            resultOf(() => parseState(damaged, "x")),
          ].map((result) =>
            Array.isArray(result) ? result.map((item) => withoutEmpty(item)) : result,
          );
          if (!isDeepStrictEqual(streamed, parsed)) different.push(damaged);
        }
      }
      expect(different).toEqual([]);
    },
  );
});

describe("readState, with states written by terraform", () => {
  const env: NodeJS.ProcessEnv = { ...process.env, CHECKPOINT_DISABLE: "1" };
  delete env.TF_WORKSPACE;
  const resource = { terraform_data: { x: { input: "${terraform.workspace}" } } };

  async function deployState(
    terraform: object,
    commands: readonly (readonly string[])[] = [],
  ): Promise<[TerraformContext, SynthesizedStack]> {
    const directory = makeFolder("state");
    const json = { terraform, resource };
    fs.writeFileSync(path.join(directory, "cdk.tf.json"), JSON.stringify(json));
    for (const words of [["init", "-input=false"], ["apply", "-auto-approve"], ...commands])
      await promisify(execFile)("terraform", words, { cwd: directory, env });
    const context = {
      engine: await findEngine(env),
      directory,
      env,
      credentials: {},
      variables: {},
      mirror: undefined,
    };
    return [context, { name: "s-test", directory, json } as unknown as SynthesizedStack];
  }
  const inputOf = async (context: TerraformContext, stack: SynthesizedStack): Promise<unknown> => {
    const input = (await readState(context, stack))?.resources[0]?.instances[0]?.attributes.input;
    return (input as { value: unknown } | undefined)?.value;
  };

  test("reads a local file in another folder, and the selected Terraform workspace", async () => {
    const otherFile = path.join(makeFolder("states"), "deep", "s.tfstate");
    const [context, stack] = await deployState(
      { backend: { local: { path: otherFile, workspace_dir: `${path.dirname(otherFile)}/all` } } },
      [
        ["workspace", "new", "blue"],
        ["apply", "-auto-approve"],
      ],
    );
    expect(fs.existsSync(otherFile)).toBe(true);
    expect(selectedWorkspace(context)).toBe("blue");
    expect(await inputOf(context, stack)).toBe("blue");
    expect(await inputOf({ ...context, env: { ...env, TF_WORKSPACE: "default" } }, stack)).toBe(
      "default",
    );
    expect(
      await inputOf({ ...context, env: { ...env, TF_WORKSPACE: "green" } }, stack),
    ).toBeUndefined();
  }, 60_000);

  test("reads a backend that only terraform can access", async () => {
    let storedState = "";
    const server = http.createServer((request, response) => {
      if (request.method === "GET")
        return void response.writeHead(storedState === "" ? 404 : 200).end(storedState);
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        if (request.method === "POST") storedState = Buffer.concat(parts).toString("utf8");
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const [context, stack] = await deployState({
        backend: { http: { address: `http://127.0.0.1:${port}/state` } },
      });
      expect(await inputOf(context, stack)).toBe("default");
      storedState = "";
      expect(await readState(context, stack)).toBeUndefined();
    } finally {
      server.close();
    }
  }, 60_000);
});
