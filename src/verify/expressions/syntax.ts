/** The syntax tree of an expression. */
export type Node =
  | { readonly is: "literal"; readonly value: string | number | boolean | null }
  | { readonly is: "template"; readonly parts: readonly Node[] }
  | { readonly is: "reference"; readonly root: string; readonly steps: readonly Node[] }
  | { readonly is: "index"; readonly base: Node; readonly steps: readonly Node[] }
  | {
      readonly is: "call";
      readonly name: string;
      readonly args: readonly Node[];
      readonly expand: boolean;
    }
  | { readonly is: "splat"; readonly base: Node; readonly steps: readonly Node[] }
  | ForNode
  | { readonly is: "list"; readonly items: readonly Node[] }
  | { readonly is: "object"; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly is: "unary"; readonly operator: string; readonly of: Node }
  | { readonly is: "binary"; readonly operator: string; readonly left: Node; readonly right: Node }
  | { readonly is: "conditional"; readonly test: Node; readonly yes: Node; readonly no: Node };

/**
 * `[for k, v in of : value if test]`, `{for k, v in of : as => value...}`, and
 * `%{ for k, v in of }value%{ endfor }`.
 */
export interface ForNode {
  readonly is: "for";
  readonly result: "list" | "object" | "text";
  readonly key: string | undefined;
  readonly name: string;
  readonly of: Node;
  readonly as: Node | undefined;
  readonly value: Node;
  readonly isGrouped: boolean;
  readonly test: Node | undefined;
}
