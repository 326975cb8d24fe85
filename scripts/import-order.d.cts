/** The large folders of src, each with its subfolders and files in the order of imports. */
export const contentOrder: Readonly<
  Record<"api" | "resources" | "verify" | "review", readonly string[]>
>;
