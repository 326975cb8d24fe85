/** The large rooms of src that have rooms inside, each with its places in the order of the data. */
export const inside: Readonly<Record<"api" | "resources" | "verify" | "review", readonly string[]>>;
