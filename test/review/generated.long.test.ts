import { scaled } from "../support/scale";
import { describeGenerated } from "./generated";
import { describeGeneratedKinds } from "./generated-kinds";

describeGenerated(scaled(1000, 100));
describeGeneratedKinds(scaled(1000, 100));
