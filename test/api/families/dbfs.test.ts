import { Dbfs, type UploadPoint } from "../../../src/api/families/dbfs";
import { json, withServer, type Script } from "../scripted";

/**
 * Starts a DBFS server that loses responses.
 * @param options `reportsSize`: whether it returns the size of a file that is being written
 */
function dbfsServer(options: {
  readonly reportsSize: boolean;
  readonly lose: (block: number) => "before" | "after" | undefined;
  readonly old?: number;
}) {
  const state = {
    content: Buffer.alloc(0),
    closed: options.old === undefined ? undefined : Buffer.alloc(options.old),
    creates: 0,
    blocks: 0,
  };
  const script: Script = ({ url, body }, response) => {
    const call = url.replace(/.*\/dbfs\/|\?.*/g, "");
    if (call === "create") {
      state.creates += 1;
      state.content = Buffer.alloc(0);
      return json(response, 200, { handle: state.creates });
    }
    if (call === "add-block") {
      state.blocks += 1;
      const lostAt = options.lose(state.blocks);
      const { data } = JSON.parse(body) as { data: string };
      if (lostAt !== "before")
        state.content = Buffer.concat([state.content, Buffer.from(data, "base64")]);
      if (lostAt !== undefined) return response.destroy();
      return json(response, 200, {});
    }
    if (call === "close") {
      state.closed = state.content;
      return json(response, 200, {});
    }
    const size =
      options.reportsSize && state.creates > 0 ? state.content.length : state.closed?.length;
    if (size === undefined)
      return json(response, 404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "no" });
    return json(response, 200, { path: "/f", is_dir: false, file_size: size });
  };
  return { state, script };
}

const bytes = Buffer.from(
  Array.from({ length: 3_200_000 }, (_unused, index) => (index * 31) % 251),
);
const source = {
  read: (offset: number, length: number) =>
    Promise.resolve(bytes.subarray(offset, offset + length)),
};

describe("an upload to DBFS with lost responses", () => {
  test.each([
    [
      "before the block is stored, if the size is not returned: the block is sent again",
      false,
      "before" as const,
      1,
      5,
    ],
    ["before the block is stored, if the size is returned", true, "before" as const, 1, 5],
    [
      "after the block is stored, if the size is returned: the block is not sent again",
      true,
      "after" as const,
      1,
      4,
    ],
    [
      "after the block is stored, if the size is not returned: the duplicate block is detected at the end",
      false,
      "after" as const,
      2,
      9,
    ],
  ])("%s", async (_name, reportsSize, lost, creates, blocks) => {
    const { state, script } = dbfsServer({
      reportsSize,
      lose: (block) => (block === 2 ? lost : undefined),
    });
    await withServer(script, async (client) => {
      expect(await new Dbfs(client).write("/f", source)).toBe(bytes.length);
    });
    expect(state).toMatchObject({ creates, blocks });
    expect(state.closed?.equals(bytes)).toBe(true);
  });

  test("does not treat a replaced file of the same size as received blocks", async () => {
    const { state, script } = dbfsServer({
      reportsSize: false,
      old: 2_000_000,
      lose: (block) => (block === 2 ? "before" : undefined),
    });
    await withServer(script, async (client) => {
      await new Dbfs(client).write("/f", source);
    });
    expect(state).toMatchObject({ creates: 1, blocks: 5 });
    expect(state.closed?.equals(bytes)).toBe(true);
  });

  test("resumes from a stored position; the block in flight is checked first", async () => {
    const { state, script } = dbfsServer({ reportsSize: true, lose: () => undefined });
    let point: UploadPoint | undefined = { handle: 1, offset: 1_000_000 };
    state.creates = 1;
    state.content = bytes.subarray(0, 2_000_000);
    const resume = {
      load: () => point,
      save: (next: UploadPoint) => (point = next),
      clear: () => (point = undefined),
    };
    await withServer(script, async (client) => {
      await new Dbfs(client).write("/f", source, { resume });
    });
    expect(state).toMatchObject({ creates: 1, blocks: 2 });
    expect(state.closed?.equals(bytes)).toBe(true);
    expect(point).toBeUndefined();
  });
});
