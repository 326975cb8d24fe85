import { describeGenerated } from "./generated";

// generated.long.test.ts has 1,000 plans, and plans of all kinds.
describeGenerated(50);
