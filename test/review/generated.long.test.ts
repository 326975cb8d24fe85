import { scaled } from "../support/scale";
import { describeGenerated } from "./generated";

describeGenerated(scaled(1000, 100));
