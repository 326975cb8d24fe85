import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Encoder, decode } from "@msgpack/msgpack";
import { connect } from "../src/api";
import { exactJson, parseExact, wholeNumber } from "../src/exact-json";
import { decodeState, decodeValue, encodeValue } from "../src/provider/values";
import { findKind } from "../src/resources";
import { idText, number } from "../src/resources/shape/json";
import type { Block } from "../src/resources/shape/schema";

const large = "9007199254740993";

test("integers beyond 2^53 are read as strings; digits in strings and fractions are unchanged", () => {
  expect(
    parseExact(
      `{"a": ${large}, "b": [-${large}], "c": "${large} \\" ${large}", "d": 9007199254740991, "e": 12345678901234567.5e3}`,
    ),
  ).toEqual({
    a: large,
    b: [`-${large}`],
    c: `${large} " ${large}`,
    d: 9007199254740991,
    e: Number("12345678901234567.5e3"),
  });
});

test("integers beyond 2^53 are written exactly", () => {
  expect(exactJson({ job_id: wholeNumber(large), name: large, small: wholeNumber("7") })).toBe(
    `{"job_id":${large},"name":"${large}","small":7}`,
  );
  expect(() => wholeNumber("12x")).toThrow(RangeError);
});

test("strings of digits are accepted as numbers, and an invalid id is an error", () => {
  expect([number("12"), number(12), number("x"), number(large)]).toEqual([
    12,
    12,
    undefined,
    undefined,
  ]);
  expect([idText(12, "id"), idText("12", "id"), idText(large, "id")]).toEqual(["12", "12", large]);
  for (const invalidId of [undefined, null, "", "abc", {}, 1.5])
    expect(() => idText(invalidId, "job_id")).toThrow("no readable job_id");
});

describe("Terraform's values", () => {
  const block: Block = {
    attributes: { id: { type: "string" }, n: { type: "number", optional: true } },
    blocks: {},
  };
  test.each([BigInt(large), 12, BigInt(12)])("encode and decode %s exactly", (n) => {
    const decoded = decodeValue(block, {
      msgpack: new Encoder({ useBigInt64: true }).encode({ id: "1", n }),
    });
    expect(decoded?.["n"]).toBe(n === BigInt(large) ? large : 12);
    const encoded = decode(encodeValue(decoded).msgpack) as { n: unknown };
    expect(encoded.n).toBe(n === BigInt(large) ? large : 12);
  });
  test("are exact in a state", () =>
    expect(decodeState(block, Buffer.from(`{"id": "1", "n": ${large}}`))?.["n"]).toBe(large));
});

describe("a workspace with 64-bit ids", () => {
  let server: Server;
  const bodies: string[] = [];
  const job = (id: string): string =>
    `{"job_id": ${id}, "settings": {"name": "j", "tasks": [{"task_key": "t", "run_job_task": {"job_id": ${large}}}]}}`;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        bodies.push(Buffer.concat(chunks).toString());
        const next = request.url?.includes("page_token") === true;
        const pages = next
          ? `{"jobs": [${job("12")}], "has_more": false}`
          : `{"jobs": [${job(large)}], "next_page_token": "p2", "has_more": false}`;
        response.end(
          request.url?.includes("/list") === true
            ? pages
            : request.url?.includes("/get") === true
              ? job(`"${large}"`)
              : "{}",
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => server.close());

  test("is handled exactly in reads, paged lists, writes and printed commands", async () => {
    const kind = findKind("databricks_job");
    const { port } = server.address() as AddressInfo;
    const client = connect({ env: {}, host: `http://127.0.0.1:${port}`, token: "t" });
    const read = await kind?.read(client, large, { known: {} });
    expect([read?.id, JSON.stringify(read?.attributes["task"])]).toEqual([
      large,
      expect.stringContaining(large),
    ]);
    const listed: string[] = [];
    for await (const item of kind?.list?.(client) ?? []) listed.push(item.id);
    expect(listed).toEqual([large, "12"]);
    if (read === undefined || kind === undefined) throw new Error("no job");
    expect(kind.removal(read)).toContain(`{"job_id":${large}}`);
    await kind.delete(client, large, {}, { directory: "/" });
    expect(bodies.at(-1)).toBe(`{"job_id":${large}}`);
    await client.close();
  });
});
