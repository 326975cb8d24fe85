import type { Attributes, DataKind } from "../kind";
import { textOrEmpty } from "../shape/attributes";
import { number, object, objects, optionalText, type Json } from "../shape/json";
import { cloudOf } from "./cloud";

/** The result if no node type matches: that of the official provider, so that both plan the same. */
const fallback = { aws: "i3.xlarge", azure: "Standard_D3_v2", gcp: "n1-standard-4" } as const;

interface NodeType {
  readonly id: string;
  readonly json: Json;
  readonly cores: number;
  readonly memoryMb: number;
  readonly gpus: number;
  readonly disks: number;
  readonly diskGb: number;
  readonly nvmeDisks: number;
  readonly nvmeGb: number;
}

function parseNodeType(json: Json): NodeType {
  const instance = object(json.node_instance_type);
  return {
    id: optionalText(json.node_type_id) ?? "",
    json,
    cores: Math.trunc(number(json.num_cores) ?? 0),
    memoryMb: number(json.memory_mb) ?? 0,
    gpus: number(json.num_gpus) ?? 0,
    disks: number(instance.local_disks) ?? 0,
    diskGb: number(instance.local_disk_size_gb) ?? 0,
    nvmeDisks: number(instance.local_nvme_disks) ?? 0,
    nvmeGb: number(instance.local_nvme_disk_size_gb) ?? 0,
  };
}

/**
 * Compares node types as the official provider does: deprecated ones are last; then by cores,
 * memory, local disks, GPUs and instance type, smallest first.
 */
function compareSize(a: NodeType, b: NodeType): number {
  const rank = (node: NodeType): readonly number[] => [
    node.json.is_deprecated === true ? 1 : 0,
    node.cores,
    node.memoryMb,
    node.disks,
    node.diskGb,
    node.nvmeDisks,
    node.nvmeGb,
    node.gpus,
  ];
  const [left, right] = [rank(a), rank(b)];
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  const [leftId, rightId] = [
    optionalText(a.json.instance_type_id) ?? "",
    optionalText(b.json.instance_type_id) ?? "",
  ];
  return leftId < rightId ? -1 : leftId > rightId ? 1 : 0;
}

function isAvailable(node: NodeType): boolean {
  const status = object(node.json.node_info).status;
  return (
    !Array.isArray(status) ||
    !status.some((code) => code === "NotEnabledOnSubscription" || code === "NotAvailableInRegion")
  );
}

function matchesFilters(node: NodeType, config: Attributes): boolean {
  const numberOf = (field: string): number =>
    typeof config[field] === "number" ? config[field] : 0;
  const isSet = (field: string): boolean => config[field] === true;
  const gb = Math.floor(node.memoryMb / 1024);
  if (!isAvailable(node)) return false;
  if (node.id.includes("-fleet.") !== isSet("fleet")) return false;
  if (gb < numberOf("min_memory_gb") || node.cores < numberOf("min_cores")) return false;
  if (
    numberOf("gb_per_core") > 0 &&
    Math.floor(gb / Math.max(node.cores, 1)) < numberOf("gb_per_core")
  )
    return false;
  if (numberOf("min_gpus") > 0 ? node.gpus < numberOf("min_gpus") : node.gpus > 0) return false;
  if (
    (isSet("local_disk") || numberOf("local_disk_min_size") > 0) &&
    node.disks < 1 &&
    node.nvmeDisks < 1
  )
    return false;
  if (
    numberOf("local_disk_min_size") > 0 &&
    node.diskGb < numberOf("local_disk_min_size") &&
    node.nvmeGb < numberOf("local_disk_min_size")
  )
    return false;
  const category = textOrEmpty(config, "category");
  if (
    category !== "" &&
    (optionalText(node.json.category) ?? "").toLowerCase() !== category.toLowerCase()
  )
    return false;
  const capabilities = [
    "is_io_cache_enabled",
    "support_port_forwarding",
    "photon_driver_capable",
    "photon_worker_capable",
  ];
  if (capabilities.some((field) => isSet(field) && node.json[field] !== true)) return false;
  return (node.json.is_graviton === true) === (isSet("graviton") || isSet("arm"));
}

export const nodeTypeData: DataKind = {
  type: "databricks_node_type",
  title: "node type",
  async read(api, config, context) {
    const response = object(
      await api.get("/api/2.1/clusters/list-node-types", { signal: context.signal }),
    );
    const nodes = objects(response.node_types).map(parseNodeType).sort(compareSize);
    return {
      ...config,
      id: nodes.find((node) => matchesFilters(node, config))?.id ?? fallback[cloudOf(api.host)],
    };
  },
};
