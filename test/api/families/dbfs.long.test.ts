import { measureUpload } from "./dbfs-memory";

test("an upload of 1 GB to DBFS needs less than 64 MB more memory than an empty process", async () => {
  const measured = await measureUpload(1_000_000_000);
  expect(measured).toMatchObject({ bytes: 1_000_000_000, received: 1_000_000_000, blocks: 1000 });
  expect(measured.extraMb).toBeLessThan(64);
});
