import { describeGenerated } from "./generated";

describeGenerated(1000);
