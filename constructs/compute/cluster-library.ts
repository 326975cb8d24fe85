import { LibraryResource, type Construct } from "../core/bindings";
import { Element } from "../core/element";
import { errorAt } from "../core/errors";
import type { IAllPurposeCluster } from "./all-purpose-cluster";
import type { Library } from "./library";

export interface ClusterLibraryProps {
  /** The cluster that gets the library. */
  readonly cluster: IAllPurposeCluster;
  /** The library to install. */
  readonly library: Library;
}

/**
 * A library on a cluster that is managed elsewhere. For a cluster of this stack, set `libraries`
 * instead. Terraform starts a stopped cluster to install or remove the library.
 *
 * @example
 * new ClusterLibrary(stack, "requests", {
 *   cluster: AllPurposeCluster.fromId("0923-164208-meows279"),
 *   library: Library.pypi("requests==2.31.0"),
 * });
 */
export class ClusterLibrary extends Element {
  /** @throws ConstructError LIBRARY_OF_TWO if this stack lists the libraries of the cluster */
  constructor(scope: Construct, id: string, props: ClusterLibraryProps) {
    super(scope, id);
    if (props.cluster.hasLibraries === true) {
      throw errorAt(
        this,
        "LIBRARY_OF_TWO",
        "the cluster of this stack has the prop `libraries`, and every plan would remove libraries that are not listed there",
        {
          value: props.library.toString(),
          fix: "add it to the `libraries` of the cluster",
        },
      );
    }
    const { pypi, maven, cran, ...file } = props.library.rendered;
    new LibraryResource(this, "Resource", {
      clusterId: props.cluster.renderClusterId(),
      ...file,
      pypi: pypi && [pypi],
      maven: maven && [maven],
      cran: cran && [cran],
    });
  }
}
