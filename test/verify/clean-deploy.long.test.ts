import { scaled } from "../support/scale";
import { findingsAfterDeploy } from "./clean-deploy";

const seed = Number(process.env["LAKEFORM_SEED"] ?? "4711");

test.each(Array.from({ length: scaled(40, 1) }, (_, index) => seed + index))(
  "random configurations of every kind are clean right after their deploy, also with --unmanaged all (LAKEFORM_SEED=%i)",
  async (item) => expect(await findingsAfterDeploy(3, item)).toEqual([]),
);
